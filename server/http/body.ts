import { isUtf8 } from 'node:buffer'
import { raw, type Request, type Response } from 'express'
import { Problem } from '../errors.ts'
import { parseXml } from './xml-body.ts'

const LIMIT = 100 * 1024
type Reader = (req: Request, res: Response, done: (error?: unknown) => void) => void
// The parser's types are those of Node's own requests.
const readRaw = raw({ type: () => true, limit: LIMIT, inflate: false }) as unknown as Reader

/** How a body may be written. */
export type BodyKind = 'json' | 'form' | 'xml'

const PARSERS: Record<BodyKind, (text: string) => unknown> = {
  json: parseJson,
  form: parseForm,
  xml: parseXml,
}

const MEDIA_TYPES: Readonly<Record<string, BodyKind>> = {
  'application/json': 'json',
  'application/x-www-form-urlencoded': 'form',
  'application/xml': 'xml',
  'text/xml': 'xml',
}

/** The bytes of a body, once; empty when there is none. @throws Problem `payload_too_large`, `invalid_content_type` */
function bytesOf(req: Request, res: Response): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    readRaw(req, res, (error?: unknown) => {
      const body = req.body as unknown
      if (!error) return resolve(Buffer.isBuffer(body) ? body : Buffer.alloc(0))
      const { type } = error as { type?: string }
      const code = type === 'entity.too.large' ? 'payload_too_large' : 'invalid_content_type'
      return reject(new Problem(type === 'request.aborted' ? 'invalid_json' : code, { cause: error }))
    })
  })
}

/** Reads a body in one of the kinds that are allowed. Nothing at all reads as an object without keys. */
export async function readBody(req: Request, res: Response, kinds: readonly BodyKind[]): Promise<unknown> {
  const bytes = await bytesOf(req, res)
  if (bytes.length === 0) return {}
  const kind = kindOf(req.headers['content-type'] ?? '')
  if (!kind || !kinds.includes(kind)) throw new Problem('invalid_content_type')
  if (!isUtf8(bytes)) throw new Problem('invalid_json')
  return PARSERS[kind](bytes.toString('utf8'))
}

/** By media type alone, whatever its case; a charset other than UTF-8 is refused. */
function kindOf(contentType: string): BodyKind | undefined {
  const [mediaType = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase())
  const charset = parameters
    .find((p) => p.startsWith('charset='))
    ?.slice('charset='.length)
    .replaceAll('"', '')
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') return undefined
  return Object.hasOwn(MEDIA_TYPES, mediaType) ? MEDIA_TYPES[mediaType] : undefined
}

/** An object, or a list where an endpoint takes one. */
function parseJson(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Problem('invalid_json')
  }
  if (typeof value !== 'object' || value === null) throw new Problem('invalid_json')
  return value
}

/** A field that comes twice becomes a list, which no schema takes for text: neither of the two wins in silence. */
function parseForm(text: string): Record<string, string | string[]> {
  const form: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>
  for (const [name, value] of new URLSearchParams(text)) {
    const before = form[name]
    form[name] = before === undefined ? value : [before, value].flat()
  }
  return form
}
