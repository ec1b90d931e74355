/** People on the wire of OneLogin's v1-v3 resources. Clients count the elements, so their order matters. */
import type { DirectoryRole } from '../directory/role-store.ts'
import type { User } from '../directory/user.ts'
import { element, join, type Xml } from '../saml/xml.ts'
import { field, offsetTime, type FieldValue } from './xml-fields.ts'

type Fields = readonly (readonly [name: string, valueOf: (user: User) => FieldValue])[]

const FULL: Fields = [
  ['activated-at', (user) => offsetTime(user.activatedAt)],
  ['created-at', (user) => offsetTime(user.createdAt)],
  ['directory-id', (user) => user.directoryId],
  ['distinguished-name', (user) => user.distinguishedName],
  ['email', (user) => user.email],
  ['external-id', (user) => user.externalId],
  ['firstname', (user) => user.firstname],
  ['group-id', (user) => user.groupId],
  ['id', (user) => user.id],
  ['invalid-login-attempts', (user) => user.invalidLoginAttempts],
  ['invitation-sent-at', (user) => offsetTime(user.invitationSentAt)],
  ['last-login', (user) => offsetTime(user.lastLogin)],
  ['lastname', (user) => user.lastname],
  ['locale-code', (user) => user.localeCode],
  ['locked-until', (user) => offsetTime(user.lockedUntil)],
  ['member-of', (user) => user.memberOf],
  ['openid-name', (user) => user.openidName],
  ['password-changed-at', (user) => offsetTime(user.passwordChangedAt)],
  ['phone', (user) => user.phone],
  ['status', (user) => user.status],
  ['updated-at', (user) => offsetTime(user.updatedAt)],
  ['username', (user) => user.username],
  ['company', (user) => user.company],
  ['department', (user) => user.department],
  ['title', (user) => user.title],
  ['samaccountname', (user) => user.samaccountname],
  ['userprincipalname', (user) => user.userprincipalname],
]

const LISTED_NAMES: readonly string[] = [
  'distinguished-name',
  'email',
  'external-id',
  'firstname',
  'id',
  'lastname',
  'member-of',
  'status',
  'username',
]
const LISTED: Fields = FULL.filter(([name]) => LISTED_NAMES.includes(name))

const NEWER_THAN_THE_OLDEST = [
  'directory-id',
  'distinguished-name',
  'external-id',
  'locale-code',
  'member-of',
  'username',
  'company',
  'department',
  'title',
  'samaccountname',
  'userprincipalname',
]
const ADDED_BY_THE_OLDEST: Fields = [
  ['notes', (user) => user.comment],
  ['pending-apps', () => null],
  ['role-id', (user) => user.roleIds[0] ?? null],
  ['user-type', () => 0], // nobody administers by type here
]
const OLDEST: Fields = [
  ...FULL.filter(([name]) => !NEWER_THAN_THE_OLDEST.includes(name)),
  ...ADDED_BY_THE_OLDEST,
].sort(([a], [b]) => (a < b ? -1 : 1))

const fieldsOf = (user: User, fields: Fields): Xml[] =>
  fields.map(([name, valueOf]) => field(name, valueOf(user)))

/** `names`: the account's custom attributes, when they were asked for. */
const attributesOf = (user: User, names: readonly string[]): Xml[] =>
  names.map((name) => field(`custom_attribute_${name}`, user.customAttributes[name] ?? null))

const roleXml = ({ id, name }: DirectoryRole): Xml =>
  element('role', {}, field('id', id), field('name', name))

export const userXml = (user: User, roles: readonly DirectoryRole[], attributes: readonly string[]): Xml =>
  element(
    'user',
    {},
    ...fieldsOf(user, FULL),
    element('roles', {}, join(roles.map(roleXml))),
    ...attributesOf(user, attributes),
  )

export const listedUserXml = (user: User, attributes: readonly string[]): Xml =>
  element('user', {}, ...fieldsOf(user, LISTED), ...attributesOf(user, attributes))

export const oldestUserXml = (user: User): Xml => element('user', {}, ...fieldsOf(user, OLDEST))
