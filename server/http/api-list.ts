/** The query of OneLogin's lists: what they offer, and what a client asks of them. */
import { z } from 'zod'
import { Problem } from '../errors.ts'
import type { Condition, ListQuery, Test } from '../platform/listing.ts'
import { sha256 } from '../platform/master-key.ts'
import { cursorDirection, readCursor } from './api-cursor.ts'
import { isStorable } from './api-input.ts'
import { DEFAULT_LIMIT, type Filter, type ListDialect, type ListModel } from './api-list-model.ts'
import { listParameters } from './api-list-parameters.ts'

/** A list as a client asked for it. */
export interface ListRequest<C extends string> {
  query: ListQuery<C>
  fields: readonly string[] | undefined
  /** Names the filters and order, so that a cursor of another query is told. */
  digest: string
  /** What the client asked beside the place, for the links. */
  asked: URLSearchParams
}

const API_1: ListDialect = { maxLimit: 50, strict: false }
/** `/api/2`: bare arrays, one `cursor`, larger pages, and nothing that it does not know. */
export const API_2: ListDialect = { maxLimit: 1000, strict: true }

const MAX_VALUES = 500
const MAX_WILDCARDS = 5
const MAX_FILTER_LENGTH = 1024
const CURSORS = ['after_cursor', 'before_cursor', 'cursor']

/** Every key of a query with its value or, when it came several times, values. */
const rawQuery = z.record(z.string(), z.union([z.string(), z.array(z.string())]))
type RawQuery = z.output<typeof rawQuery>

/** The query of a list, with what the API's document says of its parameters. */
export const listQuery = (model: ListModel<string>, dialect = API_1, more: object = {}) =>
  rawQuery.meta({ properties: { ...listParameters(model, dialect), ...more } })

const refused = (attribute: string, description: string) =>
  new Problem('invalid_request', { fields: { [attribute]: description } })
const wrongType = (name: string, type: string) =>
  refused(name, `${name} has incorrect data type. It should be -> ${type}`)
const notAnAttribute = (name: string, model: string) =>
  refused(name.slice(0, 64), `${name.slice(0, 64)} is not a valid attribute for ${model} model`)

/** One value of the query; blank is the same as missing, and twice the same key is refused unless it takes many. */
function valueOf(query: RawQuery, name: string, many = false): string | undefined {
  const given = Object.hasOwn(query, name) ? query[name] : undefined
  const value = many && Array.isArray(given) ? given.join(',') : given
  if (Array.isArray(value)) throw refused(name, `${name} should be given once`)
  if (value === undefined || value.trim() === '') return undefined
  if (value.length > MAX_FILTER_LENGTH && !CURSORS.includes(name) && !many)
    throw refused(name, `${name} is too long. It may have ${MAX_FILTER_LENGTH} characters`)
  if (!isStorable(value)) throw refused(name, `${name} has characters that are not allowed`)
  return value
}

function limitOf(text: string | undefined, max: number): number {
  if (text === undefined) return DEFAULT_LIMIT
  if (!/^\s*\+?\d+\s*$/.test(text)) throw wrongType('limit', 'positive integer')
  const limit = Number(text)
  if (limit < 1) throw wrongType('limit', 'positive integer')
  return Math.min(limit, max)
}

const integerOf = (name: string, text: string): number => {
  if (!/^\s*\d{1,15}\s*$/.test(text)) throw wrongType(name, 'integer')
  return Number(text)
}

function integerTest(name: string, filter: Filter<string>, text: string): Test {
  if (!filter.many) return { is: 'equal', to: integerOf(name, text) }
  const values = text.split(',').map((part) => integerOf(name, part))
  if (values.length > MAX_VALUES) throw refused(name, `${name} may have ${MAX_VALUES} values`)
  return { is: 'oneOf', values }
}

function textTest(name: string, filter: Filter<string>, text: string): Test {
  const compared = filter.compared ?? ((value: string) => value)
  if (!text.includes('*')) return { is: 'equal', to: compared(text) }
  const parts = text.replace(/\*+/g, '*').split('*').map(compared)
  if (parts.length - 1 > MAX_WILDCARDS) throw refused(name, `${name} may have ${MAX_WILDCARDS} wildcards`)
  return { is: 'like', parts }
}

function conditionsOf<C extends string>(model: ListModel<C>, query: RawQuery): Condition<C>[] {
  const where: Condition<C>[] = []
  for (const [name, filter] of Object.entries<Filter<C>>(model.filters)) {
    const value = valueOf(query, name, filter.many)
    if (value === undefined) continue
    const not = value.startsWith('!')
    const text = not ? value.slice(1) : value
    const test = filter.kind === 'text' ? textTest(name, filter, text) : integerTest(name, filter, text)
    where.push({ column: filter.column, not, test })
  }
  for (const [name, is] of [
    ['since', 'above'],
    ['until', 'below'],
  ] as const) {
    const value = model.time && valueOf(query, name)
    if (model.time && value !== undefined)
      where.push({ column: model.time, not: false, test: { is, than: timeOf(name, value) } })
  }
  return where
}

const isoTimes = z.union([z.iso.datetime({ offset: true }), z.iso.date()])

/** ISO 8601; the `+` of an offset often arrives decoded as a blank. */
function timeOf(name: string, text: string): number {
  const parsed = isoTimes.safeParse(text.trim().replace(/ (?=\d\d:\d\d$)/, '+'))
  if (!parsed.success) throw wrongType(name, 'datetime in ISO 8601 format')
  return Date.parse(parsed.data)
}

/** `+attr`, `-attr`, or `attr`; a literal plus often arrives decoded as a blank. Times that are asked for sort the list. */
function sortOf<C extends string>(model: ListModel<C>, query: RawQuery, where: readonly Condition<C>[]) {
  const given = valueOf(query, 'sort')
  const timed = where.some(({ column }) => column === model.time)
  const byTime = Object.entries(model.sorts).find(([, sort]) => timed && sort.column === model.time)?.[0]
  const [, sign, name = ''] = /^([+ -]?)(.*)$/s.exec(given ?? byTime ?? 'id') ?? []
  const sort = Object.hasOwn(model.sorts, name) ? model.sorts[name] : undefined
  if (!sort) throw notAnAttribute(name, model.model)
  return { column: sort.column, descending: sign === '-', key: sort.key }
}

/** `fields=email, username`; the id is always there. */
function fieldsOf<C extends string>(model: ListModel<C>, query: RawQuery): readonly string[] | undefined {
  const given = valueOf(query, 'fields')?.split(',')
  if (!given) return undefined
  const names = given.map((name) => name.trim()).filter((name) => name !== '')
  for (const name of names) if (!model.fields.includes(name)) throw notAnAttribute(name, model.model)
  return ['id', ...names]
}

function fromOf(query: RawQuery, digest: string, keyType: 'text' | 'number') {
  const after = valueOf(query, 'after_cursor')
  const before = valueOf(query, 'before_cursor')
  if (after !== undefined && before !== undefined)
    throw refused('before_cursor', 'before_cursor cannot be given beside after_cursor')
  const cursor = after ?? before
  if (cursor === undefined) return undefined
  const direction = after === undefined ? 'before' : 'after'
  const from = readCursor(cursor, { digest, direction, keyType })
  if (!from) throw refused(`${direction}_cursor`, `${direction}_cursor is incorrect`)
  return from
}

const keysOf = (model: ListModel<string>): string[] => [
  ...Object.keys(model.filters),
  ...(model.time ? ['since', 'until'] : []),
  ...(model.search ? ['search'] : []),
  'sort',
  'fields',
  'limit',
]

/** `/api/2` has one cursor, which one SDK takes apart as a query of its own. */
function withOneCursor(query: RawQuery): RawQuery {
  const { cursor, ...rest } = query
  if (typeof cursor !== 'string' || cursor === '') return rest
  const text = Buffer.from(cursor, 'base64').toString('utf8')
  const inner = text.startsWith('cursor=') ? text.slice('cursor='.length) : cursor
  return { ...rest, [`${cursorDirection(inner)}_cursor`]: inner }
}

/** Reads what a client asks of a list. @throws Problem `invalid_request` */
export function readList<C extends string>(
  model: ListModel<C>,
  given: RawQuery,
  { maxLimit, strict }: ListDialect = API_1,
): ListRequest<C> {
  const names = keysOf(model)
  const foreign = strict && Object.keys(given).filter((name) => ![...names, 'cursor'].includes(name))
  if (foreign && foreign.length > 0) {
    const list = foreign.join(', ').slice(0, 200)
    throw new Problem('invalid_request', { message: `query parameter(s) not allowed: ${list}` })
  }
  const query = strict ? withOneCursor(given) : given
  const where = conditionsOf(model, query)
  const search = model.search && valueOf(query, 'search')
  if (search !== undefined && valueOf(query, 'sort') !== undefined)
    throw refused('sort', 'sort cannot be given beside search')
  const { key, ...sort } = sortOf(model, query, where)
  const digest = sha256(JSON.stringify([model.path, where, search ?? null, sort])).slice(0, 16)
  const from = fromOf(query, digest, search === undefined ? key : 'text')
  const limit = limitOf(valueOf(query, 'limit'), maxLimit)
  const asked = new URLSearchParams()
  for (const name of names) {
    const value = valueOf(query, name, model.filters[name]?.many)
    if (value !== undefined) asked.set(name, value)
  }
  return { query: { where, search, sort, limit, from }, fields: fieldsOf(model, query), digest, asked }
}
