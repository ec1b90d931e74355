import type { NewRow, Row } from '../platform/database/schema.ts'
import type { StoredPassword } from '../platform/password-hash.ts'
import type { Sealer } from '../platform/sealing.ts'
import { newTally, type Tally } from './document-apply.ts'
import { applyFactors, enrolFactor, type FactorChanges } from './document-factors.ts'
import { differing, slices } from './document-lists.ts'
import { keysAfter, type Match } from './document-match.ts'
import type { DirectoryWriter, StoredPerson, UserLogin } from './document-store.ts'
import type { GivenFactor, GivenUser } from './document-user.ts'
import { USER_STATE, USER_STATUS } from './user.ts'

/** Fields of a person that are stored as they are given; null empties them. */
export const PLAIN_FIELDS = {
  group_id: 'groupId',
  company: 'company',
  department: 'department',
  title: 'title',
  phone: 'phone',
  external_id: 'externalId',
  directory_id: 'directoryId',
  distinguished_name: 'distinguishedName',
  samaccountname: 'samaccountname',
  userprincipalname: 'userprincipalname',
  member_of: 'memberOf',
  manager_ad_id: 'managerAdId',
  manager_user_id: 'managerUserId',
  openid_name: 'openidName',
  locale_code: 'localeCode',
  preferred_locale_code: 'preferredLocaleCode',
  trusted_idp_id: 'trustedIdpId',
  lock_reason: 'lockReason',
} as const satisfies Partial<Record<keyof GivenUser, keyof Row<'users'>>>

/** Fields of a person that are times. */
export const TIME_FIELDS = {
  invalid_login_since: 'invalidLoginSince',
  locked_until: 'lockedUntil',
  last_login: 'lastLogin',
  activated_at: 'activatedAt',
  invitation_sent_at: 'invitationSentAt',
  password_changed_at: 'passwordChangedAt',
  created_at: 'createdAt',
  updated_at: 'updatedAt',
} as const satisfies Partial<Record<keyof GivenUser, keyof Row<'users'>>>

interface Deps {
  rows: DirectoryWriter
  sealer: Sealer
  now: number
  /** The stored form of each clear-text password, by the entry's path. */
  passwords: ReadonlyMap<string, StoredPassword>
}

type UserMatch = Match<GivenUser, UserLogin>
type LaterFactors = { userId: number; factor: GivenFactor }[]
const PEOPLE_AT_ONCE = 200

/**
 * Writes the people of the plan. A new person is approved, and active when they have a password, else waits for one
 * (status 7). A changed password, factor, status or state that no longer signs in ends the person's sessions.
 */
export async function applyUsers(d: Deps, matches: readonly UserMatch[]): Promise<Tally> {
  const tally = newTally()
  const later: LaterFactors = []
  const known = matches.filter((match) => match.existing)
  await freeLogins(d.rows, known)
  for (const match of matches) {
    if (!match.existing && match.given.id !== undefined) await createUser(d, match, later)
  }
  for (const slice of slices(known, PEOPLE_AT_ONCE)) {
    const people = await d.rows.people(slice.map((match) => match.existing!.id))
    const byId = new Map(people.map((person) => [person.row.id, person]))
    for (const match of slice) {
      const changed = await updateUser(d, match, byId.get(match.existing!.id)!, later)
      tally[changed ? 'updated' : 'unchanged']++
    }
  }
  // Those that bring no id come last: the one they are given must not be spoken for.
  for (const match of matches) {
    if (!match.existing && match.given.id === undefined) await createUser(d, match, later)
  }
  for (const { userId, factor } of later) await enrolFactor(d, userId, factor)
  tally.created = matches.length - known.length
  return tally
}

/** Two people may swap their names: each first lets go of the one they lose. */
async function freeLogins(rows: DirectoryWriter, known: readonly UserMatch[]): Promise<void> {
  for (const { given, existing } of known) {
    const keys = Object.keys(differing<Partial<UserLogin>>(existing, keysAfter(given, existing)))
    await rows.update('users', existing!.id, Object.fromEntries(keys.map((key) => [key, null])))
  }
}

async function createUser(d: Deps, { path, given, existing }: UserMatch, later: LaterFactors): Promise<void> {
  const columns = columnsOf(given, d.passwords.get(path))
  const status = columns.status ?? (columns.passwordHash ? USER_STATUS.active : USER_STATUS.passwordPending)
  const row: NewRow<'users'> = {
    email: '',
    username: '',
    firstname: '',
    lastname: '',
    status,
    state: USER_STATE.approved,
    ...(status === USER_STATUS.active && { activatedAt: d.now }),
    createdAt: d.now,
    updatedAt: d.now,
    ...(given.password !== undefined && { passwordChangedAt: d.now }),
    ...differing(undefined, columns),
    ...keysAfter(given, existing),
    customAttributes: mergeAttributes('{}', given),
    // Not 0: a session of somebody who had this id before and was deleted must not be theirs.
    sessionEpoch: d.now,
  }
  const id = await d.rows.insert('users', given.id === undefined ? row : { id: given.id, ...row })
  if (given.roles) await d.rows.setRoles('user', id, given.roles)
  for (const factor of given.factors ?? []) {
    if (factor.id === undefined) later.push({ userId: id, factor })
    else await enrolFactor(d, id, factor)
  }
}

async function updateUser(
  d: Deps,
  { path, given, existing }: UserMatch,
  person: StoredPerson,
  later: LaterFactors,
): Promise<boolean> {
  const { row } = person
  const changes = differing(row, {
    ...columnsOf(given, d.passwords.get(path)),
    customAttributes: mergeAttributes(row.customAttributes, given),
  })
  const factors = await changeFactors(d, person, given.factors)
  later.push(...factors.later.map((factor) => ({ userId: row.id, factor })))
  const rolesChange = given.roles !== undefined && given.roles.join() !== person.roleIds.join()
  if (rolesChange) await d.rows.setRoles('user', row.id, given.roles!)

  const passwordChanges = changes.passwordHash !== undefined
  if (passwordChanges && given.password_changed_at === undefined) changes.passwordChangedAt = d.now
  const shutOut =
    (changes.status !== undefined && changes.status !== USER_STATUS.active) ||
    (changes.state !== undefined && changes.state !== USER_STATE.approved)
  if (changes.status === USER_STATUS.active && row.activatedAt === null) changes.activatedAt ??= d.now
  if (passwordChanges || shutOut || factors.secretsChanged) changes.sessionEpoch = row.sessionEpoch + 1
  const changed = rolesChange || factors.changed || Object.keys(changes).length > 0
  if (changed) changes.updatedAt = given.updated_at ?? d.now
  // The keys that change were let go of before.
  const keys = differing<Partial<UserLogin>>(existing, keysAfter(given, existing))
  await d.rows.update('users', row.id, { ...changes, ...keys })
  return changed
}

const changeFactors = async (
  d: Deps,
  { row, authenticators }: StoredPerson,
  given: GivenFactor[] | undefined,
): Promise<FactorChanges> =>
  given === undefined
    ? { changed: false, secretsChanged: false, later: [] }
    : applyFactors(d, row.id, authenticators, given)

/** The columns that the given keys are about; undefined where the document says nothing. */
function columnsOf(given: GivenUser, hashed: StoredPassword | undefined): Partial<Row<'users'>> {
  const columns: Record<string, unknown> = {}
  for (const [field, column] of Object.entries({ ...PLAIN_FIELDS, ...TIME_FIELDS })) {
    columns[column] = given[field as keyof GivenUser]
  }
  for (const field of ['email', 'username', 'firstname', 'lastname'] as const) {
    columns[field] = given[field] === null ? '' : given[field]
  }
  columns.comment = given.comment === undefined ? given.notes : given.comment
  columns.status = given.status
  columns.state = given.state
  columns.invalidLoginAttempts = given.invalid_login_attempts === null ? 0 : given.invalid_login_attempts
  columns.passwordHash = hashed ?? given.password_hash
  return columns
}

/** Lays the given attributes over the stored ones; null and empty text take one away. */
function mergeAttributes(stored: string, given: GivenUser): string {
  if (given.custom_attributes === undefined) return stored
  const merged = { ...(JSON.parse(stored) as Record<string, string>), ...given.custom_attributes }
  return JSON.stringify(Object.fromEntries(Object.entries(merged).filter(([, value]) => value)))
}
