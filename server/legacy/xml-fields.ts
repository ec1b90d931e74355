import type { Reply } from '../http/reply.ts'
import { element, shownText, type Xml } from '../saml/xml.ts'

export type FieldValue = string | number | null

/** `<name>value</name>`; nothing is told apart from an empty text. */
export const field = (name: string, value: FieldValue): Xml =>
  value === null ? element(name, { nil: 'true' }) : element(name, {}, shownText(String(value)))

/** `2015-01-21T09:20:15+00:00`: these resources tell times with their offset. */
export const offsetTime = (ms: number | null): string | null =>
  ms === null ? null : `${new Date(ms).toISOString().slice(0, 19)}+00:00`

/** `<users type="array">`. */
export const listOf = (name: string, items: readonly Xml[]): Xml => element(name, { type: 'array' }, ...items)

export const xmlReply = (body: Xml | '', status = 200): Reply => ({ body, type: 'application/xml', status })
/** How a change that was made is answered. */
export const NOTHING = xmlReply('')
