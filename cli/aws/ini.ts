/** Edits AWS's configuration files in place: whatever is not ours stays as it was, comments, order and line ends too. */
import { CliFault } from './fault.ts'

interface Line {
  text: string
  /** `\n`, `\r\n`, or nothing on a last line without one. */
  end: string
}

/** A section's header, and the lines after it up to the next. */
interface Section {
  name: string
  from: number
  to: number
}

const linesOf = (text: string): Line[] =>
  Array.from(text.matchAll(/([^\r\n]*)(\r\n|\n|\r|$)/g), ([, line = '', end = '']) => ({
    text: line,
    end,
  })).filter(({ text: line, end }) => line !== '' || end !== '')

const joined = (lines: readonly Line[]): string => lines.map(({ text, end }) => text + end).join('')

const header = (line: string): string | undefined =>
  /^\s*\[\s*([^\]]*?)\s*\]/.exec(line)?.[1]?.replace(/\s+/g, ' ').replaceAll(/["']/g, '')

function sectionsOf(lines: readonly Line[]): Section[] {
  const starts = lines.flatMap(({ text }, at) => {
    const name = header(text)
    return name === undefined ? [] : [{ name, from: at }]
  })
  return starts.map((start, i) => ({ ...start, to: starts[i + 1]?.from ?? lines.length }))
}

/** @throws CliFault when it is there twice: which of the two counts is a matter of taste */
function sectionNamed(lines: readonly Line[], name: string): Section | undefined {
  const [first, second] = sectionsOf(lines).filter((one) => one.name === name)
  if (second) throw new CliFault('usage', `the section [${name}] is there twice; make one of them first`)
  return first
}

const keyOf = (line: string): string | undefined =>
  /^([^\s#;=:[][^=:]*?)\s*[=:]/.exec(line)?.[1]?.toLowerCase()
const isBlank = (line: string): boolean => line.trim() === '' || /^\s*[#;]/.test(line)

/** The keys of a section with their values; `undefined` when it is not there. */
export function keysIn(text: string, name: string): Record<string, string> | undefined {
  const lines = linesOf(text)
  const section = sectionNamed(lines, name)
  if (!section) return undefined
  const entries = lines.slice(section.from + 1, section.to).flatMap(({ text: line }) => {
    const key = keyOf(line)
    return key === undefined ? [] : [[key, line.slice(line.search(/[=:]/) + 1).trim()] as const]
  })
  return Object.fromEntries(entries)
}

export const sectionNames = (text: string): string[] => sectionsOf(linesOf(text)).map(({ name }) => name)

const endOf = (lines: readonly Line[]): string => lines.find(({ end }) => end !== '')?.end ?? '\n'

/** The text with these keys set in a section, which is added at the end where there is none. */
export function withKeys(text: string, name: string, values: Readonly<Record<string, string>>): string {
  const lines = linesOf(text)
  const end = endOf(lines)
  const written = (key: string, value: string): Line => ({ text: `${key} = ${value}`, end })
  const last = lines.at(-1)
  const section = sectionNamed(lines, name)
  if (!section) {
    if (last?.end === '') last.end = end
    const gap = last && last.text.trim() !== '' ? [{ text: '', end }] : []
    const added = Object.entries(values).map(([key, value]) => written(key, value))
    return joined([...lines, ...gap, { text: `[${name}]`, end }, ...added])
  }
  const missing = new Map(Object.entries(values))
  for (let at = section.from + 1; at < section.to; at++) {
    const line = lines[at]!
    const key = keyOf(line.text)
    const value = key === undefined ? undefined : missing.get(key)
    if (key === undefined || value === undefined) continue
    line.text = line.text.slice(0, line.text.search(/[=:]/) + 1) + ` ${value}`
    missing.delete(key)
  }
  let after = section.to
  while (after > section.from + 1 && isBlank(lines[after - 1]!.text)) after--
  const before = lines[after - 1]!
  const added = Array.from(missing, ([key, value]) => written(key, value))
  if (added.length > 0 && before.end === '') {
    before.end = end
    added.at(-1)!.end = ''
  }
  lines.splice(after, 0, ...added)
  return joined(lines)
}

/** The text with a section under another name. @throws CliFault when that is taken */
export function withSectionRenamed(text: string, from: string, to: string): string {
  const lines = linesOf(text)
  if (sectionNamed(lines, to))
    throw new CliFault('usage', `there is a section [${to}] already; rename one of them by hand`)
  const section = sectionNamed(lines, from)
  if (section) lines[section.from]!.text = `[${to}]`
  return joined(lines)
}
