import type { Compilable, CompiledQuery } from 'kysely'
import { engineOf, type Database } from './database.ts'

/** Stands in a query for a value that each run brings. */
class Slot {
  readonly in: (values: Values) => unknown

  constructor(within: (values: Values) => unknown) {
    this.in = within
  }
}

type Values = Readonly<Record<string, unknown>>

/** A query is kept for each length of a list; longer ones are rare and built anew. */
const LONGEST_LIST = 32

const slotsFor = (values: Values): Values =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      Array.isArray(value)
        ? value.map((_one, at) => new Slot((of) => (of[name] as unknown[])[at]))
        : new Slot((of) => of[name]),
    ]),
  )

const listsIn = (values: Values): string[] =>
  Object.keys(values).filter((name) => Array.isArray(values[name]))

/**
 * A query that is built once for each engine and run with other values each time: for what every request asks, because
 * building costs more than SQLite takes to answer. A value is one column's, or a list of them for `in`; each call
 * brings the same names.
 */
export function prepared<V extends object, R>(
  build: (db: Database, slots: V) => Compilable<R>,
): (db: Database, values: V) => Promise<R[]> {
  const built = new Map<string, CompiledQuery<R>>()
  let lists: string[] | undefined
  return async (db, given) => {
    const values = given as Values
    lists ??= listsIn(values)
    const lengths = lists.map((name) => (values[name] as unknown[]).length)
    const key = `${engineOf(db)} ${lengths.join()}`
    const query = built.get(key) ?? build(db, slotsFor(values) as V).compile()
    if (lengths.every((length) => length <= LONGEST_LIST)) built.set(key, query)
    const parameters = query.parameters.map((one) => (one instanceof Slot ? one.in(values) : one))
    const { rows } = await db.executeQuery<R>({ ...query, parameters })
    return rows
  }
}
