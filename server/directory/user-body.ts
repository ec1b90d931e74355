/** The bodies that change people. What they may hold is read in the directory; `meta` tells it to the API's document. */
import { z } from 'zod'
import { MAX_TEXT, PASSED_OVER, SETTABLE, type Body, type Settable } from './user-input.ts'
import { meanings } from './user-schema.ts'
import { USER_STATE } from './user.ts'

/** A body as its own keys: who reads it says which of them are known. */
export const anyBody = z.custom<Body>((value) => typeof value === 'object' && value !== null)

type Schema = Record<string, unknown>

const of = (properties: Schema, required: readonly string[]) =>
  anyBody.meta({ type: 'object', properties, required: [...required] })

const attribute = ({ kind, max }: Settable): Schema =>
  kind === 'name' || kind === 'text'
    ? { type: ['string', 'null'], maxLength: max ?? MAX_TEXT }
    : { type: ['integer', 'null'], minimum: 0 }

const customAttributes: Schema = {
  type: 'object',
  additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
  description: 'Short names that the account has, with text. Empty text takes one away.',
}
const state: Schema = { type: 'integer', enum: Object.values(USER_STATE) }

const attributes: Schema = {
  ...Object.fromEntries(Object.entries(SETTABLE).map(([name, settable]) => [name, attribute(settable)])),
  custom_attributes: customAttributes,
}
const PASSED = `Other attributes of the resource (${[...PASSED_OVER].join(', ')}) may be sent and are passed over.`

/** A new person. */
export const newUser = of(attributes, ['firstname', 'lastname']).describe(PASSED)
/** What of a person is to change. */
export const changedUser = of({ ...attributes, state }, []).describe(PASSED)

export const roleIds = of(
  {
    role_id_array: { type: 'array', items: { type: 'integer', minimum: 1 }, minItems: 1, maxItems: 1000 },
  },
  ['role_id_array'],
)
export const attributesOnly = of({ custom_attributes: customAttributes }, ['custom_attributes'])
export const stateOnly = of({ state: { ...state, description: `${meanings(USER_STATE)}.` } }, ['state'])
export const lock = of(
  { locked_until: { type: ['integer', 'string'], description: 'Minutes; 0 is the time of the policy.' } },
  ['locked_until'],
)

const twice = { password: { type: 'string' }, password_confirmation: { type: 'string' } }
const validate = { validate_policy: { type: ['boolean', 'null'], default: false } }
export const clearPassword = of({ ...twice, ...validate }, ['password', 'password_confirmation'])
export const saltedPassword = of(
  {
    password: { type: 'string', pattern: '^[0-9a-fA-F]{64}$' },
    password_confirmation: { type: 'string', pattern: '^[0-9a-fA-F]{64}$' },
    password_algorithm: { const: 'salt+sha256' },
    password_salt: { type: ['string', 'null'], maxLength: 40 },
    ...validate,
  },
  ['password', 'password_confirmation', 'password_algorithm'],
)
