/** What the API doors of a sign-in answer in common, in OneLogin's words. */
import type { User } from '../directory/user.ts'
import { Problem } from '../errors.ts'
import type { Authenticator } from '../factors/authenticator-store.ts'
import { FACTORS, type FactorKind } from '../factors/factor-kind.ts'
import { successStatus } from '../http/api-wire.ts'
import type { Refusal } from './journey.ts'

/** Compared literally by SDKs. */
export const MFA_REQUIRED = 'MFA is required for this user'

export const toDevices = (authenticators: readonly Authenticator[]) =>
  authenticators.map(({ id, factor }) => ({ device_type: FACTORS[factor].name, device_id: id }))

/** The person as a sign-in answer shows them. */
export const toLoginUser = ({ username, email, firstname, id, lastname }: User) => ({
  username,
  email,
  firstname,
  id,
  lastname,
})

/** Further attributes that `fields` may ask for; none of them tells a secret. */
const FIELDS: Record<string, (user: User) => unknown> = {
  company: (u) => u.company,
  department: (u) => u.department,
  title: (u) => u.title,
  phone: (u) => u.phone,
  external_id: (u) => u.externalId,
  group_id: (u) => u.groupId,
  role_id: (u) => (u.roleIds.length === 0 ? null : u.roleIds),
  status: (u) => u.status,
  state: (u) => u.state,
  locale_code: (u) => u.localeCode,
  preferred_locale_code: (u) => u.preferredLocaleCode,
  samaccountname: (u) => u.samaccountname,
  userprincipalname: (u) => u.userprincipalname,
  distinguished_name: (u) => u.distinguishedName,
  member_of: (u) => u.memberOf,
  custom_attributes: (u) => u.customAttributes,
}

export function withFields(user: User, fields: readonly string[] = []): Record<string, unknown> {
  const asked = fields.filter((name) => Object.hasOwn(FIELDS, name))
  return { ...toLoginUser(user), ...Object.fromEntries(asked.map((name) => [name, FIELDS[name]!(user)])) }
}

const two = (n: number) => String(n).padStart(2, '0')

/** `2016/01/07 05:56:21 +0000`: SDKs parse `expires_at` with this pattern and no other. */
export function toSdkTime(ms: number): string {
  const t = new Date(ms)
  const date = `${t.getUTCFullYear()}/${two(t.getUTCMonth() + 1)}/${two(t.getUTCDate())}`
  return `${date} ${two(t.getUTCHours())}:${two(t.getUTCMinutes())}:${two(t.getUTCSeconds())} +0000`
}

/** Why a person with the right password is not let in, told to the program that sent it. */
const REFUSAL_TEXT: Record<Refusal, string> = {
  locked: 'User is locked. Access is unauthorized',
  unactivated: 'User is not activated. Access is unauthorized',
  suspended: 'User is suspended. Access is unauthorized',
  password_expired: 'Password has expired. Access is unauthorized',
  awaiting_reset: 'User is awaiting password reset. Access is unauthorized',
  password_pending: 'User has no password yet. Access is unauthorized',
  security_questions: 'User must set security questions. Access is unauthorized',
  pending: 'User is pending. Access is unauthorized',
  unapproved: 'User is not approved. Access is unauthorized',
  rejected: 'User is rejected. Access is unauthorized',
  unlicensed: 'User is unlicensed. Access is unauthorized',
  no_usable_factor: 'MFA is required and the user has no factor. Access is unauthorized',
}

export const refusalProblem = (refusal: Refusal): Problem =>
  new Problem(refusal === 'locked' ? 'account_locked' : 'account_not_active', {
    message: REFUSAL_TEXT[refusal],
  })

/** While the person has yet to answer. There must be no `data` key: SDKs take one for a result. */
export const pendingEnvelope = (factor: FactorKind) => ({
  status: { type: 'pending', message: FACTORS[factor].pending, code: 200, error: false },
})

export const pendingMessage = (factor: FactorKind): string => FACTORS[factor].pending

export const mfaEnvelope = (data: object) => ({ status: successStatus(MFA_REQUIRED), data: [data] })
