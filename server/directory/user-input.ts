/** What programs may say about a person, in OneLogin's words. */
import { Problem } from '../errors.ts'
import { isStorable } from '../http/api-input.ts'
import type { UserChange } from './user-record.ts'
import { USER_STATE } from './user.ts'

/** Attributes that can be set. A `name` that is not there is empty, a `text` is null. */
type Kind = 'name' | 'text' | 'number' | 'count'
export interface Settable {
  column: Exclude<keyof UserChange, 'customAttributes'>
  kind: Kind
  max?: number
}

export const SETTABLE: Readonly<Record<string, Settable>> = {
  firstname: { column: 'firstname', kind: 'name' },
  lastname: { column: 'lastname', kind: 'name' },
  email: { column: 'email', kind: 'name', max: 254 },
  username: { column: 'username', kind: 'name' },
  company: { column: 'company', kind: 'text' },
  department: { column: 'department', kind: 'text' },
  directory_id: { column: 'directoryId', kind: 'number' },
  distinguished_name: { column: 'distinguishedName', kind: 'text', max: 2048 },
  external_id: { column: 'externalId', kind: 'text' },
  group_id: { column: 'groupId', kind: 'number' },
  invalid_login_attempts: { column: 'invalidLoginAttempts', kind: 'count' },
  locale_code: { column: 'localeCode', kind: 'text' },
  manager_ad_id: { column: 'managerAdId', kind: 'text' },
  manager_user_id: { column: 'managerUserId', kind: 'number' },
  member_of: { column: 'memberOf', kind: 'text', max: 50_000 },
  notes: { column: 'comment', kind: 'text', max: 10_000 },
  comment: { column: 'comment', kind: 'text', max: 10_000 },
  openid_name: { column: 'openidName', kind: 'text' },
  phone: { column: 'phone', kind: 'text' },
  samaccountname: { column: 'samaccountname', kind: 'text' },
  title: { column: 'title', kind: 'text' },
  userprincipalname: { column: 'userprincipalname', kind: 'text' },
}

/** The rest of the resource: SDKs send back all that they hold of a person. What cannot be set is passed over. */
export const PASSED_OVER: ReadonlySet<string> = new Set([
  'id',
  'activated_at',
  'created_at',
  'updated_at',
  'last_login',
  'invitation_sent_at',
  'locked_until',
  'password_changed_at',
  'preferred_locale_code',
  'role_id',
  'status',
  'trusted_idp_id',
])

export const MAX_TEXT = 255
const MAX_ATTRIBUTE = 10_000

const refused = (attribute: string, description: string) =>
  new Problem('invalid_request', { fields: { [attribute]: description } })
export const wrongType = (name: string, type: string) =>
  refused(name, `${name} has incorrect data type. It should be -> ${type}`)

/** The body of a call as its own keys; a list or a text is none. */
export type Body = Readonly<Record<string, unknown>>

export function requiredAttribute(name: string, verb: 'post' | 'put'): Problem {
  const message = `${name} is an required attribute for ${verb} request for user`
  return new Problem('invalid_request', { message })
}

function readText(name: string, value: unknown, max: number): string {
  // A manager's id of a directory may be a number there; here it is text.
  const text = name === 'manager_ad_id' && typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string') throw wrongType(name, 'string')
  if (!isStorable(text)) throw refused(name, `${name} has characters that are not allowed`)
  if (text.length > max) throw refused(name, `${name} is too long. It may have ${max} characters`)
  return text
}

/** A whole number, which some clients send as text; `null` when there is none. */
export function readInteger(name: string, value: unknown): number | null {
  if (value === null || value === '') return null
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text === 'string' && /^\d{1,15}$/.test(text)) return Number(text)
  throw wrongType(name, 'integer')
}

function readValue(name: string, { kind, max = MAX_TEXT }: Settable, value: unknown): string | number | null {
  switch (kind) {
    case 'name':
      return value === null ? '' : readText(name, value, max)
    case 'text':
      return value === null || value === '' ? null : readText(name, value, max)
    case 'number':
      return readInteger(name, value)
    case 'count':
      return Math.min(readInteger(name, value) ?? 0, 1_000_000)
  }
}

/** `custom_attributes` of a body: names that the account defines, with text. Empty text takes one away. */
export function readCustomAttributes(value: unknown, defined: readonly string[]): Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrongType('custom_attributes', 'object')
  const entries = Object.entries<unknown>(value as Body)
  if (entries.some(([name]) => !defined.includes(name))) {
    const names = defined.map((name) => `${name} `).join('')
    const message = `input custom_attributes is not valid. Valid custom_attributes -> [${names}]`
    throw new Problem('invalid_request', { message })
  }
  return Object.fromEntries(
    entries.map(([name, given]) => {
      const scalar = typeof given === 'number' || typeof given === 'boolean' ? String(given) : (given ?? '')
      return [name, readText(name, scalar, MAX_ATTRIBUTE)]
    }),
  )
}

/** A state by its number. @throws Problem `state is invalid` for one that there is not */
export function readState(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType('state', 'integer')
  const states: number[] = Object.values(USER_STATE)
  if (!states.includes(value)) throw new Problem('invalid_request', { message: 'state is invalid' })
  return value
}

/**
 * What a body changes about a person. Keys that the resource has and nobody can set are passed over, every other one
 * is refused; `__proto__` is just another key nobody knows.
 */
export function readUserBody(body: Body, verb: 'post' | 'put', defined: readonly string[]): UserChange {
  const change: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(body)) {
    const settable = Object.hasOwn(SETTABLE, name) ? SETTABLE[name] : undefined
    if (settable) {
      if (name === 'notes' && body.comment !== undefined) continue
      change[settable.column] = readValue(name, settable, value)
    } else if (name === 'custom_attributes') {
      if (value !== null) change.customAttributes = readCustomAttributes(value, defined)
    } else if (name === 'state') {
      if (verb === 'put' && value !== null) change.state = readState(value)
    } else if (!PASSED_OVER.has(name)) {
      const shown = name.slice(0, 64)
      throw refused(shown, `${shown} is not a valid attribute for user model`)
    }
  }
  return change
}
