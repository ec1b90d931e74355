/** People on OneLogin's wire. */
import { isoTime } from '../platform/clock.ts'
import type { User } from './user.ts'

const time = (ms: number | null): string | null => (ms === null ? null : isoTime(ms))

/** The user resource but for custom attributes, in OneLogin's order. */
const ATTRIBUTES: Record<string, (user: User) => unknown> = {
  activated_at: (user) => time(user.activatedAt),
  created_at: (user) => isoTime(user.createdAt),
  updated_at: (user) => isoTime(user.updatedAt),
  last_login: (user) => time(user.lastLogin),
  invitation_sent_at: (user) => time(user.invitationSentAt),
  locked_until: (user) => time(user.lockedUntil),
  password_changed_at: (user) => time(user.passwordChangedAt),
  email: (user) => user.email,
  username: (user) => user.username,
  firstname: (user) => user.firstname,
  lastname: (user) => user.lastname,
  group_id: (user) => user.groupId,
  id: (user) => user.id,
  invalid_login_attempts: (user) => user.invalidLoginAttempts,
  comment: (user) => user.comment ?? '',
  openid_name: (user) => user.openidName ?? '',
  locale_code: (user) => user.localeCode,
  preferred_locale_code: (user) => user.preferredLocaleCode,
  phone: (user) => user.phone ?? '',
  status: (user) => user.status,
  distinguished_name: (user) => user.distinguishedName,
  samaccountname: (user) => user.samaccountname,
  userprincipalname: (user) => user.userprincipalname,
  member_of: (user) => user.memberOf,
  external_id: (user) => user.externalId,
  directory_id: (user) => user.directoryId,
  trusted_idp_id: (user) => user.trustedIdpId,
  manager_user_id: (user) => user.managerUserId,
  manager_ad_id: (user) => user.managerAdId,
  role_id: (user) => (user.roleIds.length === 0 ? null : user.roleIds),
  company: (user) => user.company,
  department: (user) => user.department,
  title: (user) => user.title,
  state: (user) => user.state,
}

/** The names of what a user resource holds, in its order. */
export const USER_FIELDS: readonly string[] = [...Object.keys(ATTRIBUTES), 'custom_attributes']

/** The user resource. `attributeNames`: what the account defines. */
export function toUserV1(user: User, attributeNames: readonly string[]): Record<string, unknown> {
  const resource: Record<string, unknown> = {}
  for (const [name, valueOf] of Object.entries(ATTRIBUTES)) resource[name] = valueOf(user)
  // SDKs cast each custom attribute to text, so one that is not set is empty.
  const unset = Object.fromEntries(attributeNames.map((name) => [name, '']))
  return { ...resource, custom_attributes: { ...unset, ...user.customAttributes } }
}
