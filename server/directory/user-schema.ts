/** People as the API's document shows them: the resource, and the body that changes it. */
import { z } from 'zod'
import { id, time } from '../http/api-schema.ts'
import { USER_STATE, USER_STATUS } from './user.ts'

const text = z.string().nullable()
const number = z.int().nullable()
const when = time.nullable()

/** `0 Unactivated, 1 Active, …` */
export const meanings = (names: Record<string, number>) =>
  Object.entries(names)
    .map(([name, value]) => `${value} ${name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`)
    .join(', ')
const oneOf = (names: Record<string, number>) =>
  z.literal(Object.values(names)).describe(`${meanings(names)}.`)

export const userSchema = z
  .strictObject({
    activated_at: when,
    created_at: time,
    updated_at: time,
    last_login: when,
    invitation_sent_at: when,
    locked_until: when,
    password_changed_at: when,
    email: z.string(),
    username: z.string(),
    firstname: z.string(),
    lastname: z.string(),
    group_id: number,
    id,
    invalid_login_attempts: z.int(),
    comment: z.string(),
    openid_name: z.string(),
    locale_code: text,
    preferred_locale_code: text,
    phone: z.string(),
    status: oneOf(USER_STATUS),
    distinguished_name: text,
    samaccountname: text,
    userprincipalname: text,
    member_of: text,
    external_id: text,
    directory_id: number,
    trusted_idp_id: number,
    manager_user_id: number,
    manager_ad_id: text,
    role_id: z
      .array(id)
      .nullable()
      .describe('In the order in which they were given; null when there is none.'),
    company: text,
    department: text,
    title: text,
    state: oneOf(USER_STATE),
    custom_attributes: z.record(z.string(), z.string()).describe('One that is not set is empty.'),
  })
  .meta({ id: 'User', description: 'A person.' })
