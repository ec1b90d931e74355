import { createRequire } from 'node:module'
import type { Element } from '@xmldom/xmldom'
import { refusedSaml } from './request-encoding.ts'

// Far above what a service provider sends; below what makes a parser slow.
const MAX_TAGS = 1000
const MAX_ATTRIBUTES = 1000

const require = createRequire(import.meta.url)
/** Read with the first message: a start does not wait for it. */
const xmldom = () => require('@xmldom/xmldom') as typeof import('@xmldom/xmldom')

/**
 * Parses a message from outside and gives its root element.
 *
 * What one reader may see differently from another is refused before it is parsed: DTD, entity, comment, CDATA,
 * processing instruction. A literal `<` starts nothing else in XML than these and elements, so two signs find them all.
 */
export function parseSamlDocument(message: string): Element {
  const body = message.replace(
    /^<\?xml version="1\.[01]"( encoding="utf-8")?( standalone="(yes|no)")?\s*\?>/i,
    '',
  )
  if (/<[!?]/.test(body)) throw refusedSaml('The message holds more than elements')
  if (/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u.test(body)) {
    throw refusedSaml('The message holds a character that XML does not allow')
  }
  if (/&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)/.test(body)) {
    throw refusedSaml('The message holds an unknown entity')
  }
  if (occursMoreThan(MAX_TAGS, '<', body) || occursMoreThan(MAX_ATTRIBUTES, '=', body)) {
    throw refusedSaml('The message has too many elements')
  }
  const root = parseStrictly(body.trim())
  refuseRepeatedIds(root)
  return root
}

const occursMoreThan = (limit: number, sign: string, body: string) =>
  body.split(sign, limit + 2).length > limit + 1

function parseStrictly(body: string): Element {
  const onError = (level: string) => {
    throw refusedSaml(`The message is not well-formed (${level})`)
  }
  try {
    const { DOMParser } = xmldom()
    const document = new DOMParser({ onError }).parseFromString(body, 'text/xml')
    if (document.documentElement && document.childNodes.length === 1) return document.documentElement
  } catch {
    // The parser wraps what onError throws, and quotes the message in it.
  }
  throw refusedSaml('The message is not well-formed')
}

/** Two elements with one ID let a signature cover one of them and a reader take the other. */
function refuseRepeatedIds(root: Element): void {
  const seen = new Set<string>()
  const open = [root]
  for (let node = open.pop(); node; node = open.pop()) {
    for (const { localName, value } of Array.from(node.attributes)) {
      if (localName?.toLowerCase() !== 'id') continue
      if (seen.has(value)) throw refusedSaml('The message repeats an ID')
      seen.add(value)
    }
    open.push(...childElements(node))
  }
}

/** The elements directly below `parent`, in order. */
export const childElements = (parent: Element): Element[] =>
  Array.from(parent.childNodes).filter((node): node is Element => node.nodeType === node.ELEMENT_NODE)

/** An attribute without a namespace; `undefined` when it is not there. */
export const attributeOf = (of: Element, name: string): string | undefined =>
  of.getAttributeNodeNS(null, name)?.value

/** The only child with this name. Refuses a second one, and one that holds elements instead of text. */
export function onlyTextChild(parent: Element, namespace: string, name: string): string | undefined {
  const found = childElements(parent).filter((c) => c.namespaceURI === namespace && c.localName === name)
  if (found.length > 1) throw refusedSaml(`The message has more than one ${name}`)
  if (found[0] && childElements(found[0]).length > 0) throw refusedSaml(`The ${name} is not a text`)
  return found[0]?.textContent?.trim()
}
