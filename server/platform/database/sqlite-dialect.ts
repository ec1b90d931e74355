import { createRequire } from 'node:module'
import {
  CompiledQuery,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely'
import { Problem } from '../../errors.ts'

type Value = null | number | bigint | string | Uint8Array
interface Statement {
  all(...values: Value[]): unknown[]
  run(...values: Value[]): { changes: number | bigint; lastInsertRowid: number | bigint }
}
/** What we use of `node:sqlite`, which `@photostructure/sqlite` also offers. */
export interface SqliteDatabase {
  prepare(sql: string): Statement
  exec(sql: string): void
  close(): void
}

const MAX_STATEMENTS = 500
const require = createRequire(import.meta.url)

/** `node:sqlite` where Node has it (22.13 and later), the same API from a package with its own binary on Node 20. */
export function openSqlite(path: string): SqliteDatabase {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const builtIn = major > 22 || (major === 22 && minor >= 13)
  const { DatabaseSync } = require(builtIn ? 'node:sqlite' : '@photostructure/sqlite') as {
    DatabaseSync: new (path: string) => SqliteDatabase
  }
  const database = new DatabaseSync(path)
  for (const pragma of [
    'busy_timeout = 5000', // first: two processes that start at once both ask for the journal
    'journal_mode = wal',
    'synchronous = normal',
    'wal_autocheckpoint = 4000', // 16 MB: what is written again and again is carried over less often
    'foreign_keys = on',
  ]) {
    database.exec(`pragma ${pragma}`)
  }
  return database
}

/** SQLITE_BUSY, _READONLY, _IOERR, _FULL and _CANTOPEN, by text: one of the two libraries gives no code with rows. */
const OUT_OF_ORDER =
  /^(database is locked|attempt to write a readonly database|disk I\/O error|database or disk is full|unable to open database file)/

/** What the disk or another process refuses is a 503 and not a fault of ours; everything else stays what it is. */
const told = (error: unknown): unknown =>
  error instanceof Error && OUT_OF_ORDER.test(error.message)
    ? new Problem('unavailable', { retryAfterSeconds: 5, cause: error })
    : error

/** Runs one Kysely query, with the compiled statement kept: preparing costs more than most lookups. */
function connection(database: SqliteDatabase): DatabaseConnection {
  const statements = new Map<string, Statement>()
  const prepare = (sql: string): Statement => {
    let statement = statements.get(sql)
    if (!statement) {
      statement = database.prepare(sql)
      if (statements.size >= MAX_STATEMENTS) statements.delete(statements.keys().next().value!)
      statements.set(sql, statement)
    }
    return statement
  }
  return {
    async executeQuery<R>(compiled: CompiledQuery): Promise<QueryResult<R>> {
      try {
        return run<R>(prepare(compiled.sql), compiled)
      } catch (error) {
        throw told(error)
      }
    },
    streamQuery() {
      throw new Error('SQLite queries are not streamed: page by key instead')
    },
  }
}

function run<R>(statement: Statement, { parameters, query }: CompiledQuery): QueryResult<R> {
  const values = parameters as Value[]
  const changesOnly =
    ['InsertQueryNode', 'UpdateQueryNode', 'DeleteQueryNode'].includes(query.kind) &&
    !('returning' in query && query.returning)
  if (!changesOnly) return { rows: statement.all(...values) as R[] }
  const { changes, lastInsertRowid } = statement.run(...values)
  return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
}

/** One connection for the process; whoever holds it, in turn. A transaction that may write takes the write lock at once. */
function driver(database: SqliteDatabase): Driver {
  const only = connection(database)
  let free: Promise<void> = Promise.resolve()
  let release: () => void = () => undefined
  return {
    init: async () => undefined,
    async acquireConnection() {
      const before = free
      let done: () => void = () => undefined
      free = new Promise((resolve) => (done = resolve))
      await before
      release = done
      return only
    },
    beginTransaction: async (c, { accessMode }) => {
      await c.executeQuery(CompiledQuery.raw(accessMode === 'read only' ? 'begin' : 'begin immediate'))
    },
    commitTransaction: async (c) => {
      await c.executeQuery(CompiledQuery.raw('commit'))
    },
    rollbackTransaction: async (c) => {
      await c.executeQuery(CompiledQuery.raw('rollback'))
    },
    releaseConnection: async () => release(),
    destroy: async () => database.close(),
  }
}

/** SQLite changes its schema in transactions: migrations are done whole or not at all, by one of several processes. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

export const sqliteDialect = (database: SqliteDatabase): Dialect => ({
  createAdapter: () => new TransactionalAdapter(),
  createDriver: () => driver(database),
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
})
