import { createRequire } from 'node:module'
import type { Element } from '@xmldom/xmldom'

const require = createRequire(import.meta.url)
/** Read with the first document: a start does not wait for it. */
const xmldom = () => require('@xmldom/xmldom') as typeof import('@xmldom/xmldom')

/** Why a document is refused: safe to tell, it quotes nothing of the document. */
export class XmlRefused extends Error {
  override readonly name = 'XmlRefused'
}

// Far above what any caller of ours sends; below what makes a parser slow.
const MAX_TAGS = 1000
const MAX_ATTRIBUTES = 1000
const MAX_DEPTH = 64

/**
 * Parses a document from outside and gives its root element.
 *
 * What one reader may see differently from another is refused before it is parsed: DTD, entity, comment, CDATA,
 * processing instruction. A literal `<` starts nothing else in XML than these and elements, so two signs find them all.
 *
 * @throws XmlRefused
 */
export function readXml(document: string): Element {
  const body = document.replace(
    /^<\?xml version=(["'])1\.[01]\1( encoding=(["'])utf-8\3)?( standalone=(["'])(yes|no)\5)?\s*\?>/i,
    '',
  )
  if (/<[!?]/.test(body)) throw new XmlRefused('holds more than elements')
  if (/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u.test(body))
    throw new XmlRefused('holds a character that XML does not allow')
  if (/&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)/.test(body))
    throw new XmlRefused('holds an unknown entity')
  if (occursMoreThan(MAX_TAGS, '<', body) || occursMoreThan(MAX_ATTRIBUTES, '=', body))
    throw new XmlRefused('has too many elements')
  const root = parseStrictly(body.trim())
  refuseDeep(root)
  return root
}

const occursMoreThan = (limit: number, sign: string, body: string) =>
  body.split(sign, limit + 2).length > limit + 1

function parseStrictly(body: string): Element {
  const onError = () => {
    throw new XmlRefused('is not well-formed')
  }
  try {
    const { DOMParser } = xmldom()
    const document = new DOMParser({ onError }).parseFromString(body, 'text/xml')
    if (document.documentElement && document.childNodes.length === 1) return document.documentElement
  } catch {
    // The parser wraps what onError throws, and quotes the document in it.
  }
  throw new XmlRefused('is not well-formed')
}

function refuseDeep(root: Element): void {
  let level = [root]
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw new XmlRefused('is nested too deep')
    level = level.flatMap(childElements)
  }
}

/** The elements directly below `parent`, in order. */
export const childElements = (parent: Element): Element[] =>
  Array.from(parent.childNodes).filter((node): node is Element => node.nodeType === node.ELEMENT_NODE)
