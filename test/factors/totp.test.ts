import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Authenticator } from '../../server/factors/authenticator-store.ts'
import { authenticatorPlace } from '../../server/factors/authenticator-store.ts'
import { IDS, DEVICES, SEEDS } from '../support/people.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { ASKED } from './asked.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

const seedOf = { [DEVICES.adaTotp]: SEEDS.ada, [DEVICES.cyTotp]: SEEDS.cy }

async function authenticator(id: number): Promise<Authenticator> {
  const userId = id === DEVICES.adaTotp ? IDS.ada : IDS.cy
  return (await app.ctx.authenticators.listForUser(userId)).find((one) => one.id === id)!
}

/** Whether the server takes `code` from the owner of this authenticator now. */
async function takes(code: string, id = DEVICES.adaTotp, changed: Partial<Authenticator> = {}) {
  const found = { ...(await authenticator(id)), ...changed }
  const user = (await app.ctx.users.find(found.userId))!
  const question = { user, authenticator: found, attemptId: 'attempt', asked: ASKED }
  return (await app.ctx.factors.totp.verify(question, code)).is === 'right'
}

const codeAt = (ms: number, id: number = DEVICES.adaTotp) =>
  new TOTP({ secret: Secret.fromBase32(seedOf[id]!) }).generate({ timestamp: ms })
/** A period that nobody has used yet, at its beginning. */
const nextPeriod = () => app.advance(300 - ((app.clock.now() / 1000) % 30))

/** RFC 6238, appendix B: the secret "12345678901234567890", SHA-1; the last six of its eight digits. */
const VECTORS: [seconds: number, code: string][] = [
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
  [20000000000, '353130'],
]

describe('totpFactor', () => {
  test('agrees with every vector of RFC 6238', async () => {
    const seed = new Secret({ buffer: new TextEncoder().encode('12345678901234567890').buffer }).base32
    const sealedSecret = app.ctx.sealer.seal(seed, authenticatorPlace(DEVICES.cyTotp))
    const start = app.clock.now()
    await app.ctx.db
      .updateTable('authenticators')
      .set({ lastStep: 0 })
      .where('id', '=', DEVICES.cyTotp)
      .execute()
    for (const [seconds, code] of VECTORS) {
      app.clock.advance(seconds - app.clock.now() / 1000)
      expect([seconds, await takes(code, DEVICES.cyTotp, { sealedSecret })]).toEqual([seconds, true])
    }
    app.clock.advance((start - app.clock.now()) / 1000)
    await app.ctx.db
      .updateTable('authenticators')
      .set({ lastStep: 0 })
      .where('id', '=', DEVICES.cyTotp)
      .execute()
  })

  for (const [drift, want] of [
    [-2, false],
    [-1, true],
    [0, true],
    [1, true],
    [2, false],
  ] as const) {
    test(`${want ? 'takes' : 'refuses'} the code of a clock that is ${drift} periods off`, async () => {
      await nextPeriod()
      expect(await takes(codeAt(app.clock.now() + drift * 30_000))).toBe(want)
    })
  }

  test('takes a code until the last millisecond of the period after its own', async () => {
    await nextPeriod()
    const code = codeAt(app.clock.now())
    await app.advance(59.999)
    expect(await takes(code)).toBe(true)
    await nextPeriod()
    const late = codeAt(app.clock.now())
    await app.advance(60)
    expect(await takes(late)).toBe(false)
  })

  test('takes a code once', async () => {
    await nextPeriod()
    const code = codeAt(app.clock.now())
    expect([await takes(code), await takes(code)]).toEqual([true, false])
  })

  test('gives a code that is used twenty times at once to exactly one', async () => {
    await nextPeriod()
    const code = codeAt(app.clock.now())
    const took = await Promise.all(Array.from({ length: 20 }, () => takes(code)))
    expect(took.filter(Boolean)).toHaveLength(1)
  })

  test('refuses an older code after a newer one, though it was never used', async () => {
    await nextPeriod()
    const [older, newer] = [codeAt(app.clock.now() - 30_000), codeAt(app.clock.now())]
    expect([await takes(newer), await takes(older)]).toEqual([true, false])
  })

  test('refuses codes that were accepted before the clock was set back', async () => {
    await nextPeriod()
    const code = codeAt(app.clock.now())
    expect(await takes(code)).toBe(true)
    app.clock.advance(-30)
    expect([await takes(code), await takes(codeAt(app.clock.now()))]).toEqual([false, false])
    app.clock.advance(30)
  })

  test('burns no step with a wrong code', async () => {
    await nextPeriod()
    const right = codeAt(app.clock.now())
    const wrong = String((Number(right) + 1) % 1_000_000).padStart(6, '0')
    expect([await takes(wrong), await takes(right)]).toEqual([false, true])
  })

  test("refuses another person's code", async () => {
    await nextPeriod()
    expect(await takes(codeAt(app.clock.now(), DEVICES.cyTotp))).toBe(false)
  })

  test('refuses what is not six ASCII digits', async () => {
    await nextPeriod()
    const right = codeAt(app.clock.now())
    const spellings = [
      '',
      ' ',
      `${right} `,
      ` ${right}`,
      `${right}\n`,
      `0${right}`,
      right.slice(1),
      '١٢٣٤٥٦',
      '1e5000',
      '-12345',
      '0x1234',
    ]
    for (const spelling of spellings) expect([spelling, await takes(spelling)]).toEqual([spelling, false])
    expect(await takes(right)).toBe(true)
  })

  test("refuses another person's sealed seed, put into this row", async () => {
    await nextPeriod()
    const { sealedSecret } = await authenticator(DEVICES.cyTotp)
    const question = takes(codeAt(app.clock.now(), DEVICES.cyTotp), DEVICES.adaTotp, { sealedSecret })
    await expect(question).rejects.toThrow()
  })

  test('lets nobody in without a seed', async () => {
    expect(await takes('000000', DEVICES.adaTotp, { sealedSecret: null })).toBe(false)
  })
})

test('POST /api/1/login/verify_factor answers 500 without a word when a seed was moved between rows', async () => {
  const seeds = await app.ctx.db.selectFrom('authenticators').select(['id', 'sealedSecret']).execute()
  const cys = seeds.find(({ id }) => id === DEVICES.cyTotp)!.sealedSecret
  const adas = seeds.find(({ id }) => id === DEVICES.adaTotp)!.sealedSecret
  const put = (sealedSecret: string | null) =>
    app.ctx.db.updateTable('authenticators').set({ sealedSecret }).where('id', '=', DEVICES.adaTotp).execute()
  const token = await app.token()
  const login = { username_or_email: 'ada', password: 'ada-tawny-lantern-41', subdomain: 'acme' }
  const begun = await app.post('/api/1/login/auth', login, token)
  const answer = {
    device_id: DEVICES.adaTotp,
    state_token: begun.json.data[0].state_token,
    otp_token: app.totp('cy'),
  }
  await put(cys)
  const reply = await app.post('/api/1/login/verify_factor', answer, token)
  await put(adas)
  expect(reply.status).toBe(500)
  expect(reply.json).toEqual({
    status: { error: true, code: 500, type: 'Internal Server Error', message: 'Internal Server Error' },
  })
})
