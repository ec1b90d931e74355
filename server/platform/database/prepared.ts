import type { Compilable, CompiledQuery } from 'kysely'
import { engineOf, type Database } from './database.ts'
import type { Engine } from './schema.ts'

/** Stands in a query for a value that each run brings. */
class Slot {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/**
 * A query that is built once for each engine and run with other values each time: for what every request asks, because
 * building costs more than SQLite takes to answer. A value is one column's; a list of any length cannot be one.
 */
export function prepared<V extends object, R>(
  build: (db: Database, slots: V) => Compilable<R>,
): (db: Database, values: V) => Promise<R[]> {
  const built: Partial<Record<Engine, CompiledQuery<R>>> = {}
  const slots = new Proxy({}, { get: (_target, name) => new Slot(String(name)) }) as V
  return async (db, values) => {
    const query = (built[engineOf(db)] ??= build(db, slots).compile())
    const parameters = query.parameters.map((one) =>
      one instanceof Slot ? values[one.name as keyof V] : one,
    )
    const { rows } = await db.executeQuery<R>({ ...query, parameters })
    return rows
  }
}
