import type { Element } from '@xmldom/xmldom'
import { childElements, readXml, XmlRefused } from '../platform/xml-document.ts'
import { refusedSaml } from './request-encoding.ts'

export { childElements }

/** Parses a message from outside and gives its root element; whatever two readers may see differently is refused. */
export function parseSamlDocument(message: string): Element {
  const root = readMessage(message)
  refuseRepeatedIds(root)
  return root
}

function readMessage(message: string): Element {
  try {
    return readXml(message)
  } catch (error) {
    if (error instanceof XmlRefused) throw refusedSaml(`The message ${error.message}`)
    throw error
  }
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
