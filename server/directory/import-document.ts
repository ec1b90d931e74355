import type { Clock } from '../platform/clock.ts'
import type { PasswordHasher } from '../platform/password-hash.ts'
import type { Sealer } from '../platform/sealing.ts'
import type { OpenSpool, Spool } from '../platform/spool.ts'
import type { DirectoryDocument, ListName } from './document.ts'
import { applySettings, type Tally } from './document-apply.ts'
import { applyUsers } from './document-apply-users.ts'
import { checkDocument, type Plan } from './document-check.ts'
import { Faults } from './document-faults.ts'
import { inParallel } from './document-lists.ts'
import type { Chunks } from './document-parts.ts'
import { applyPrivileges, matchPrivileges, type PrivilegeMatch } from './document-privileges.ts'
import { planPeople, type PeoplePlan, type PersonMatch } from './document-people.ts'
import { addStyleFaults } from './document-styles.ts'
import { readDocument, type GivenPerson, type ReadDocument } from './document-read.ts'
import type { DirectoryReader, DocumentStore, Snapshot } from './document-store.ts'

export interface ImportDeps {
  store: DocumentStore
  hasher: PasswordHasher
  sealer: Sealer
  clock: Clock
  openSpool: OpenSpool
}

export interface ImportOptions {
  /** Refuses with `DirectoryNotEmpty` when anybody or anything is there: of two first starts one wins. */
  onlyIfEmpty?: boolean
  /** Hears how far it is; `total` is missing while it is not known. */
  onProgress?: (progress: ImportProgress) => void
}

export interface ImportProgress {
  doing: 'checking' | 'hashing' | 'writing'
  done: number
  total: number
}

/** The directory was to be filled for the first time, and is not empty. */
export class DirectoryNotEmpty extends Error {
  override readonly name = 'DirectoryNotEmpty'
}

/** What an import did, by list of the document. */
export type ImportSummary = Record<Exclude<ListName, 'custom_attributes'>, Tally>

/** Passwords in the work queue at once; it decides how many of them it works at. */
const PASSWORDS_AT_ONCE = 8

/**
 * Brings the directory to what the document says, JSON or YAML, or leaves it untouched. People are never all in memory:
 * the document may be larger than that.
 *
 * @throws DocumentError with what is wrong with the document
 */
export async function importDocument(
  d: ImportDeps,
  chunks: Chunks,
  options: ImportOptions = {},
): Promise<ImportSummary> {
  const { document, faults } = await readDocument(chunks, d.openSpool)
  await addStyleFaults(document, faults)
  const progress = options.onProgress ?? (() => undefined)
  try {
    progress({ doing: 'checking', done: 0, total: document.users.length })
    const first = await d.store.read((rows) => plan(d, rows, document, faults, options))
    try {
      if (document.hasPasswords) await hashPasswords(d, document, first.people, progress)
    } finally {
      await first.people.people.close()
    }
    return await d.store.write(async (rows) => {
      // Looked at again: somebody may have changed the directory meanwhile.
      const { settings, stored, people, privileges } = await plan(d, rows, document, new Faults(), options)
      try {
        const now = d.clock()
        const applied = await applySettings(rows, settings, stored, now)
        const total = people.people.length
        const onWritten = (done: number) => progress({ doing: 'writing', done, total })
        const users = await applyUsers({ rows, sealer: d.sealer, now }, people, onWritten)
        return { ...applied, users, privileges: await applyPrivileges(rows, privileges, now) }
      } finally {
        await people.people.close()
      }
    })
  } finally {
    await document.users.close()
  }
}

/** The same for a document that is an object already. */
export const importDirectory = (
  d: ImportDeps,
  document: DirectoryDocument,
  options: ImportOptions = {},
): Promise<ImportSummary> => importDocument(d, [JSON.stringify(document)], options)

async function plan(
  d: ImportDeps,
  rows: DirectoryReader,
  document: ReadDocument,
  faults: Faults,
  { onlyIfEmpty = false }: ImportOptions,
): Promise<{ settings: Plan; people: PeoplePlan; stored: Snapshot; privileges: PrivilegeMatch[] }> {
  if (onlyIfEmpty && !(await rows.isEmpty())) throw new DirectoryNotEmpty('There is a directory already')
  const stored = await rows.snapshot()
  const settings = checkDocument(document, stored, faults)
  const privileges = matchPrivileges(document, stored, faults)
  const people = await planPeople({ rows, document, stored, openSpool: d.openSpool }, faults)
  if (faults.count > 0) await people.people.close()
  faults.throwIfAny()
  return { settings, people, stored, privileges }
}

/** Hashes the clear-text passwords, but for those that people have already: to set these again would sign them out. */
async function hashPasswords(
  d: ImportDeps,
  document: ReadDocument,
  { people }: PeoplePlan,
  progress: NonNullable<ImportOptions['onProgress']>,
): Promise<void> {
  const hashed: Spool<GivenPerson> = d.openSpool<GivenPerson>()
  for await (const slice of people.slices()) {
    const given = slice.filter((person) => person.given.password !== undefined)
    const current = await storedPasswords(d, given)
    await inParallel(given, PASSWORDS_AT_ONCE, async (person) => {
      person.hashed = await hashOf(d, person.given.password!, current.get(person.existing?.id ?? 0))
    })
    for (const { index, given: user, hashed: hash } of slice)
      await hashed.add({ index, given: user, ...(hash !== undefined && { hashed: hash }) })
    progress({ doing: 'hashing', done: hashed.length, total: people.length })
  }
  await document.users.close()
  document.users = hashed
}

async function storedPasswords(
  d: ImportDeps,
  given: readonly PersonMatch[],
): Promise<Map<number, string | null>> {
  const ids = given.flatMap(({ existing }) => existing?.id ?? [])
  const people = await d.store.read((rows) => rows.people(ids))
  return new Map(people.map(({ row }) => [row.id, row.passwordHash]))
}

async function hashOf(
  { hasher }: ImportDeps,
  password: string,
  stored: string | null | undefined,
): Promise<string> {
  const isCurrent = stored && !hasher.needsRehash(stored) && (await hasher.verify(stored, password))
  return isCurrent ? stored : hasher.hash(password)
}
