import type { z } from 'zod'

/** Something in a directory document that stops the import, and where it stands. */
export interface Fault {
  /** JSON path, e.g. `$.users[3].email`. */
  path: string
  message: string
}

/** A document that cannot be imported, with everything that is wrong with it. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError'
  /** The first of them. */
  readonly faults: readonly Fault[]
  /** How many there are, told or not. */
  readonly count: number

  constructor(faults: readonly Fault[], count = faults.length) {
    super(faults.map(faultText).join('\n'))
    this.faults = faults
    this.count = count
  }
}

const MAX_FAULTS = 1000

/** What is wrong so far: the first faults, and how many there are. A million people can be wrong a million times. */
export class Faults {
  readonly first: Fault[] = []
  count = 0

  push(...faults: readonly Fault[]): void {
    this.count += faults.length
    this.first.push(...faults.slice(0, MAX_FAULTS - this.first.length))
  }

  throwIfAny(): void {
    if (this.count > 0) throw new DocumentError(this.first, this.count)
  }
}

/** One line a person can act on. It names keys, never values: a value may be a password. */
export const faultText = ({ path, message }: Fault): string =>
  /^(must|is|has|needs|belongs|cannot) /.test(message) ? `${path} ${message}` : `${path}: ${message}`

const MAX_KEY_SHOWN = 80

/** A key as JSON, without characters that could steer a terminal. */
const quoted = (key: string): string =>
  JSON.stringify(key.length > MAX_KEY_SHOWN ? `${key.slice(0, MAX_KEY_SHOWN)}…` : key).replace(
    /[\p{Cc}\p{Cf}\p{Cs}]/gu,
    (char) => `\\u${char.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  )

/** `$.users[3].email`, from the path of a parsed value. */
export function jsonPath(path: readonly PropertyKey[], from = '$'): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    const name = String(key)
    return /^[A-Za-z_][\w-]{0,79}$/.test(name) ? `${text}.${name}` : `${text}[${quoted(name)}]`
  }, from)
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object with keys',
  record: 'an object with keys',
}

function wrongType(expected: string, input: unknown): string {
  if (input === undefined) return 'is missing'
  const hint = expected === 'string' && typeof input === 'number' ? ' (put it in quotes)' : ''
  return `must be ${KINDS[expected] ?? expected}${hint}`
}

function wrongSize(bound: string, limit: number | bigint, origin: string): string {
  if (origin === 'string') return `must be ${bound} ${limit} characters long`
  if (origin === 'array') return `must have ${bound} ${limit} entries`
  return `must be ${bound} ${limit}`
}

/** Plain words for what zod found, where a schema has none of its own. */
export function plainWords(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue.expected, issue.input)
    case 'too_small':
      return wrongSize(issue.inclusive ? 'at least' : 'more than', issue.minimum, issue.origin)
    case 'too_big':
      return wrongSize(issue.inclusive ? 'at most' : 'less than', issue.maximum, issue.origin)
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`
    case 'invalid_key':
      return `cannot be a key here: ${issue.issues[0]?.message ?? 'it has the wrong form'}`
    case 'invalid_format':
      return issue.format === 'datetime'
        ? 'must be a time such as 2026-01-31T09:05:00.000Z'
        : 'must have another form'
    case 'invalid_union':
    case 'invalid_element':
    case 'not_multiple_of':
    case 'unrecognized_keys': // one fault a key, see faultsOf
    case 'custom':
      return 'must have another form'
  }
}

/** The faults of a value that did not fit its schema; every unknown key is one. */
export function faultsOf(error: z.ZodError, from: string): Fault[] {
  return error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          path: jsonPath([...issue.path, key], from),
          message: 'is not a known key',
        }))
      : [{ path: jsonPath(issue.path, from), message: issue.message }],
  )
}
