import type { GivenPrivilege } from './document.ts'
import type { Tally } from './document-apply.ts'
import { roleLists } from './document-check.ts'
import { Faults } from './document-faults.ts'
import { differing } from './document-lists.ts'
import { claimsOf, type Match } from './document-match.ts'
import type { ReadDocument } from './document-read.ts'
import type { DirectoryWriter, Holders, Snapshot, StoredPrivilege } from './document-store.ts'

export type PrivilegeMatch = Match<GivenPrivilege, StoredPrivilege>

/** Finds what each entry changes, by id. A new one says what it is. */
export function matchPrivileges(document: ReadDocument, stored: Snapshot, faults: Faults): PrivilegeMatch[] {
  const byId = new Map(stored.privileges.map((row) => [row.id, row]))
  const claimId = claimsOf('id', faults)
  const roles = roleLists(document, stored, faults)
  return document.privileges.map(({ path, value }) => {
    const existing = byId.get(value.id)
    claimId(value.id, path, `${path}.id`)
    for (const key of ['name', 'privilege'] as const)
      if (!existing && value[key] === undefined)
        faults.push({ path: `${path}.${key}`, message: 'is missing' })
    roles(value.roles, `${path}.roles`)
    if (value.users && new Set(value.users).size < value.users.length)
      faults.push({ path: `${path}.users`, message: 'must not list a person twice' })
    return { path, given: value, existing }
  })
}

/** Refuses holders who are not there; whoever the document brings along must be written by now. */
async function checkHolders(rows: DirectoryWriter, matches: readonly PrivilegeMatch[]): Promise<void> {
  const ids = [...new Set(matches.flatMap(({ given }) => given.users ?? []))]
  const found = await rows.logins({ ids, emailKeys: [], usernameKeys: [] })
  const known = new Set(found.map(({ id }) => id))
  const faults = new Faults()
  for (const { path, given } of matches) {
    given.users?.forEach((id, i) => {
      if (!known.has(id)) faults.push({ path: `${path}.users[${i}]`, message: 'is the id of no user' })
    })
  }
  faults.throwIfAny()
}

type Columns = { [K in 'name' | 'description' | 'statements' | 'createdAt']?: StoredPrivilege[K] | undefined }

const inOrder = (ids: readonly number[]): number[] => ids.toSorted((a, b) => a - b)

/** Writes privileges, after the people who hold them. @throws DocumentError */
export async function applyPrivileges(
  rows: DirectoryWriter,
  matches: readonly PrivilegeMatch[],
  now: number,
): Promise<Tally> {
  await checkHolders(rows, matches)
  const tally: Tally = { created: 0, updated: 0, unchanged: 0 }
  for (const { given, existing } of matches) {
    const { roleIds = [], userIds = [], ...row } = existing ?? { id: given.id, createdAt: now }
    const changes = differing<Columns>(row, {
      name: given.name,
      description: given.description,
      statements: given.privilege && JSON.stringify(given.privilege),
      createdAt: given.created_at,
    })
    const holders: Holders = {
      roleIds: inOrder(given.roles ?? roleIds),
      userIds: inOrder(given.users ?? userIds),
    }
    const same = holders.roleIds.join() === roleIds.join() && holders.userIds.join() === userIds.join()
    if (existing && same && Object.keys(changes).length === 0) tally.unchanged++
    else {
      await rows.putPrivilege({ ...row, ...changes } as StoredPrivilege, holders)
      tally[existing ? 'updated' : 'created']++
    }
  }
  return tally
}
