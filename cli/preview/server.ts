import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname } from 'node:path'
import type { Brand } from '../../server/branding/brand.ts'
import { brandSheet, customSheet } from '../../server/branding/brand-css.ts'
import { contentSecurityPolicy } from '../../server/http/headers.ts'
import { choiceOf, indexView, type Choice } from './index-view.ts'
import { LETTERS } from './letters.ts'
import { assetFile, renderLetter, renderState, views, withPictures } from './render.ts'
import { inScheme } from './scheme.ts'
import { STATES } from './states.ts'

interface PreviewOptions {
  brands: readonly Brand[]
  /** 0: any that is free. */
  port?: number
  /** Where a company keeps its pictures. */
  pictureFolder?: string
  /** Whether the page that posts itself to another site does so. */
  posts?: boolean
}

interface Shown {
  body: string | Buffer
  type: string
  policy?: string
}

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
}
const HTML = 'text/html; charset=utf-8'
const TEXT = 'text/plain; charset=utf-8'
const NOWHERE = 'This leads out of the page, and the preview has nothing there.\n'

/** The policy of the real server, but that the index may frame the page. */
const policyOf = (formAction?: string): string =>
  contentSecurityPolicy(formAction).replace("frame-ancestors 'none'", "frame-ancestors 'self'")
const INDEX_POLICY = `${policyOf()}; frame-src 'self'`
/** Letters carry their style in them, as programs for mail need it. */
const LETTER_POLICY = policyOf().replace("style-src 'self'", "style-src 'unsafe-inline'")

/** Shows every page in every state and every letter on this machine, with the real templates, styles and policy. */
export async function startPreview(
  options: PreviewOptions,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const brands = options.brands.map((brand) => withPictures(brand, options.pictureFolder))
  const server = createServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://localhost')
    const byScript = req.headers['sec-fetch-dest'] === 'empty'
    if (req.method === 'POST' || byScript) return void res.writeHead(204).end() // the page stays as it is
    shownAt(url, brands, options)
      .then((shown) => reply(res, shown ? 200 : 404, shown ?? { body: NOWHERE, type: TEXT }))
      .catch((error: unknown) => reply(res, 500, { body: String(error), type: TEXT }))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop }
}

function reply(res: ServerResponse, status: number, { body, type, policy = policyOf() }: Shown): void {
  res.setHeader('Content-Security-Policy', policy)
  res.setHeader('X-Content-Type-Options', 'nosniff')
  res.setHeader('Cache-Control', 'no-store')
  res.setHeader('Content-Type', type)
  res.writeHead(status).end(body)
}

async function shownAt(
  url: URL,
  brands: readonly Brand[],
  options: PreviewOptions,
): Promise<Shown | undefined> {
  const choice = choiceOf(url.searchParams, brands)
  const [, root, name = '', ...rest] = url.pathname.split('/')
  switch (root ?? '') {
    case '':
      return {
        body: views.render('preview/index.njk', indexView(choice, brands)),
        type: HTML,
        policy: INDEX_POLICY,
      }
    case 'brand':
      return sheetAt(url.pathname, brands, choice)
    case 'static':
      return fileAt([name, ...rest].join('/'), options, choice)
    case 'pages': {
      const brand = brands.find((known) => known.name === name)
      return brand && pageAt(rest, brand, choice)
    }
    default:
      return undefined
  }
}

function sheetAt(path: string, brands: readonly Brand[], { scheme }: Choice): Shown | undefined {
  const sheets = brands.flatMap((brand) => [brandSheet(brand), customSheet(brand) ?? []].flat())
  const sheet = sheets.find((known) => known.path === path)
  return sheet && { body: inScheme(sheet.css, scheme), type: TYPES['.css']! }
}

async function fileAt(name: string, options: PreviewOptions, { scheme }: Choice): Promise<Shown | undefined> {
  const file = assetFile(name, options.pictureFolder)
  const type = TYPES[extname(name)]
  if (file === undefined || type === undefined) return undefined
  if (name === 'js/auto-post.js' && !options.posts) return { body: '', type }
  const bytes = await readFile(file)
  return { body: extname(name) === '.css' ? inScheme(bytes.toString(), scheme) : bytes, type }
}

function pageAt([name = '', letter]: string[], brand: Brand, { locale, scheme }: Choice): Shown | undefined {
  if (letter !== undefined) return letterAt(letter, brand, { locale, scheme })
  const state = STATES.find((known) => known.name === name)
  if (!state) return undefined
  const body = inScheme(renderState(name, brand, undefined, locale), scheme)
  return { body, type: HTML, policy: policyOf(state.formAction) }
}

function letterAt(file: string, brand: Brand, { locale, scheme }: Pick<Choice, 'locale' | 'scheme'>) {
  const [, name = '', form] = /^([a-z-]+)\.(html|txt)$/.exec(file) ?? []
  if (!Object.hasOwn(LETTERS, name)) return undefined
  const { subject, html = '', text } = renderLetter(name, brand, locale)
  return form === 'txt'
    ? { body: `${subject}\n\n${text}`, type: TEXT }
    : { body: inScheme(html, scheme), type: HTML, policy: LETTER_POLICY }
}
