/** One line of the table: what we reach, what the machine can do, and how far apart they are. */
export interface Figure {
  what: string
  ours: string
  raw: string
  ratio?: number
  aim: string
  met: boolean
  /** What was measured beside, for whoever doubts. */
  notes?: string[]
}

const COLUMNS = ['figure', 'ours', 'raw primitive', 'ratio', 'aim', ''] as const

const cells = ({ what, ours, raw, ratio, aim, met }: Figure): string[] => [
  what,
  ours,
  raw,
  ratio === undefined ? '' : ratio.toFixed(2),
  aim,
  met ? 'met' : 'MISSED',
]

/** Everything that was measured as one table, with the notes below it. */
export function table(figures: readonly Figure[]): string {
  const rows = [[...COLUMNS], ...figures.map(cells)]
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const line = (row: string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd()
  const notes = figures.flatMap(({ what, notes = [] }) => notes.map((note) => `${what}: ${note}`))
  const ruler = widths.map((width) => '-'.repeat(width)).join('  ')
  return [line(rows[0]!), ruler, ...rows.slice(1).map(line), '', ...notes, ''].join('\n')
}
