import { describe, expect, test } from 'vitest'
import { createLog } from '../../server/platform/log.ts'

function collected(level = 'info') {
  const lines: string[] = []
  return { log: createLog(level, { write: (line: string) => void lines.push(line) }), lines }
}

const FORGED: [what: string, text: string][] = [
  ['a line break', 'ada\n{"level":30,"msg":"forged"}'],
  ['a carriage return', 'ada\r{"level":30,"msg":"forged"}'],
  ['terminal colours', '\u001b[31mred\u001b[0m \u001b]0;title\u0007'],
  ['C1 controls', 'a\u009b31mb\u0085c'],
  ['Unicode line separators', 'a\u2028b\u2029c'],
  ['quotes and braces', '"},{"level":60'],
  ['NUL and backspace', 'a\0b\b\bc'],
  ['half of a surrogate pair', 'a\ud800b'],
  ['a change of writing direction', 'a\u202egnp.exe'],
]

describe('createLog', () => {
  for (const [what, text] of FORGED) {
    test(`writes ${what} in one line of JSON that reads back the same and does nothing to a terminal`, () => {
      const { log, lines } = collected()
      log.info({ text, nested: { [text]: text } }, text)
      expect(lines).toHaveLength(1)
      const [line = ''] = lines
      expect(line.endsWith('\n')).toBe(true)
      expect(line.slice(0, -1)).not.toMatch(/[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/)
      const read = JSON.parse(line) as { text: string; msg: string; nested: Record<string, string> }
      expect([read.text, read.msg, Object.entries(read.nested)]).toEqual([text, text, [[text, text]]])
    })
  }

  test('tells the time, says nothing of the machine, and keeps to its level', () => {
    const { log, lines } = collected('warn')
    log.info('quiet')
    log.warn({ fact: 1 }, 'loud')
    expect(lines).toHaveLength(1)
    const { time, ...rest } = JSON.parse(lines[0]!) as Record<string, unknown>
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(rest).toEqual({ level: 40, fact: 1, msg: 'loud' })
  })

  test('writes an error with its stack in one line', () => {
    const { log, lines } = collected()
    log.error({ error: new Error('first\nsecond') }, 'failed')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0]!)).toMatchObject({ msg: 'failed', error: { message: 'first\nsecond' } })
  })
})
