import { PostgresDialect, type Dialect, type PostgresPool, type PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { Problem } from '../../errors.ts'

const INT8 = 20
const parserOf = pg.types.getTypeParser as (
  oid: number,
  format?: 'text' | 'binary',
) => (text: string) => unknown
/** Whole numbers (int8) come as text by default; ours are ids and milliseconds, far below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') => (oid === INT8 ? Number : parserOf(oid, format)),
}

/** The connection, or the server behind it, is gone: class 08 and 57P, too many clients, and the network's own codes. */
const GONE = /^(08...|57P0.|53300|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/
const LOST =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/

const isGone = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  const { code } = error as { code?: unknown }
  return (typeof code === 'string' && GONE.test(code)) || LOST.test(error.message)
}

/** No answer is a 503 and not a fault of ours; everything else stays what it is. */
const told = (error: unknown): unknown =>
  isGone(error) ? new Problem('unavailable', { retryAfterSeconds: 5, cause: error }) : error

/** A client that goes back to the pool only while its connection lives. */
function watched(client: pg.PoolClient): PostgresPoolClient {
  let broken: Error | undefined
  const query = async (text: string, values: unknown[]): Promise<unknown> => {
    try {
      return await client.query(text, values)
    } catch (error) {
      if (isGone(error)) broken = error as Error
      throw told(error)
    }
  }
  return { query: query as PostgresPoolClient['query'], release: () => client.release(broken) }
}

/** PostgreSQL 13 or later, for a directory that outgrows one machine. */
export function postgresDialect(url: string, onError: (error: Error) => void): Dialect {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 5000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 30_000,
    types,
  })
  pool.on('error', onError) // an idle connection died: the pool makes a new one when it is needed
  const guarded: PostgresPool = {
    connect: async () => {
      try {
        return watched(await pool.connect())
      } catch (error) {
        throw told(error)
      }
    },
    end: () => pool.end(),
  }
  return new PostgresDialect({ pool: guarded })
}
