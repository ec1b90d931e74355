import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonFault, lineAndColumn } from '../../server/directory/document-json.ts'

test('jsonFault finds no fault in any JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2, '\t'), (value, space) => {
      expect(jsonFault(JSON.stringify(value, null, space))).toBeUndefined()
    }),
  )
})

test('jsonFault and JSON.parse agree on what is JSON', () => {
  const broken = fc
    .tuple(
      fc.json(),
      fc.nat(),
      fc.nat({ max: 2 }),
      fc.constantFrom('', ',', '"', '}', ']', '{', '0', '\\', '\n', ' '),
    )
    .map(([text, at, length, put]) => {
      const place = at % (text.length + 1)
      return text.slice(0, place) + put + text.slice(place + length)
    })
  fc.assert(
    fc.property(broken, (text) => {
      const fault = jsonFault(text)
      if (fault?.what === 'key twice') return
      expect(fault === undefined).toBe(parses(text))
    }),
    { numRuns: 3000 },
  )
})

const parses = (text: string) => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test.each([
  ['{"a":1,}', 7],
  ['{"a" 1}', 5],
  ['[1 2]', 3],
  ['[1,]', 3],
  ['{"a":[1,2}', 9],
  ['{"a":1} x', 8],
  ['{"a":1', 6],
  ['{"a":01}', 6],
  ['{"a":"\n"}', 5],
])('%j stops being JSON at %i', (text, at) => {
  expect(jsonFault(text)).toEqual({ at, what: 'syntax' })
})

test('lineAndColumn counts from 1', () => {
  expect(lineAndColumn('ab\ncd', 0)).toBe('line 1, column 1')
  expect(lineAndColumn('ab\ncd', 4)).toBe('line 2, column 2')
})

test('a text of megabytes is read in time and without a stack', () => {
  const text = JSON.stringify({
    a: 'x'.repeat(2_000_000),
    b: Array.from({ length: 100_000 }, (_, i) => `\\"${i}`),
  })
  expect(jsonFault(text)).toBeUndefined()
  expect(jsonFault(`{"a":"${'x'.repeat(200_000)}`)).toEqual({ at: 5, what: 'syntax' })
  expect(jsonFault('['.repeat(200_000))).toEqual({ at: 200_000, what: 'syntax' })
})
