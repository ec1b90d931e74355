import type { Element } from '@xmldom/xmldom'
import { Problem } from '../errors.ts'
import { childElements, readXml, XmlRefused } from '../platform/xml-document.ts'

/** `<user><group-id>7</group-id></user>` as `{ user: { group_id: '7' } }`. @throws Problem `invalid_request` */
export function parseXml(text: string): Record<string, unknown> {
  try {
    const root = readXml(text.replace(/^\uFEFF/, ''))
    return { [root.tagName]: fieldsOf(root) }
  } catch (error) {
    if (!(error instanceof XmlRefused)) throw error
    throw new Problem('invalid_request', { message: `The XML document ${error.message}` })
  }
}

/** Custom attributes have names of the account's own, which stay as they are. */
const nameOf = ({ tagName }: Element): string =>
  tagName.startsWith('custom_attribute_') ? tagName : tagName.replaceAll('-', '_')

function fieldsOf(element: Element): Record<string, unknown> {
  const fields = Object.create(null) as Record<string, unknown>
  for (const child of childElements(element)) {
    const name = nameOf(child)
    if (name in fields) throw new XmlRefused('repeats an element') // neither of the two wins in silence
    fields[name] = valueOf(child)
  }
  return fields
}

/** Text, nothing, or a list of what the element holds. */
function valueOf(element: Element): unknown {
  const items = childElements(element)
  if (items.length > 0)
    return items.map((item) => (childElements(item).length > 0 ? fieldsOf(item) : valueOf(item)))
  if (element.getAttribute('nil') === 'true') return null
  return element.textContent ?? ''
}
