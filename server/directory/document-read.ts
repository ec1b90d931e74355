import type { z } from 'zod'
import type { OpenSpool, Spool } from '../platform/spool.ts'
import type { StoredPassword } from '../platform/password-hash.ts'
import {
  BLOCK_SCHEMAS,
  ENTRY_SCHEMAS,
  LIST_NAMES,
  type GivenApp,
  type GivenBrand,
  type GivenCredential,
  type GivenGroup,
  type GivenLegacyKey,
  type GivenPrivilege,
  type GivenRole,
  type ListName,
} from './document.ts'
import { Faults, faultsOf, jsonPath, plainWords } from './document-faults.ts'
import { partsOf, type Chunks, type Part } from './document-parts.ts'
import type { GivenUser } from './document-user.ts'

/** One entry of a list and where it stands in the document. */
export interface Entry<T> {
  path: string
  value: T
}

/** A person of the document: `$.users[index]`. */
export interface GivenPerson {
  index: number
  given: GivenUser
  /** The stored form of the clear-text password, once there is one. */
  hashed?: StoredPassword
}

/** A document whose well-formed parts are read; the others are among the faults. */
export interface ReadDocument {
  account: z.output<(typeof BLOCK_SCHEMAS)['account']> | undefined
  policy: z.output<(typeof BLOCK_SCHEMAS)['policy']> | undefined
  brands: Entry<GivenBrand>[]
  custom_attributes: Entry<string>[]
  groups: Entry<GivenGroup>[]
  roles: Entry<GivenRole>[]
  apps: Entry<GivenApp>[]
  api_credentials: Entry<GivenCredential>[]
  legacy_keys: Entry<GivenLegacyKey>[]
  privileges: Entry<GivenPrivilege>[]
  users: Spool<GivenPerson>
  /** Whether anybody has a password in clear text. */
  hasPasswords: boolean
  /** Ids that entries with a fault say they have: a reference to one of them is not wrong as well. */
  faultyIds: Record<Exclude<ListName, 'users'>, Set<unknown>>
}

const MAX_DEPTH = 20
const MAX_TEXT = 65_536
const FORBIDDEN_KEYS = ['__proto__', 'constructor', 'prototype']

/** Reads JSON or YAML piece by piece, people into a spool. @throws DocumentError when it is neither, or is not safe to look at */
export async function readDocument(
  chunks: Chunks,
  openSpool: OpenSpool,
): Promise<{ document: ReadDocument; faults: Faults }> {
  const [unsafe, faults] = [new Faults(), new Faults()]
  const document = emptyDocument(openSpool)
  try {
    for await (const part of partsOf(chunks)) {
      if (isSafe(part, unsafe)) await readPart(document, part, faults)
    }
    unsafe.throwIfAny()
    return { document, faults }
  } catch (error) {
    await document.users.close()
    throw error
  }
}

const emptyDocument = (openSpool: OpenSpool): ReadDocument => ({
  account: undefined,
  policy: undefined,
  brands: [],
  custom_attributes: [],
  groups: [],
  roles: [],
  apps: [],
  api_credentials: [],
  legacy_keys: [],
  privileges: [],
  users: openSpool<GivenPerson>(),
  hasPasswords: false,
  faultyIds: Object.fromEntries(
    LIST_NAMES.filter((list) => list !== 'users').map((list) => [list, new Set()]),
  ) as ReadDocument['faultyIds'],
})

/** Text that not every database keeps, keys that JavaScript reads as its own, and nesting that no reader should follow. */
function isSafe(part: Part, faults: Faults): boolean {
  const before = faults.count
  const visit = (value: unknown, path: (string | number)[]): void => {
    const fault = (message: string) => faults.push({ path: jsonPath(path), message })
    if (path.length > MAX_DEPTH) fault('is nested too deep')
    else if (typeof value === 'string') {
      if (value.includes('\0')) fault('must not contain the character NUL')
      else if (/\p{Surrogate}/u.test(value)) fault('must be well-formed Unicode')
      else if (value.length > MAX_TEXT) fault(`must be at most ${MAX_TEXT} characters long`)
    } else if (Array.isArray(value)) value.forEach((entry, i) => visit(entry, [...path, i]))
    else if (typeof value === 'object' && value !== null) {
      for (const [key, entry] of Object.entries(value)) visitMember(key, entry, path)
    }
  }
  const visitMember = (key: string, value: unknown, path: (string | number)[]): void => {
    if (FORBIDDEN_KEYS.includes(key) || /[\0\p{Surrogate}]/u.test(key)) {
      faults.push({ path: jsonPath([...path, key]), message: 'is not a key that may be used' })
    } else visit(value, [...path, key])
  }
  if (part.is === 'entry') visit(part.value, [part.key, part.index])
  else visitMember(part.key, part.is === 'value' ? part.value : undefined, [])
  return faults.count === before
}

const isList = (key: string): key is ListName => Object.hasOwn(ENTRY_SCHEMAS, key)
const isBlock = (key: string): key is keyof typeof BLOCK_SCHEMAS => Object.hasOwn(BLOCK_SCHEMAS, key)

async function readPart(document: ReadDocument, part: Part, faults: Faults): Promise<void> {
  const { key } = part
  if (part.is === 'entry') {
    if (isList(key)) await readEntry(document, key, part, faults)
  } else if (isBlock(key)) {
    const value = part.is === 'list' ? [] : part.value
    const read = parsed(BLOCK_SCHEMAS[key] as z.ZodType<never>, value, `$.${key}`, faults)
    document[key] = read
  } else if (!isList(key)) {
    faults.push({ path: jsonPath([key]), message: 'is not a known key' })
  } else if (part.is === 'value' && part.value !== null) {
    faults.push({ path: `$.${key}`, message: 'must be a list' })
  }
}

async function readEntry(
  document: ReadDocument,
  key: ListName,
  { index, value }: Extract<Part, { is: 'entry' }>,
  faults: Faults,
): Promise<void> {
  const path = `$.${key}[${index}]`
  if (key === 'users') {
    const given = parsed(ENTRY_SCHEMAS.users, value, path, faults)
    if (given === undefined) return
    document.hasPasswords ||= given.password !== undefined
    await document.users.add({ index, given })
    return
  }
  const read = parsed(ENTRY_SCHEMAS[key] as z.ZodType, value, path, faults)
  if (read === undefined) document.faultyIds[key].add(idOf(value))
  else (document[key] as Entry<never>[]).push({ path, value: read as never })
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, path: string, faults: Faults): T | undefined {
  const result = schema.safeParse(value, { error: plainWords })
  if (!result.success) faults.push(...faultsOf(result.error, path))
  return result.data
}

/** What names an entry that has a fault: its id, or the text itself. */
function idOf(entry: unknown): unknown {
  if (typeof entry !== 'object' || entry === null) return entry
  return (entry as { id?: unknown }).id
}
