import { DOMParser } from '@xmldom/xmldom'
import { ExclusiveCanonicalization } from 'xml-crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Problem } from '../../server/errors.ts'
import { signResponse } from '../../server/saml/response.ts'
import { verify } from '../support/xmlsec.ts'
import { aResponse, testKey } from './examples.ts'

/** Strings as an attacker would name himself: markup, every line end, unpaired surrogates, controls, and plain noise. */
const HOSTILE = [
  ']]>', '<![CDATA[', '<!-- -->', '<!--', '&', '&amp;', '&#0;', '&#13;', '&x;', '"', "'", '<', '>', '</saml:NameID>',
  '\r', '\n', '\t', '\r\n', '\u0085', '\u2028', '\u2029', '\uFEFF', '\uFFFE', '\uFFFF', '\u0000', '\u0001', '\u007F',
  '\uD800', '\uDC00', '\u{1F600}', '\u{10FFFF}', 'é', 'e\u0301', '\u202E', '{{7*7}}', '<?x ?>', '%00', ' ', 'sally',
] // prettier-ignore
const hostile = fc.oneof(
  fc.array(fc.constantFrom(...HOSTILE), { maxLength: 8 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
    .map((units) => String.fromCharCode(...units)),
)

/** XML 1.0 section 2.2, written here a second time and in another way. */
function canStandInXml(value: string): boolean {
  return Array.from(value).every((character) => {
    const point = character.codePointAt(0)!
    if (point < 0x20) return point === 0x9 || point === 0xa || point === 0xd
    return !(point >= 0xd800 && point <= 0xdfff) && point !== 0xfffe && point !== 0xffff
  })
}

// XML 1.0 section 2.11. The parser's own default follows XML 1.1 and turns U+0085 and U+2028 into line feeds too.
const normalizeLineEndings = (source: string) => source.replace(/\r\n?/g, '\n')
const parse = (xml: string) =>
  new DOMParser({ onError: stop, normalizeLineEndings }).parseFromString(xml, 'text/xml').documentElement!
const stop = (level: string, message: string) => {
  if (level !== 'warning') throw new Error(`${level}: ${message}`)
}
const textOf = (root: ReturnType<typeof parse>, tag: string) => root.getElementsByTagName(tag)[0]!.textContent

function respond(value: string) {
  return signResponse(
    aResponse({
      nameId: { value: `n${value}`, format: 'f' },
      recipient: `https://sp.test/${value}`,
      attributes: [{ name: `a${value}`, values: [value] }],
    }),
    testKey,
  )
}

describe('a hostile value', () => {
  test('reads back as the same string from every place, or is refused as a whole', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        if (!canStandInXml(value)) {
          expect(() => respond(value)).toThrow(Problem)
          return
        }
        const xml = respond(value)
        const root = parse(xml)
        expect(textOf(root, 'saml:NameID')).toBe(`n${value}`)
        expect(textOf(root, 'saml:AttributeValue')).toBe(value)
        expect(root.getElementsByTagName('saml:Attribute')[0]!.getAttribute('Name')).toBe(`a${value}`)
        expect(root.getAttribute('Destination')).toBe(`https://sp.test/${value}`)
        expect(new ExclusiveCanonicalization().process(root as any, {})).toBe(xml)
        expect(xml).not.toMatch(/<[!?]/)
      }),
      { numRuns: 200 },
    )
  })

  test('leaves both signatures good in the eyes of xmlsec1', async () => {
    // One Response with all of them: a process for each would take minutes.
    const values = [...HOSTILE, ...fc.sample(hostile, 300)].filter(canStandInXml)
    const attributes = values.map((value) => ({ name: `a${value}`, values: [value] }))
    const nameId = { value: HOSTILE.filter(canStandInXml).join(''), format: 'f' }
    const xml = signResponse(aResponse({ nameId, attributes }), testKey)
    expect(await verify(xml, testKey.certificatePem)).toEqual({ assertion: true, response: true })
  })
})
