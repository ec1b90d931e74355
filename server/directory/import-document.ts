import type { Clock } from '../platform/clock.ts'
import type { PasswordHasher, StoredPassword } from '../platform/password-hash.ts'
import type { Sealer } from '../platform/sealing.ts'
import type { DirectoryDocument, ListName } from './document.ts'
import { applySettings, type Tally } from './document-apply.ts'
import { applyUsers } from './document-apply-users.ts'
import { checkDocument, type Plan } from './document-check.ts'
import { DocumentError } from './document-faults.ts'
import { inParallel } from './document-lists.ts'
import { readDocument, type ReadDocument } from './document-read.ts'
import type { DirectoryReader, DocumentStore, Snapshot } from './document-store.ts'

export interface ImportDeps {
  store: DocumentStore
  hasher: PasswordHasher
  sealer: Sealer
  clock: Clock
}

export interface ImportOptions {
  /** Refuses with `DirectoryNotEmpty` when anybody or anything is there: of two first starts one wins. */
  onlyIfEmpty?: boolean
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
 * Brings the directory to what the document says, JSON or YAML, or leaves it untouched.
 *
 * @throws DocumentError with everything that is wrong with the document
 */
export async function importDocument(
  d: ImportDeps,
  text: string,
  options: ImportOptions = {},
): Promise<ImportSummary> {
  const document = await readDocument(text)
  const first = await d.store.read((rows) => plan(rows, document, options))
  const passwords = await storedPasswords(d, first.plan)
  return d.store.write(async (rows) => {
    // Looked at again: somebody may have changed the directory while passwords were hashed.
    const { plan: agreed, stored } = await plan(rows, document, options)
    const now = d.clock()
    const settings = await applySettings(rows, agreed, stored, now)
    const users = await applyUsers({ rows, sealer: d.sealer, now, passwords }, agreed.users)
    return { ...settings, users }
  })
}

/** The same for a document that is an object already. */
export const importDirectory = (
  d: ImportDeps,
  document: DirectoryDocument,
  options: ImportOptions = {},
): Promise<ImportSummary> => importDocument(d, JSON.stringify(document), options)

async function plan(
  rows: DirectoryReader,
  document: ReadDocument,
  { onlyIfEmpty = false }: ImportOptions,
): Promise<{ plan: Plan; stored: Snapshot }> {
  if (onlyIfEmpty && !(await rows.isEmpty())) throw new DirectoryNotEmpty('There is a directory already')
  const stored = await rows.snapshot()
  const { plan, faults } = checkDocument(document, stored)
  if (faults.length > 0) throw new DocumentError(faults)
  return { plan, stored }
}

/** Hashes the clear-text passwords, but for those that people have already: to set these again would sign them out. */
async function storedPasswords(d: ImportDeps, { users }: Plan): Promise<Map<string, StoredPassword>> {
  const given = users.filter((user) => user.given.password !== undefined)
  const ids = given.flatMap((user) => user.existing?.id ?? [])
  const people = await d.store.read((rows) => rows.people(ids))
  const current = new Map(people.map(({ row }) => [row.id, row.passwordHash]))
  const passwords = new Map<string, StoredPassword>()
  await inParallel(given, PASSWORDS_AT_ONCE, async ({ path, given: { password = '' }, existing }) => {
    const stored = existing ? (current.get(existing.id) ?? null) : null
    const isCurrent =
      stored !== null && !d.hasher.needsRehash(stored) && (await d.hasher.verify(stored, password))
    passwords.set(path, isCurrent ? stored : await d.hasher.hash(password))
  })
  return passwords
}
