import type { Faults } from './document-faults.ts'
import type { Entry } from './document-read.ts'
import type { UserLogin } from './document-store.ts'
import type { GivenUser } from './document-user.ts'
import { loginKey } from './user.ts'

/** An entry of the document and the row it changes; without one it is new. */
export interface Match<G, E> {
  path: string
  given: G
  existing: E | undefined
}

/** Says which value belongs to whom; a second owner is a fault at `path`. */
export type Claim = (value: string | number, owner: string, path?: string) => void

export function claimsOf(what: string, faults: Faults): Claim {
  const owners = new Map<string | number, string>()
  return (value, owner, path) => {
    const first = owners.get(value)
    if (first === undefined) owners.set(value, owner)
    else if (first !== owner && path !== undefined) {
      faults.push({ path, message: `is also the ${what} of ${first}` })
    }
  }
}

/** How a fault names the owner of something. */
export const ownerInDatabase = (what: string, id: number | string): string => `${what} ${id} of the database`

interface Named {
  id?: number | undefined
  name?: string | undefined
}

/** Finds what each entry changes: by id, without one by name. Two entries cannot be, or be called, the same. */
export function matchNamed<G extends Named, E extends { id: number; name: string }>(
  what: string,
  entries: readonly Entry<G>[],
  rows: readonly E[],
  faults: Faults,
): Match<G, E>[] {
  const byId = new Map(rows.map((row) => [row.id, row]))
  const byName = new Map(rows.map((row) => [row.name, row]))
  const matches = entries.map(({ path, value }) => ({
    path,
    given: value,
    existing: value.id === undefined ? byName.get(value.name ?? '') : byId.get(value.id),
  }))
  claimIds(matches, faults)
  const claimName = claimsOf('name', faults)
  const changed = new Set(matches.map((match) => match.existing))
  for (const row of rows) if (!changed.has(row)) claimName(row.name, ownerInDatabase(what, row.id))
  for (const { path, given, existing } of matches) {
    const name = given.name ?? existing?.name
    if (name === undefined) faults.push({ path: `${path}.name`, message: 'is missing' })
    else claimName(name, path, `${path}.name`)
  }
  return matches
}

/** No two entries may be about the same row. */
function claimIds(
  matches: readonly Match<{ id?: number | undefined }, { id: number }>[],
  faults: Faults,
): void {
  const claimId = claimsOf('id', faults)
  for (const { path, given, existing } of matches) {
    const id = given.id ?? existing?.id
    if (id !== undefined) claimId(id, path, given.id === undefined ? path : `${path}.id`)
  }
}

/** The compared form of an e-mail or username, null for an empty one. */
export const keyOrNull = (login: string | null | undefined): string | null => loginKey(login ?? '') || null

/** What a person signs in with after the import; a key the document leaves out stays. */
export const keysAfter = (given: GivenUser, existing: UserLogin | undefined) => ({
  emailKey: given.email === undefined ? (existing?.emailKey ?? null) : keyOrNull(given.email),
  usernameKey: given.username === undefined ? (existing?.usernameKey ?? null) : keyOrNull(given.username),
})
