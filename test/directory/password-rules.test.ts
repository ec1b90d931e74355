import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { passwordFault, passwordRules } from '../../server/directory/password-rules.ts'
import { policySchema } from '../../server/directory/policy.ts'
import { brandSchema } from '../../server/branding/brand.ts'

const account = {
  account: async () => ({ id: 1, subdomain: 'acme', name: 'Acme Tools', policy: policySchema.parse({}) }),
  brands: async () => [brandSchema.parse({ name: 'nw', title: 'Northwind Traders' })],
}
const SALLY = { firstname: 'Sally', lastname: 'Tyler', email: 's.tyler@acme.test', username: 'stylish' }
const judge = async (password: string) => passwordFault(password, await passwordRules({ account }, SALLY))

type Row = [password: string, fault: Awaited<ReturnType<typeof judge>>]
// prettier-ignore
const ROWS: Row[] = [
  ['quiet-harbour-lantern', undefined],
  ['correct horse battery staple', undefined],
  ['long enough and all lower case', undefined],
  ['AllLettersNoDigits', undefined],
  ['84720193650274', undefined],
  ['  spaces around, kept  ', undefined],
  ['пароль-вишнёвый-сад', undefined],
  ['正しい馬電池留め金具です', undefined],
  ['🐴🔋📎🦆🌲🚪🔑🧂🪵🧵🪡🧭', undefined],
  ['sally and 9 blue herons', undefined],
  ['monkey-48129304712398', undefined],
  ['', 'too_short'],
  ['elevenchars', 'too_short'],
  ['e\u0301'.repeat(11), 'too_short'], // eleven characters after NFC, whatever bytes they come in
  ['x'.repeat(1025), 'too_long'],
  ['ä'.repeat(513), 'too_long'],
  ['a NUL \0 inside of it', 'not_typeable'],
  ['half a pair \ud800 inside', 'not_typeable'],
  ['password1234', 'common'],
  ['PASSWORD1234', 'common'],
  ['p@ssw0rdp@ssw0rd', 'common'],
  ['ｐａｓｓｗｏｒｄ１２３４', 'common'],
  ['Password2026!', 'common'],
  ['!!!Dragon-1984', 'common'],
  ['letmein12345', 'common'],
  ['1qaz2wsx3edc', 'common'],
  ['aaaaaaaaaaaaaa', 'common'],
  ['abcabcabcabcabc', 'common'],
  ['123456789012345', 'common'],
  ['987654321098', 'common'],
  ['qwertyuiopas', 'common'],
  ['mnbvcxzlkjhg', 'common'],
  ['sallytyler12', 'about_you'],
  ['Tyler-Sally-84', 'about_you'],
  ['5@lly_tyl3r!!', 'about_you'],
  ['stylish-2026!', 'about_you'],
  ['AcmeTools2026', 'about_you'],
  ['northwind2026!!', 'about_you'],
  ['doorward-doorward', 'about_you'],
  ['doorward-1234', 'about_you'],
  ['acme-password1', 'about_you'],
]

describe('a new password', () => {
  test.each(ROWS)('%j is judged %s', async (password, fault) => {
    expect(await judge(password)).toBe(fault)
  })

  test('may have 64 characters of any kind, and 1,024 bytes', async () => {
    for (const sign of ['a1', 'äö', '語言']) {
      const text = `${sign}-quiet harbour lantern ${'·'.repeat(40)}`
      expect(Array.from(text).length).toBeGreaterThanOrEqual(64)
      expect(await judge(text)).toBeUndefined()
    }
    expect(await judge(`quiet harbour ${'lantern copper '.repeat(67)}`.slice(0, 1024))).toBeUndefined()
  })

  test('needs no kind of character: random ones of any one kind are taken', async () => {
    const kinds = [
      'abcdefghijklmnopqrstuvwxyz',
      'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
      '0123456789',
      '!"§$%&/()=?+*#,.;:-_',
    ]
    const one = fc
      .constantFrom(...kinds)
      .chain((kind) =>
        fc
          .array(fc.constantFrom(...Array.from(kind)), { minLength: 20, maxLength: 60 })
          .map((signs) => signs.join('')),
      )
    await fc.assert(
      fc.asyncProperty(one, async (password) => {
        fc.pre(new Set(password).size > 6)
        expect(await judge(password)).toBeUndefined()
      }),
      { numRuns: 200 },
    )
  })

  test('never fails to be judged, whatever it is', async () => {
    const any = fc.oneof(fc.string({ unit: 'binary', maxLength: 1200 }), fc.string({ maxLength: 40 }))
    await fc.assert(
      fc.asyncProperty(any, async (password) => {
        await judge(password)
      }),
      { numRuns: 300 },
    )
  })

  test('is judged in a few milliseconds at its longest', async () => {
    await judge('quiet-harbour-lantern')
    for (const password of ['ab'.repeat(512), 'a'.repeat(1024), `x${'1'.repeat(1023)}`, '-'.repeat(1024)]) {
      const start = performance.now()
      await judge(password)
      expect(performance.now() - start).toBeLessThan(60)
    }
  })
})
