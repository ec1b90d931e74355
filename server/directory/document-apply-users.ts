import type { Row } from '../platform/database/schema.ts'
import type { StoredPassword } from '../platform/password-hash.ts'
import type { Sealer } from '../platform/sealing.ts'
import { newTally, type Tally } from './document-apply.ts'
import { applyFactors, newAuthenticators, type FactorChanges } from './document-factors.ts'
import { differing, grouped } from './document-lists.ts'
import { keysAfter, type PeoplePlan, type PersonMatch } from './document-people.ts'
import type { DirectoryWriter, NewPerson, StoredPerson, UserLogin } from './document-store.ts'
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
}

/**
 * Writes the people of the plan. A new person is approved, and active when they have a password, else waits for one
 * (status 7). A changed password, factor, status or state that no longer signs in ends the person's sessions.
 */
export async function applyUsers(
  d: Deps,
  plan: PeoplePlan,
  progress: (done: number) => void,
): Promise<Tally> {
  const tally = newTally()
  // Nobody who is given an id may get one that another brings along.
  await d.rows.keepIdsAbove('users', plan.highestId)
  await d.rows.keepIdsAbove('authenticators', plan.highestFactorId)
  if (plan.knownPeople > 0) {
    for await (const slice of plan.people.slices()) await freeLogins(d.rows, slice)
  }
  let done = 0
  for await (const slice of plan.people.slices()) {
    await createUsers(
      d,
      slice.filter(({ existing }) => !existing),
    )
    tally.updated += await updateUsers(d, slice)
    progress((done += slice.length))
  }
  tally.created = plan.people.length - plan.knownPeople
  tally.unchanged = plan.knownPeople - tally.updated
  return tally
}

/** Two people may swap their names: each first lets go of the one they lose. */
async function freeLogins(rows: DirectoryWriter, people: readonly PersonMatch[]): Promise<void> {
  for (const { given, existing } of people) {
    if (!existing) continue
    const keys = Object.keys(differing<Partial<UserLogin>>(existing, keysAfter(given, existing)))
    await rows.update('users', existing.id, Object.fromEntries(keys.map((key) => [key, null])))
  }
}

/** What a new row says where the document says nothing; every row has every column, so that many are written as one. */
const NOTHING: Partial<Row<'users'>> = {
  email: '',
  username: '',
  firstname: '',
  lastname: '',
  comment: null,
  passwordHash: null,
  invalidLoginAttempts: 0,
  ...(Object.fromEntries(
    [...Object.values(PLAIN_FIELDS), ...Object.values(TIME_FIELDS)].map((column) => [column, null]),
  ) as Partial<Row<'users'>>),
}

async function createUsers(d: Deps, people: readonly PersonMatch[]): Promise<void> {
  const free = await d.rows.newIds('users', people.filter(({ given }) => given.id === undefined).length)
  const rows = people.map((person) => newRow(d, person, person.given.id ?? free.shift()!))
  const factors = people.flatMap(({ given }, i) =>
    (given.factors ?? []).map((factor) => ({ userId: rows[i]!.id, factor })),
  )
  const enrolled = grouped(await newAuthenticators(d, factors), (row) => row.userId)
  const added = people.map(({ given }, i) => {
    const row = rows[i]!
    return { row, roleIds: given.roles ?? [], authenticators: enrolled.get(row.id) ?? [] }
  })
  await d.rows.addPeople(added)
}

function newRow(d: Deps, { given, hashed }: PersonMatch, id: number): NewPerson['row'] {
  const columns = columnsOf(given, hashed)
  const status = columns.status ?? (columns.passwordHash ? USER_STATUS.active : USER_STATUS.passwordPending)
  return {
    ...NOTHING,
    id,
    status,
    state: USER_STATE.approved,
    ...(status === USER_STATUS.active && { activatedAt: d.now }),
    createdAt: d.now,
    updatedAt: d.now,
    ...(given.password !== undefined && { passwordChangedAt: d.now }),
    ...differing(undefined, columns),
    ...keysAfter(given, undefined),
    customAttributes: mergeAttributes('{}', given),
    // Not 0: a session of somebody who had this id before and was deleted must not be theirs.
    sessionEpoch: d.now,
  } as NewPerson['row']
}

/** How many of the known people changed. */
async function updateUsers(d: Deps, slice: readonly PersonMatch[]): Promise<number> {
  const known = slice.flatMap((match) => (match.existing ? [{ ...match, existing: match.existing }] : []))
  const people = await d.rows.people(known.map(({ existing }) => existing.id))
  const byId = new Map(people.map((person) => [person.row.id, person]))
  let changed = 0
  for (const match of known) if (await updateUser(d, match, byId.get(match.existing.id)!)) changed++
  return changed
}

async function updateUser(
  d: Deps,
  { given, existing, hashed }: PersonMatch,
  person: StoredPerson,
): Promise<boolean> {
  const { row } = person
  const changes = differing(row, {
    ...columnsOf(given, hashed),
    customAttributes: mergeAttributes(row.customAttributes, given),
  })
  const factors = await changeFactors(d, person, given.factors)
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
    ? { changed: false, secretsChanged: false }
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
