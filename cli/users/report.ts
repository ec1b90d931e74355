import type { MultiBar, SingleBar } from 'cli-progress'
import type { Outcome, Result } from './delete-people.ts'
import { COLUMNS, type Row } from './rows.ts'

/** How many of each the file had; the keys of `--json`. */
export interface Summary {
  dry_run: boolean
  rows: number
  /** Deleted, or in a dry run those who would be. */
  deleted: number
  unknown: number
  ambiguous: number
  duplicate: number
  faulty: number
  failed: number
  /** Why the run ended before the file did. */
  stopped: string | null
  /** The first rows that were skipped. */
  skipped: { line: number; because: Outcome['is']; detail: string }[]
}

const MAX_SKIPPED = 1000

export const newSummary = (dryRun: boolean): Summary => ({
  dry_run: dryRun,
  rows: 0,
  deleted: 0,
  unknown: 0,
  ambiguous: 0,
  duplicate: 0,
  faulty: 0,
  failed: 0,
  stopped: null,
  skipped: [],
})

export function count(summary: Summary, result: Result, dryRun: boolean): void {
  const { row, outcome } = result
  summary.rows++
  summary[outcome.is]++
  if (outcome.is === 'deleted' || summary.skipped.length === MAX_SKIPPED) return
  summary.skipped.push({ line: row.line, because: outcome.is, detail: textOf(result, dryRun) })
}

/** Text of a file or a server, without characters that could steer a terminal. */
export const plain = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, (c) => `\\u${c.codePointAt(0)!.toString(16).padStart(4, '0')}`)

const nameOf = ({ cells }: Row): string =>
  COLUMNS.flatMap((column) => (cells[column] === undefined ? [] : [`${column} ${cells[column]}`])).join(', ')

function textOf({ row, outcome }: Result, dryRun: boolean): string {
  switch (outcome.is) {
    case 'deleted': {
      const { id, email, username } = outcome.person
      const names = [email, username].filter((name) => name !== '').join(', ')
      return `${dryRun ? 'would delete' : 'deleted'} ${id}${names && ` (${names})`}`
    }
    case 'unknown':
      return `skipped, nobody is ${nameOf(row)}`
    case 'ambiguous':
      return `skipped, ambiguous: ${outcome.why}`
    case 'duplicate':
      return `skipped, the same as line ${outcome.of}`
    case 'faulty':
      return `skipped, it ${outcome.why}`
    case 'failed':
      return `skipped, the server refuses: ${outcome.why}`
  }
}

export const lineOf = (result: Result, dryRun: boolean): string =>
  plain(`line ${result.row.line}: ${textOf(result, dryRun)}`)

/** `Dry run of 3 rows: 1 would be deleted, 1 unknown, 1 ambiguous.` */
export function summaryText(summary: Summary): string {
  const rows = `${summary.rows} ${summary.rows === 1 ? 'row' : 'rows'}`
  const parts = (['unknown', 'ambiguous', 'duplicate', 'faulty', 'failed'] as const).flatMap((what) =>
    summary[what] > 0 ? [`${summary[what]} ${what}`] : [],
  )
  const done = summary.dry_run ? `${summary.deleted} would be deleted` : `${summary.deleted} deleted`
  const text = `${summary.dry_run ? 'Dry run of' : 'Of'} ${rows}: ${[done, ...parts].join(', ')}.`
  return summary.dry_run && summary.deleted > 0
    ? `${text}\nNobody was deleted. To delete them, give --no-dry-run.`
    : text
}

/** Where lines go, with a bar below them while a person watches. */
export interface Screen {
  line(text: string): void
  /** Something that is no result: it goes to standard error. */
  note(text: string): void
  step(): void
  end(): void
}

/** @param total rows of the file */
export async function openScreen(total: number): Promise<Screen> {
  if (!process.stderr.isTTY) {
    const none = () => undefined
    return { line: (text) => console.log(text), note: (text) => console.error(text), step: none, end: none }
  }
  const { default: progress } = await import('cli-progress')
  const bars: MultiBar = new progress.MultiBar({
    stream: process.stderr,
    format: '{bar} {value} of {total} rows, {eta_formatted} left',
    clearOnComplete: true,
    hideCursor: true,
  })
  const bar: SingleBar = bars.create(total, 0)
  return {
    line: (text) => (process.stdout.isTTY ? bars.log(`${text}\n`) : console.log(text)),
    note: (text) => bars.log(`${text}\n`),
    step: () => bar.increment(),
    end() {
      bars.update() // lines wait for the next drawing, and stopping draws no more
      bars.stop()
    },
  }
}
