import type { OpenSpool, Spool } from '../platform/spool.ts'
import { knownIds, references, roleLists } from './document-check.ts'
import { checkFactors } from './document-factors.ts'
import { jsonPath, type Faults } from './document-faults.ts'
import { keyOrNull, ownerInDatabase } from './document-match.ts'
import type { GivenPerson, ReadDocument } from './document-read.ts'
import type { Claim, Claims, Conflict, DirectoryReader, Snapshot, UserLogin } from './document-store.ts'
import type { GivenUser } from './document-user.ts'

/** A person of the document and the one they change; without one they are new. */
export interface PersonMatch extends GivenPerson {
  existing?: UserLogin | undefined
}

/** What an import has to do about people. */
export interface PeoplePlan {
  people: Spool<PersonMatch>
  /** How many of them are in the directory. */
  knownPeople: number
  /** The highest ids that the document brings along. */
  highestId: number
  highestFactorId: number
}

export const pathOf = ({ index }: GivenPerson): string => `$.users[${index}]`

/** What a person signs in with after the import; a key the document leaves out stays. */
export const keysAfter = (given: GivenUser, existing: UserLogin | undefined) => ({
  emailKey: given.email === undefined ? (existing?.emailKey ?? null) : keyOrNull(given.email),
  usernameKey: given.username === undefined ? (existing?.usernameKey ?? null) : keyOrNull(given.username),
})

interface Deps {
  rows: DirectoryReader
  document: ReadDocument
  stored: Snapshot
  openSpool: OpenSpool
}

/** Holds people against each other and the directory, some hundred at a time. Whoever gets the plan closes its spool. */
export async function planPeople(d: Deps, faults: Faults): Promise<PeoplePlan> {
  const plan = { people: d.openSpool<PersonMatch>(), knownPeople: 0, highestId: 0, highestFactorId: 0 }
  const claims = await d.rows.claims()
  const checkReferences = referencesOf(d, faults)
  for await (const slice of d.document.users.slices()) {
    const matches = await matched(d.rows, slice)
    await claims.add(matches.flatMap(claimsOf))
    matches.forEach(checkReferences)
    await checkEnrolled(d.rows, matches, faults)
    for (const match of matches) {
      if (match.existing) plan.knownPeople++
      plan.highestId = Math.max(plan.highestId, match.given.id ?? 0)
      plan.highestFactorId = Math.max(plan.highestFactorId, ...idsOf(match.given.factors))
      await plan.people.add(match)
    }
  }
  await checkClaims(claims, faults)
  return plan
}

const idsOf = (given: readonly { id?: number | undefined }[] = []): number[] =>
  given.flatMap(({ id }) => (id === undefined ? [] : [id]))

const present = <T>(values: readonly (T | null | undefined)[]): T[] =>
  values.filter((value): value is T => value !== null && value !== undefined)

/** Finds whom each entry changes: by id, without one by e-mail, then by username. */
async function matched(rows: DirectoryReader, people: readonly GivenPerson[]): Promise<PersonMatch[]> {
  const named = people.filter(({ given }) => given.id === undefined).map(({ given }) => given)
  const logins = await rows.logins({
    ids: idsOf(people.map(({ given }) => given)),
    emailKeys: present(named.map(({ email }) => keyOrNull(email))),
    usernameKeys: present(named.map(({ username }) => keyOrNull(username))),
  })
  const byId = new Map(logins.map((row) => [row.id, row]))
  const byEmail = new Map(logins.map((row) => [row.emailKey, row]))
  const byUsername = new Map(logins.map((row) => [row.usernameKey, row]))
  const find = ({ id, email, username }: GivenUser): UserLogin | undefined => {
    if (id !== undefined) return byId.get(id)
    const [emailKey, usernameKey] = [keyOrNull(email), keyOrNull(username)]
    const found = emailKey === null ? undefined : byEmail.get(emailKey)
    return found ?? (usernameKey === null ? undefined : byUsername.get(usernameKey))
  }
  return people.map((person) => ({ ...person, existing: find(person.given) }))
}

/** A person, and each of the factors they may have, is an owner of its own. */
const OWNERS_A_PERSON = 64

function claimsOf({ index, given, existing }: PersonMatch): Claim[] {
  const owner = index * OWNERS_A_PERSON
  const { emailKey, usernameKey } = keysAfter(given, existing)
  const id = given.id ?? existing?.id
  const factors = (given.factors ?? []).flatMap(({ id: factorId }, i): Claim[] =>
    factorId === undefined
      ? []
      : [{ what: 'factor', value: String(factorId), owner: owner + 1 + i, place: '.id' }],
  )
  return [
    ...(id === undefined
      ? []
      : [{ what: 'id' as const, value: String(id), owner, place: given.id === undefined ? '' : '.id' }]),
    ...(emailKey === null ? [] : [{ what: 'login' as const, value: emailKey, owner, place: '.email' }]),
    ...(usernameKey === null
      ? []
      : [{ what: 'login' as const, value: usernameKey, owner, place: '.username' }]),
    ...factors,
  ]
}

function ownerPath(owner: number): string {
  const factor = (owner % OWNERS_A_PERSON) - 1
  const person = `$.users[${Math.floor(owner / OWNERS_A_PERSON)}]`
  return factor < 0 ? person : `${person}.factors[${factor}]`
}

const WHAT: Record<Claim['what'], string> = { id: 'id', login: 'e-mail or username', factor: 'id' }
const MAX_CONFLICTS = 1000

/** Nobody's e-mail or username may be either of somebody else: whoever signs in must be one person. */
async function checkClaims(claims: Claims, faults: Faults): Promise<void> {
  const { first, count } = await claims.conflicts(MAX_CONFLICTS)
  faults.push(...first.map(conflictFault))
  faults.count += count - first.length
}

function conflictFault({ claim, first }: Conflict) {
  const owner = 'owner' in first ? ownerPath(first.owner) : ownerInDatabase('user', first.userId)
  return {
    path: ownerPath(claim.owner) + claim.place,
    message: `is also the ${WHAT[claim.what]} of ${owner}`,
  }
}

/** Refuses roles, groups and attributes that neither the document nor the directory has, and people without a name. */
function referencesOf({ document, stored }: Deps, faults: Faults) {
  const roles = roleLists(document, stored, faults)
  const group = references(knownIds('groups', document, stored), 'is the id of no group', faults)
  const defined = new Set<unknown>([
    ...stored.customAttributes,
    ...document.custom_attributes.map((entry) => entry.value),
    ...document.faultyIds.custom_attributes,
  ])
  const attribute = references(defined, 'is not defined in $.custom_attributes', faults)
  return (person: PersonMatch): void => {
    const { given, existing } = person
    const path = pathOf(person)
    const { emailKey, usernameKey } = keysAfter(given, existing)
    if (emailKey === null && usernameKey === null)
      faults.push({ path, message: 'needs an email or a username' })
    roles(given.roles, `${path}.roles`)
    if (typeof given.group_id === 'number') group(given.group_id, `${path}.group_id`)
    for (const name of Object.keys(given.custom_attributes ?? {})) {
      attribute(name, jsonPath(['custom_attributes', name], path))
    }
  }
}

async function checkEnrolled(
  rows: DirectoryReader,
  people: readonly PersonMatch[],
  faults: Faults,
): Promise<void> {
  const withFactors = people.filter(({ given }) => given.factors !== undefined)
  if (withFactors.length === 0) return
  const enrolled = await rows.factors({
    ids: withFactors.flatMap(({ given }) => idsOf(given.factors)),
    userIds: present(withFactors.map(({ existing }) => existing?.id)),
  })
  checkFactors(
    withFactors.map((person) => ({ ...person, path: pathOf(person) })),
    enrolled,
    faults,
  )
}
