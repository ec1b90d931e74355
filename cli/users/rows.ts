import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { CsvError, parse, type Info } from 'csv-parse'

export const COLUMNS = ['id', 'username', 'email'] as const
export type Column = (typeof COLUMNS)[number]

/** One row of the file; empty cells are left out. */
export interface Row {
  /** Where it begins, from 1. */
  line: number
  cells: Partial<Record<Column, string>>
  /** Why it cannot name anybody. */
  fault?: string
}

/** A file that is not understood; nothing has been done. */
export class FileFault extends Error {
  override readonly name = 'FileFault'
}

/** No e-mail or username is nearly as long; a quote that is never closed stops here and not at the end of memory. */
const MAX_ROW_LENGTH = 65_536

/** Never made into other characters: a name that is read wrong may be somebody else's. */
async function* decoded(source: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  for await (const bytes of source) yield decoder.decode(bytes, { stream: true })
  yield decoder.decode()
}

/** Each record with the line it begins at; empty lines are none. @throws FileFault */
async function* records(path: string): AsyncGenerator<{ line: number; record: string[] }> {
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: MAX_ROW_LENGTH,
  })
  const source = createReadStream(path)
  const failed: { error?: unknown } = {}
  pipeline(source, decoded, parser, (error) => (failed.error = error ?? undefined))
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      const within = record.join('').split('\n').length - 1
      yield { line: info.lines - within, record }
    }
  } catch (error) {
    throw fileFault(path, failed.error ?? error)
  } finally {
    source.destroy()
  }
}

function fileFault(path: string, error: unknown): FileFault {
  const { code, message } = error as { code?: string; message: string }
  if (error instanceof CsvError) return new FileFault(`${path} is not CSV: ${message}`, { cause: error })
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
    return new FileFault(`${path} is not UTF-8 text: save it as "CSV UTF-8".`, { cause: error })
  return new FileFault(`${path} cannot be read: ${message}`, { cause: error })
}

/** Which column of the file is which, by its first line. @throws FileFault */
function headerOf(path: string, header: readonly string[]): (Column | undefined)[] {
  const columns = header.map((name) => {
    const known = COLUMNS.find((column) => column === name.toLowerCase())
    if (known !== undefined && known !== name) {
      throw new FileFault(`The column "${name}" of ${path} must be written in lower case: ${known}`)
    }
    return known
  })
  for (const column of COLUMNS) {
    if (columns.filter((name) => name === column).length > 1)
      throw new FileFault(`${path} has the column ${column} twice.`)
  }
  if (!columns.some((column) => column)) {
    throw new FileFault(`The first line of ${path} names none of the columns ${COLUMNS.join(', ')}.`)
  }
  return columns
}

function rowOf(line: number, record: readonly string[], columns: readonly (Column | undefined)[]): Row {
  const given = columns.flatMap((column, i) => (column && record[i] ? [[column, record[i]] as const] : []))
  const cells: Row['cells'] = Object.fromEntries(given)
  if (record.length !== columns.length) {
    return { line, cells, fault: `has ${record.length} cells, and the first line has ${columns.length}` }
  }
  if (given.length === 0) return { line, cells, fault: 'has no id, username or email' }
  if (cells.id !== undefined && !/^[1-9]\d{0,14}$/.test(cells.id)) {
    return { line, cells, fault: 'has an id that is no whole number' }
  }
  const wild = (['username', 'email'] as const).find((name) => /^!|\*/.test(cells[name] ?? ''))
  return wild
    ? { line, cells, fault: `has ! or * in ${wild}, which look for many: give an id` }
    : { line, cells }
}

/** The rows of the file, one after the other. @throws FileFault */
export async function* readRows(path: string): AsyncGenerator<Row> {
  let columns: (Column | undefined)[] | undefined
  for await (const { line, record } of records(path)) {
    if (columns) yield rowOf(line, record, columns)
    else columns = headerOf(path, record)
  }
  if (!columns) throw new FileFault(`${path} is empty.`)
}

/** Reads the whole file once, so that a fault in its last line is known before anybody is deleted. */
export async function countRows(path: string): Promise<number> {
  const found = await stat(path).catch((error: unknown) => {
    throw fileFault(path, error)
  })
  if (!found.isFile()) throw new FileFault(`${path} is not a file that can be read twice.`)
  let count = 0
  for await (const row of readRows(path)) if (row.line > 0) count++
  return count
}
