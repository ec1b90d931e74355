import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { Router, type RequestHandler } from 'express'
import { onlyFor } from './surface.ts'

interface Asset {
  bytes: Buffer
  type: string
}

/** The files of `static/`, each under an address that holds a digest of its content. */
export interface Assets {
  /** `css/doorward.css` -> `/static/css/doorward.<digest>.css`. @throws when there is no such file */
  href(name: string): string
  /** Whether there is such a file. */
  has(name: string): boolean
  router: RequestHandler
}

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}
/** An SVG of a customer is a picture, never a document with scripts. */
const PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

function filesIn(folder: string, prefix = ''): [name: string, path: string][] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => extname(name) in TYPES)
    .map((name): [string, string] => [prefix + name, join(folder, name)])
    .filter(([, path]) => statSync(path, { throwIfNoEntry: false })?.isFile())
}

/**
 * Reads every asset once, at start: `static/`, and a company's own pictures in `DATA_DIR/brand`, which win.
 * An address names a file by its digest, so it may be cached for ever, and no request reaches the disk.
 */
export function loadAssets(folders: { static: string; brand: string }): Assets {
  const served = new Map<string, Asset>()
  const hrefs = new Map<string, string>()
  for (const [name, path] of [...filesIn(folders.static), ...filesIn(folders.brand, 'brand/')]) {
    const bytes = readFileSync(path)
    const extension = extname(name)
    const digest = createHash('sha256').update(bytes).digest('base64url').slice(0, 12)
    const address = `${name.slice(0, -extension.length)}.${digest}${extension}`
    served.set(address, { bytes, type: TYPES[extension]! })
    hrefs.set(name, `/static/${address}`)
  }
  const router = Router()
  router.get('/static/*name', (req, res, next) => {
    const asset = served.get(([] as string[]).concat(req.params.name).join('/'))
    if (!asset) return next()
    res.setHeader('Cache-Control', 'public, max-age=31536000, immutable')
    res.setHeader('Content-Security-Policy', PICTURE_POLICY)
    res.setHeader('Content-Type', asset.type)
    res.end(asset.bytes)
  })
  return {
    router: onlyFor(/^\/static\//i, router),
    has: (name) => hrefs.has(name),
    href(name) {
      const href = hrefs.get(name)
      if (href === undefined) throw new Error(`There is no asset ${name}`)
      return href
    },
  }
}
