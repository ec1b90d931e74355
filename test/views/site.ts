import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Brand } from '../../server/branding/brand.ts'
import { brandSheet } from '../../server/branding/brand-css.ts'
import { knownLanguage, type LanguageCode } from '../../server/language/language.ts'
import { createViews } from '../../server/http/views.ts'
import { BRANDS, STATES, pageFacts } from './states.ts'

/** The checkout: we run from `test/views/`, or from `dist/test/views/` when built. */
const root = new URL(import.meta.url.endsWith('.ts') ? '../../' : '../../../', import.meta.url)
const path = (folder: string) => fileURLToPath(new URL(`${folder}/`, root))
const STATIC = path('static')

/** The header the real server sends, so that nothing passes here that a browser would block there. */
const contentSecurityPolicy = (formAction: string): string =>
  [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    `form-action ${formAction}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

const TYPES: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
}

/** The views of the checkout, with assets at `/static/`. */
export const views = createViews({ root: path('views'), asset: (name) => `/static/${name}` })

/** One page in one state as HTML. */
export function renderState(
  name: string,
  brand: Brand,
  text?: (usual: string) => string,
  code?: LanguageCode,
): string {
  const state = STATES.find((s) => s.name === name)
  if (!state) throw new Error(`no such state: ${name}`)
  return views.render(state.template, state.view(pageFacts(brand, code), text))
}

/** Serves `/<brand>/<state>?locale=` with the real headers, the brands' sheets and the static files. */
export async function startSite(extra: Brand[] = []): Promise<{ url: string; stop: () => void }> {
  const brands = [...BRANDS, ...extra]
  const server: Server = createServer(async (req, res) => {
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://localhost')
    const locale = knownLanguage(searchParams.get('locale'))
    const sheet = brands.map(brandSheet).find((s) => s.path === pathname)
    const [, brandName, state = ''] = pathname.split('/')
    const brand = brands.find((b) => b.name === brandName)
    const formAction = state === 'saml-post' ? 'https://sp.example.test' : "'self'"
    res.setHeader('Content-Security-Policy', contentSecurityPolicy(formAction))
    try {
      if (req.method === 'POST') res.writeHead(204).end()
      else if (sheet) res.setHeader('Content-Type', TYPES.css!).end(sheet.css)
      else if (brand) {
        const html = renderState(state, brand, undefined, locale)
        res.setHeader('Content-Type', 'text/html; charset=utf-8').end(html)
      } else if (pathname.startsWith('/static/')) {
        res.setHeader('Content-Type', TYPES[pathname.split('.').at(-1)!]!)
        res.end(await readFile(STATIC + pathname.slice('/static/'.length)))
      } else res.writeHead(404).end()
    } catch (error) {
      res.writeHead(500).end(String(error))
    }
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => server.close() }
}
