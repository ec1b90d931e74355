import { Refused, Stopped, type Api, type Person } from './api.ts'
import { findPerson } from './find-person.ts'
import { COLUMNS, type Row } from './rows.ts'

/** What became of a row. */
export type Outcome =
  | { is: 'deleted'; person: Person }
  /** Nobody, or nobody any more. */
  | { is: 'unknown' }
  | { is: 'ambiguous'; why: string }
  | { is: 'duplicate'; of: number }
  /** The row itself is wrong. */
  | { is: 'faulty'; why: string }
  /** The server refused. */
  | { is: 'failed'; why: string }

export interface Result {
  row: Row
  outcome: Outcome
}

/** The run ended before the file did; everything before this line is done. */
export class StoppedAt extends Error {
  override readonly name = 'StoppedAt'

  constructor(line: number, why: string) {
    super(`Stopped at line ${line}. ${why}`)
  }
}

const cellKeys = ({ cells }: Row): string[] =>
  COLUMNS.flatMap((column) =>
    cells[column] === undefined ? [] : [`${column} ${cells[column].toLowerCase()}`],
  )

/**
 * Goes through the rows in their order, one request at a time, and says of each what became of it. In a dry run nobody
 * is deleted.
 */
export async function* deletePeople(
  api: Api,
  rows: AsyncIterable<Row>,
  { dryRun }: { dryRun: boolean },
): AsyncGenerator<Result> {
  const lineOf = new Map<string, number>()
  for await (const row of rows) {
    try {
      const outcome = repeated(row, lineOf) ?? (await deleteOne(api, row, dryRun, lineOf))
      if (outcome.is === 'deleted') for (const key of cellKeys(row)) lineOf.set(key, row.line)
      yield { row, outcome }
    } catch (error) {
      if (error instanceof Stopped) throw new StoppedAt(row.line, error.message)
      throw error
    }
  }
}

/** The line that has named the same before, where every cell of this one stands there too. */
function repeated(row: Row, lineOf: ReadonlyMap<string, number>): Outcome | undefined {
  if (row.fault !== undefined) return { is: 'faulty', why: row.fault }
  const lines = new Set(cellKeys(row).map((key) => lineOf.get(key)))
  const [of] = lines
  return lines.size === 1 && of !== undefined ? { is: 'duplicate', of } : undefined
}

async function deleteOne(api: Api, row: Row, dryRun: boolean, lineOf: Map<string, number>): Promise<Outcome> {
  try {
    const found = await findPerson(api, row)
    if (found.is === 'nobody') return { is: 'unknown' }
    if (found.is === 'ambiguous') return found
    const { person } = found
    const before = lineOf.get(`id ${person.id}`)
    if (before !== undefined) return { is: 'duplicate', of: before }
    if (!dryRun && !(await api.remove(person.id))) return { is: 'unknown' }
    lineOf.set(`id ${person.id}`, row.line)
    return { is: 'deleted', person }
  } catch (error) {
    if (error instanceof Refused) return { is: 'failed', why: error.message }
    throw error
  }
}
