import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Router, type RequestHandler } from 'express'
import { onlyFor } from './surface.ts'

const { resolve } = createRequire(import.meta.url)
const LIBRARY = 'swagger-ui-dist'
const FILES = {
  script: { file: 'swagger-ui-bundle.js', type: 'text/javascript; charset=utf-8' },
  style: { file: 'swagger-ui.css', type: 'text/css; charset=utf-8' },
} as const
type Kind = keyof typeof FILES

/** Where a page finds the files of the library that it shows. */
export type LibraryAddresses = Record<Kind, string>

export interface LibraryFiles {
  addresses(): Promise<LibraryAddresses>
  router: RequestHandler
}

/** Pictures inside of a stylesheet, which our Content-Security-Policy does not load. */
const INNER_PICTURES = /url\("data:(?:[^"\\]|\\.)*"\)|url\(data:[^)]*\)/g

/**
 * The files of Swagger UI from `node_modules`, read when they are asked for, so that neither start nor memory has to
 * do with two megabytes that few people want. Their address holds the library's version: they may be kept for ever.
 */
export function libraryFiles(): LibraryFiles {
  const manifest = resolve(`${LIBRARY}/package.json`)
  const version = async () => (JSON.parse(await readFile(manifest, 'utf8')) as { version: string }).version
  const addressOf = (kind: Kind, of: string) => `/docs/${of}.${FILES[kind].file}`
  async function bytesOf(kind: Kind): Promise<string | Buffer> {
    const path = join(dirname(manifest), FILES[kind].file)
    return kind === 'script' ? readFile(path) : (await readFile(path, 'utf8')).replace(INNER_PICTURES, 'none')
  }
  const addresses = async (): Promise<LibraryAddresses> => {
    const of = await version()
    return { script: addressOf('script', of), style: addressOf('style', of) }
  }
  const router = Router()
  router.get('/docs/:file', async (req, res, next) => {
    const known = Object.entries(await addresses()).find(([, address]) => address === req.path)
    if (!known) return next()
    const kind = known[0] as Kind
    res.setHeader('Cache-Control', 'public, max-age=31536000, immutable')
    res.setHeader('Content-Type', FILES[kind].type)
    res.end(await bytesOf(kind))
  })
  return { addresses, router: onlyFor(/^\/docs\//i, router) }
}
