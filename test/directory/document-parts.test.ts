import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DocumentError } from '../../server/directory/document-faults.ts'
import { jsonFault, lineAndColumn } from '../../server/directory/document-json.ts'
import { partsOf } from '../../server/directory/document-parts.ts'

/** `text` as a stream would bring it: cut where `cuts` say. */
function cutUp(text: string, cuts: readonly number[]): string[] {
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b)
  return [...places, text.length].map((end, i) => text.slice(i === 0 ? 0 : places[i - 1], end))
}

/** The document put together again, and each list's entries in their order. */
async function together(chunks: Iterable<string>): Promise<Record<string, unknown>> {
  const whole: Record<string, unknown> = {}
  for await (const part of partsOf(chunks)) {
    if (part.is === 'value') whole[part.key] = part.value
    else if (part.is === 'list') whole[part.key] = []
    else {
      const list = whole[part.key] as unknown[]
      expect(part.index).toBe(list.length)
      list.push(part.value)
    }
  }
  return whole
}

async function faultOf(chunks: Iterable<string>): Promise<string> {
  const error = await together(chunks).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof DocumentError)) throw new Error('it was taken', { cause: error })
  return error.faults[0]!.message
}

const cuts = fc.array(fc.nat(), { maxLength: 12 })
const document = fc.dictionary(
  fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
  fc.jsonValue({ maxDepth: 4, noUnicodeString: false }),
)
/** JSON with white space where JSON may have it. */
const spelled = fc
  .tuple(document, fc.constantFrom(undefined, 1, '\t', '\r\n '))
  .map(([value, space]) => [value, JSON.stringify(value, null, space as never)] as const)

describe('The parts of a JSON document', () => {
  test('are those of JSON.parse, however it is cut up', async () => {
    await fc.assert(
      fc.asyncProperty(spelled, cuts, async ([, text], places) => {
        expect(await together(cutUp(text, places))).toEqual(JSON.parse(text))
      }),
      { numRuns: 300 },
    )
  })

  test('end where JSON ends, named by line and column, however it is cut up', async () => {
    const damage = fc.tuple(
      spelled,
      fc.nat(),
      fc.constantFrom('', ',', '"', '}', ']', '{', '[', ':', '\\', '0', 'x', '\n'),
    )
    await fc.assert(
      fc.asyncProperty(damage, cuts, async ([[, text], nth, sign], places) => {
        const at = 1 + (nth % text.length)
        const damaged = `${text.slice(0, at)}${sign}${text.slice(at + (nth % 2))}`
        const fault = jsonFault(damaged)
        fc.pre(fault !== undefined)
        expect(await faultOf(cutUp(damaged, places))).toContain(lineAndColumn(damaged, fault.at))
      }),
      { numRuns: 500 },
    )
  })

  test('are refused when one alone would fill the memory', async () => {
    function* endless() {
      yield '{"users":[{"email":"'
      for (let i = 0; i < 100; i++) yield 'x'.repeat(1_000_000)
    }
    const error = await together(endless()).catch((thrown: unknown) => thrown)
    expect(String(error)).toContain('$.users[0] must be at most 16777216 characters long')
  })

  test('come before the document has ended', async () => {
    let read = 0
    function* chunks() {
      for (const chunk of ['{"a":[1,', '2,', '3', ']}']) {
        read++
        yield chunk
      }
    }
    for await (const part of partsOf(chunks())) if (part.is === 'entry') break
    expect(read).toBe(1)
  })

  test('of YAML are those of the same document, but not of one that is too large to hold', async () => {
    expect(await together(['users:\n  - email: a', '@b\nroles: []\n'])).toEqual({
      users: [{ email: 'a@b' }],
      roles: [],
    })
    const long = Array.from({ length: 40 }, () => `# ${'x'.repeat(999_998)}`)
    expect(await faultOf(long)).toBe('must be JSON, not YAML, when it is longer than 33554432 characters')
  })
})
