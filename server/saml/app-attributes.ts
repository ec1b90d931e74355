import { Problem } from '../errors.ts'
import type { SamlAppConfig } from './app-config.ts'
import type { AppStatement } from './aws-attributes.ts'
import { NAME_ID_FORMAT } from './names.ts'

/** One field of a person as the directory keeps it. A list becomes several values, nothing becomes none. */
export type FieldValue = string | number | readonly (string | number)[] | null | undefined

/** A person as an app may see them: the sendable fields, and the custom attributes apart. */
export interface SamlPerson extends Readonly<
  Record<string, FieldValue | Readonly<Record<string, FieldValue>>>
> {
  readonly id: number
  readonly custom_attributes: Readonly<Record<string, FieldValue>>
}

const FORMAT: Record<SamlAppConfig['name_id'], string> = {
  email: NAME_ID_FORMAT.email,
  username: NAME_ID_FORMAT.unspecified,
  id: NAME_ID_FORMAT.persistent,
  external_id: NAME_ID_FORMAT.persistent,
}

/**
 * What an ordinary SAML app is told of a person.
 *
 * `acsUrl` is the registered address that the AuthnRequest chose; without one the first registered is used. Refuses
 * when the person lacks the field that the app knows people by: a made-up name could be somebody else's.
 */
export function samlStatement(person: SamlPerson, app: SamlAppConfig, acsUrl?: string): AppStatement {
  const [name, ...more] = fieldValues(person, app.name_id)
  if (name === undefined || more.length > 0) {
    throw new Problem('invalid_request', { fields: { name_id: `The person has no ${app.name_id}` } })
  }
  return {
    recipient: acsUrl ?? app.acs_urls[0]!,
    audience: app.entity_id,
    nameId: { value: name, format: FORMAT[app.name_id] },
    attributes: Object.entries(app.attributes)
      .map(([samlName, field]) => ({ name: samlName, values: fieldValues(person, field) }))
      .filter(({ values }) => values.length > 0),
  }
}

function fieldValues(person: SamlPerson, field: string): string[] {
  const custom = /^custom_attributes\.(.+)$/.exec(field)?.[1]
  const value = custom === undefined ? own(person, field) : own(person.custom_attributes, custom)
  if (value === null || value === undefined || value === '') return []
  if (typeof value === 'string' || typeof value === 'number') return [String(value)]
  return Array.isArray(value) ? value.map(String) : []
}

/** Reads what the object itself has: `constructor` is no field of a person. */
const own = (record: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(record, key) ? record[key] : undefined
