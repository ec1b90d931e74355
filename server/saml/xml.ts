import { Problem } from '../errors.ts'

declare const markup: unique symbol

/** Markup in exclusive canonical form. Only this file makes it, so nothing unescaped can get in. */
export type Xml = string & { readonly [markup]: true }

/** Attributes by name; those that are `undefined` are left out. `xmlns:…` belongs where the prefix is first used. */
export type XmlAttributes = Readonly<Record<string, string | undefined>>

// XML 1.0 section 2.2, Char. With the `u` flag a lone surrogate is a character of its own and is caught too.
const NOT_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u

// Canonical XML 1.0 section 2.3: what a text node and an attribute value escape, and nothing else.
const TEXT_ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' }
const ATTRIBUTE_ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
}

const NOT_XML_ANYWHERE = new RegExp(NOT_XML, 'gu')

/** What most values are made of, and nothing has to escape: one quick look instead of three. */
const PLAIN = /^[\x20\x21\x23-\x25\x27-\x3b\x3d\x3f-\x7e]*$/

function mustBeXml(value: string): void {
  if (NOT_XML.test(value)) {
    throw new Problem('invalid_request', { message: 'A value holds a character that XML does not allow' })
  }
}

/** A text node. Refuses characters that XML 1.0 cannot carry, even escaped. */
export function text(value: string): Xml {
  if (PLAIN.test(value)) return value as Xml
  mustBeXml(value)
  return value.replace(/[&<>\r]/g, (c) => TEXT_ESCAPES[c]!) as Xml
}

/** A text node of a value that is only shown: what XML cannot carry becomes a blank. */
export const shownText = (value: string): Xml => text(value.replace(NOT_XML_ANYWHERE, ' '))

/** Several pieces of markup one after the other. */
export const join = (pieces: readonly Xml[]): Xml => pieces.reduce((all, piece) => all + piece, '') as Xml

/** One element, its attributes in canonical order: namespace declarations first, then by name. */
export function element(name: string, attributes: XmlAttributes, ...content: readonly Xml[]): Xml {
  const names = Object.keys(attributes)
  if (names.length > 1) names.sort(canonicalOrder)
  let written = `<${name}`
  for (const key of names) written += attribute(key, attributes[key])
  // Added up and not joined: V8 then copies the text once, in the end, and not at every element around it.
  return `${written}>${join(content)}</${name}>` as Xml
}

function attribute(name: string, value: string | undefined): string {
  if (value === undefined) return ''
  if (PLAIN.test(value)) return ` ${name}="${value}"`
  mustBeXml(value)
  return ` ${name}="${value.replace(/[&<"\t\n\r]/g, (c) => ATTRIBUTE_ESCAPES[c]!)}"`
}

function canonicalOrder(a: string, b: string): number {
  const byKind = Number(b.startsWith('xmlns')) - Number(a.startsWith('xmlns'))
  return byKind || (a < b ? -1 : 1)
}
