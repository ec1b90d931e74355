import type { z } from 'zod'
import {
  BLOCK_SCHEMAS,
  ENTRY_SCHEMAS,
  LIST_NAMES,
  type GivenApp,
  type GivenBrand,
  type GivenCredential,
  type GivenGroup,
  type GivenRole,
  type ListName,
} from './document.ts'
import { DocumentError, faultsOf, jsonPath, plainWords, type Fault } from './document-faults.ts'
import { jsonFault, lineAndColumn } from './document-json.ts'
import type { GivenUser } from './document-user.ts'

/** One entry of a list and where it stands in the document. */
export interface Entry<T> {
  path: string
  value: T
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
  users: Entry<GivenUser>[]
  api_credentials: Entry<GivenCredential>[]
  /** Ids that entries with a fault say they have: a reference to one of them is not wrong as well. */
  faultyIds: Record<ListName, Set<unknown>>
  faults: Fault[]
}

const MAX_DEPTH = 20
const MAX_TEXT = 65_536
const MAX_SYNTAX_FAULTS = 20
const FORBIDDEN_KEYS = ['__proto__', 'constructor', 'prototype']

const refuse = (message: string): never => {
  throw new DocumentError([{ path: '$', message }])
}

/** JSON when it starts with a brace, else YAML. @throws DocumentError when it is neither */
export async function readDocument(text: string): Promise<ReadDocument> {
  const value = /^\s*\{/.test(text) ? fromJson(text) : await fromYaml(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse('must be an object with keys')
  }
  const faults = unsafeParts(value)
  if (faults.length > 0) throw new DocumentError(faults)
  return readParts(value as Record<string, unknown>)
}

/** The parser's own message would quote the document, and with it perhaps a password. */
function fromJson(text: string): unknown {
  const fault = jsonFault(text)
  if (fault === undefined) return JSON.parse(text) as unknown
  const where = lineAndColumn(text, fault.at)
  return refuse(
    fault.what === 'syntax'
      ? `must be JSON, as it starts with a brace; it stops being that at ${where}`
      : `must not name a key twice, as at ${where}`,
  )
}

async function fromYaml(text: string): Promise<unknown> {
  const { parseDocument } = await import('yaml')
  const yaml = parseDocument(text, { version: '1.2', merge: false, stringKeys: true })
  const found = [...yaml.errors, ...yaml.warnings].slice(0, MAX_SYNTAX_FAULTS)
  if (found.length > 0) {
    throw new DocumentError(
      found.map((e) => ({
        path: '$',
        message: `must be YAML 1.2: ${e.message.split('\n')[0]!.replace(/:$/, '')}`,
      })),
    )
  }
  try {
    return yaml.toJS({ maxAliasCount: 0 }) as unknown
  } catch {
    return refuse('must not use YAML aliases')
  }
}

/** Text that not every database keeps, keys that JavaScript reads as its own, and nesting that no reader should follow. */
function unsafeParts(document: unknown): Fault[] {
  const faults: Fault[] = []
  const visit = (value: unknown, path: (string | number)[]): void => {
    const fault = (message: string) => faults.push({ path: jsonPath(path), message })
    if (path.length > MAX_DEPTH) fault('is nested too deep')
    else if (typeof value === 'string') {
      if (value.includes('\0')) fault('must not contain the character NUL')
      else if (/\p{Surrogate}/u.test(value)) fault('must be well-formed Unicode')
      else if (value.length > MAX_TEXT) fault(`must be at most ${MAX_TEXT} characters long`)
    } else if (Array.isArray(value)) value.forEach((entry, i) => visit(entry, [...path, i]))
    else if (typeof value === 'object' && value !== null) {
      for (const [key, entry] of Object.entries(value)) {
        if (FORBIDDEN_KEYS.includes(key) || /[\0\p{Surrogate}]/u.test(key)) {
          faults.push({ path: jsonPath([...path, key]), message: 'is not a key that may be used' })
        } else visit(entry, [...path, key])
      }
    }
  }
  visit(document, [])
  return faults
}

function readParts(raw: Record<string, unknown>): ReadDocument {
  const faults: Fault[] = []
  for (const key of Object.keys(raw)) {
    if (!(key in BLOCK_SCHEMAS) && !(key in ENTRY_SCHEMAS)) {
      faults.push({ path: jsonPath([key]), message: 'is not a known key' })
    }
  }
  const faultyIds = Object.fromEntries(
    LIST_NAMES.map((list) => [list, new Set()]),
  ) as ReadDocument['faultyIds']
  const read = <T>(schema: z.ZodType<T>, value: unknown, path: string): T | undefined => {
    const parsed = schema.safeParse(value, { error: plainWords })
    if (!parsed.success) faults.push(...faultsOf(parsed.error, path))
    return parsed.data
  }
  const block = <T>(schema: z.ZodType<T>, key: keyof typeof BLOCK_SCHEMAS) =>
    raw[key] === undefined ? undefined : read(schema, raw[key], `$.${key}`)
  const list = <T>(schema: z.ZodType<T>, key: ListName): Entry<T>[] => {
    const given = raw[key] ?? []
    if (!Array.isArray(given)) faults.push({ path: `$.${key}`, message: 'must be a list' })
    return (Array.isArray(given) ? (given as unknown[]) : []).flatMap((entry, i) => {
      const path = `$.${key}[${i}]`
      const value = read(schema, entry, path)
      if (value === undefined) faultyIds[key].add(idOf(entry))
      return value === undefined ? [] : [{ path, value }]
    })
  }
  return {
    account: block(BLOCK_SCHEMAS.account, 'account'),
    policy: block(BLOCK_SCHEMAS.policy, 'policy'),
    brands: list(ENTRY_SCHEMAS.brands, 'brands'),
    custom_attributes: list(ENTRY_SCHEMAS.custom_attributes, 'custom_attributes'),
    groups: list(ENTRY_SCHEMAS.groups, 'groups'),
    roles: list(ENTRY_SCHEMAS.roles, 'roles'),
    apps: list(ENTRY_SCHEMAS.apps, 'apps'),
    users: list(ENTRY_SCHEMAS.users, 'users'),
    api_credentials: list(ENTRY_SCHEMAS.api_credentials, 'api_credentials'),
    faultyIds,
    faults,
  }
}

/** What names an entry that has a fault: its id, or the text itself. */
function idOf(entry: unknown): unknown {
  if (typeof entry !== 'object' || entry === null) return entry
  return (entry as { id?: unknown }).id
}
