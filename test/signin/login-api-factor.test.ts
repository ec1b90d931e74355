import { beforeEach, describe, expect, test } from 'vitest'
import { inEveryWorld, type ApiReply } from '../support/app.ts'
import { DEVICES, IDS, PASSWORDS } from '../support/people.ts'
import {
  answer,
  badRequest,
  begin,
  credentials,
  learned,
  race,
  LOGIN,
  TEXT,
  unauthorized,
  VERIFY,
  wrongCode,
} from './api-calls.ts'

const messageOf = ({ json }: ApiReply) => json.status.message as string
const isIn = (reply: ApiReply) => reply.json?.data?.[0]?.status === 'Authenticated'
const PENDING = {
  status: {
    type: 'pending',
    message: 'Code sent to your email address. Authentication pending.',
    code: 200,
    error: false,
  },
}

inEveryWorld((app) => {
  // A day: what was counted, sent or used in one test means nothing to the next.
  beforeEach(() => app().advance(25 * 3600))

  const totp = (state: string, code: string, more: { token?: string; device?: number } = {}) =>
    answer(app(), { device: more.device ?? DEVICES.adaTotp, state, code, ...more })

  describe('A code of an authenticator app', () => {
    test.each([-1, 0, 1])('is right in its own period and %i beside it', async (step) => {
      expect(isIn(await totp(await begin(app(), 'ada'), app().totp('ada', step)))).toBe(true)
    })

    test.each([-3, -2, 2, 3])('of %i periods away is refused', async (step) => {
      const reply = await totp(await begin(app(), 'ada'), app().totp('ada', step))
      expect(reply.status).toBe(401)
      expect(reply.json).toEqual(unauthorized(TEXT.factor))
    })

    test('that is wrong leaves the state token as it was', async () => {
      const state = await begin(app(), 'ada')
      for (const nth of [0, 1, 2, 3]) {
        const reply = await totp(state, wrongCode(app(), 'ada', nth))
        expect(reply.status).toBe(401)
        expect(reply.json).toEqual(unauthorized(TEXT.factor))
      }
      expect(isIn(await totp(state, app().totp('ada')))).toBe(true)
    })

    test('that is wrong for the fifth time ends the attempt', async () => {
      const state = await begin(app(), 'ada')
      for (const nth of [0, 1, 2, 3, 4])
        expect(messageOf(await totp(state, wrongCode(app(), 'ada', nth)))).toBe(TEXT.factor)
      const right = await totp(state, app().totp('ada'))
      expect(right.status).toBe(401)
      expect(right.json).toEqual(unauthorized(TEXT.stateToken))
      expect(isIn(await totp(await begin(app(), 'ada'), app().totp('ada')))).toBe(true)
    })

    test('is refused after 20 wrong ones within the hour, over all attempts', async () => {
      for (let attempt = 1; attempt <= 4; attempt++) {
        const state = await begin(app(), 'ada')
        for (const nth of [0, 1, 2, 3, 4]) await totp(state, wrongCode(app(), 'ada', nth))
      }
      expect(isIn(await totp(await begin(app(), 'ada'), app().totp('ada')))).toBe(false)
      await app().advance(3600)
      expect(isIn(await totp(await begin(app(), 'ada'), app().totp('ada')))).toBe(true)
    })

    test.each(['', ' '])('is not replaced by %j: nothing can be sent to an app', async (code) => {
      const reply = await totp(await begin(app(), 'ada'), code)
      expect(reply.json).toEqual(unauthorized(TEXT.factor))
    })

    test.each(['12345', '1234567', 'abcdef', '１２３４５６', '-12345', '12 345', '1e5000', "' or 1=1"])(
      'written as %j is refused like any wrong one',
      async (code) => {
        const reply = await totp(await begin(app(), 'ada'), code)
        expect(reply.json).toEqual(unauthorized(TEXT.factor))
      },
    )

    test('works once: not again on its attempt, nor on another, nor after a newer one', async () => {
      const [state, other] = [await begin(app(), 'ada'), await begin(app(), 'ada')]
      const [older, code, newer] = [app().totp('ada', -1), app().totp('ada'), app().totp('ada', 1)]
      expect(isIn(await totp(state, code))).toBe(true)
      expect((await totp(state, code)).json).toEqual(unauthorized(TEXT.stateToken))
      expect((await totp(other, code)).json).toEqual(unauthorized(TEXT.factor))
      expect((await totp(other, older)).json).toEqual(unauthorized(TEXT.factor))
      expect(isIn(await totp(other, newer))).toBe(true)
    })

    test('sent 20 times at once on one attempt lets exactly one in', async () => {
      const [state, token] = [await begin(app(), 'ada'), await app().token()]
      const code = app().totp('ada')
      const replies = await race(app(), 20, () => totp(state, code, { token }))
      expect(replies.filter(isIn)).toHaveLength(1)
      for (const { status } of replies.filter((reply) => !isIn(reply))) expect(status).toBe(401)
    })

    test('sent at once on 20 attempts lets exactly one in', async () => {
      const token = await app().token()
      const states: string[] = []
      for (let i = 0; i < 20; i++) states.push(await begin(app(), 'ada', { token }))
      const code = app().totp('ada')
      const replies = await Promise.all(states.map((state) => totp(state, code, { token })))
      expect(replies.filter(isIn)).toHaveLength(1)
    })

    test('of somebody else is refused', async () => {
      expect(isIn(await totp(await begin(app(), 'ada'), app().totp('cy')))).toBe(false)
    })
  })

  describe('A state token', () => {
    test('lives for 120 s and not a second longer', async () => {
      const [early, late] = [await begin(app(), 'ada'), await begin(app(), 'ada')]
      await app().advance(119)
      expect(isIn(await totp(early, app().totp('ada')))).toBe(true)
      await app().advance(1)
      const reply = await totp(late, app().totp('ada', 1))
      expect(reply.status).toBe(401)
      expect(reply.json).toEqual(unauthorized(TEXT.stateToken))
    })

    test.each(['0'.repeat(40), 'x', '../..', 'F'.repeat(1024)])(
      'that nobody was given, %j, is refused',
      async (state) => {
        expect((await totp(state, '123456')).json).toEqual(unauthorized(TEXT.stateToken))
      },
    )

    test('in capitals is another one', async () => {
      expect(isIn(await totp((await begin(app(), 'ada')).toUpperCase(), app().totp('ada')))).toBe(false)
    })

    test('is of no use to another credential, and ends when one tries', async () => {
      const state = await begin(app(), 'ada')
      const stranger = await app().token('Authentication Only')
      const code = app().totp('ada')
      expect((await totp(state, code, { token: stranger })).json).toEqual(unauthorized(TEXT.stateToken))
      expect((await totp(state, code)).json).toEqual(unauthorized(TEXT.stateToken))
    })

    test('is of use to a newer access token of its own credential', async () => {
      const state = await begin(app(), 'ada', { token: await app().token() })
      expect(isIn(await totp(state, app().totp('ada'), { token: await app().token() }))).toBe(true)
    })

    test.each<[string, number | string]>([
      ["another person's device", DEVICES.cyTotp],
      ['a device that does not exist', 99_999],
      ['device 0', 0],
    ])('ends when its holder names %s', async (_what, device) => {
      const state = await begin(app(), 'ada')
      expect((await answer(app(), { device, state, code: app().totp('ada') })).json).toEqual(
        unauthorized(TEXT.factor),
      )
      expect((await totp(state, app().totp('ada'))).json).toEqual(unauthorized(TEXT.stateToken))
    })

    test('ends when its holder asks for a code to a foreign device, also without a notice', async () => {
      for (const more of [{}, { do_not_notify: true }]) {
        const state = await begin(app(), 'dee')
        const reply = await answer(app(), { device: DEVICES.cyEmail, state, more })
        expect(reply.json).toEqual(unauthorized(TEXT.factor))
        expect((await answer(app(), { device: DEVICES.deeEmail, state })).json).toEqual(
          unauthorized(TEXT.stateToken),
        )
      }
      expect(await app().letters()).toEqual([])
    })

    test('ends with the right to sign in: suspended, or signed out everywhere, in the middle', async () => {
      const change = (set: { status?: number; sessionEpoch?: number }) =>
        app().ctx.db.updateTable('users').set(set).where('id', '=', IDS.ada).execute()
      const state = await begin(app(), 'ada')
      await change({ status: 2 })
      expect((await totp(state, app().totp('ada'))).json).toEqual(unauthorized(TEXT.stateToken))
      await change({ status: 1 })
      expect((await totp(state, app().totp('ada'))).json).toEqual(unauthorized(TEXT.stateToken))
      const next = await begin(app(), 'ada')
      await change({ sessionEpoch: 7 })
      expect((await totp(next, app().totp('ada'))).json).toEqual(unauthorized(TEXT.stateToken))
    })

    test.each<[object, unknown]>([
      [{ state_token: undefined }, 'state_token is empty'],
      [{ state_token: '' }, 'state_token is empty'],
      [{ device_id: undefined }, 'device_id is empty'],
      [{ device_id: '' }, 'device_id is empty'],
      [{ device_id: '70x' }, { attribute: 'device_id', description: 'device_id has incorrect data type. It should be -> integer' }],
      [{ device_id: 7.5 }, { attribute: 'device_id', description: 'device_id has incorrect data type. It should be -> integer' }],
      [{ device_id: [70] }, { attribute: 'device_id', description: 'device_id has incorrect data type. It should be -> integer' }],
      [{ otp_token: 123456 }, { attribute: 'otp_token', description: 'otp_token has incorrect data type. It should be -> string' }],
      [{ do_not_notify: 'maybe' }, { attribute: 'do_not_notify', description: 'do_not_notify has incorrect data type. It should be -> boolean' }],
    ])('is not harmed by a body that cannot be read: %j', async (more, message) => {
      const state = await begin(app(), 'ada')
      const body = { device_id: DEVICES.adaTotp, state_token: state, otp_token: app().totp('ada') }
      const reply = await app().post(VERIFY, { ...body, ...more }, await app().token())
      expect(reply.status).toBe(400)
      expect(reply.json).toEqual(badRequest(message))
      expect(isIn(await totp(state, app().totp('ada')))).toBe(true)
    }) // prettier-ignore
  })

  describe('A code by e-mail', () => {
    const ask = (state: string, more: object = {}) => answer(app(), { device: DEVICES.deeEmail, state, more })
    const mailed = async () => (await app().letters()).length
    const email = (state: string, code: string, device: number = DEVICES.deeEmail) =>
      answer(app(), { device, state, code })

    test('is sent when it is asked for, and lets in: pending, then success', async () => {
      const before = await mailed()
      const state = await begin(app(), 'dee')
      expect(await mailed()).toBe(before)
      const pending = await ask(state)
      expect(pending.status).toBe(200)
      expect(pending.json).toEqual(PENDING) // no data, not even null
      expect(await mailed()).toBe(before + 1)
      expect((await app().letters()).at(-1)).toContain('To: dee@acme.test')
      const done = await email(state, await app().mailedCode())
      expect(done.status).toBe(200)
      expect(Object.keys(done.json.data[0] as object).sort()).toEqual([
        'expires_at',
        'return_to_url',
        'session_token',
        'status',
        'user',
      ])
    })

    test('is not sent by do_not_notify, before or after it was asked for', async () => {
      const before = await mailed()
      const state = await begin(app(), 'dee')
      for (const do_not_notify of [true, 'true'])
        expect((await ask(state, { do_not_notify })).json).toEqual(PENDING)
      expect(await mailed()).toBe(before)
      await ask(state, { do_not_notify: false })
      await app().advance(31)
      for (let poll = 1; poll <= 3; poll++)
        expect((await ask(state, { do_not_notify: true })).json).toEqual(PENDING)
      expect(await mailed()).toBe(before + 1)
      expect(isIn(await email(state, await app().mailedCode()))).toBe(true)
    })

    test('is not sent again within 30 s; after them a new one is, and the old one is dead', async () => {
      const before = await mailed()
      const state = await begin(app(), 'dee')
      await ask(state)
      const first = await app().mailedCode()
      await app().advance(29)
      expect((await ask(state)).json).toEqual(PENDING)
      expect(await mailed()).toBe(before + 1)
      await app().advance(1)
      expect((await ask(state)).json).toEqual(PENDING)
      expect(await mailed()).toBe(before + 2)
      const second = await app().mailedCode()
      if (first !== second) expect((await email(state, first)).json).toEqual(unauthorized(TEXT.factor))
      expect(isIn(await email(state, second))).toBe(true)
    })

    test('is sent once when 20 ask for it at the same time', async () => {
      const before = await mailed()
      const state = await begin(app(), 'dee')
      const token = await app().token()
      const body = { device_id: DEVICES.deeEmail, state_token: state }
      const replies = await race(app(), 20, () => app().post(VERIFY, body, token))
      for (const { json } of replies) expect(json).toEqual(PENDING)
      expect(await mailed()).toBe(before + 1)
    })

    test('is sent to one person ten times an hour at most', async () => {
      for (let i = 0; i < 10; i++) expect((await ask(await begin(app(), 'dee'))).json).toEqual(PENDING)
      const before = await mailed()
      const refused = await ask(await begin(app(), 'dee'))
      expect(refused.status).toBe(429)
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(await mailed()).toBe(before)
    })

    test('answers the attempt it was made for, and no other', async () => {
      const [one, two] = [await begin(app(), 'dee'), await begin(app(), 'dee')]
      await ask(one)
      const code = await app().mailedCode()
      expect((await email(two, code)).json).toEqual(unauthorized(TEXT.factor))
      await app().advance(1)
      await ask(two)
      const other = await app().mailedCode()
      if (other !== code) expect((await email(one, other)).json).toEqual(unauthorized(TEXT.factor))
      expect(isIn(await email(one, code))).toBe(true)
      expect((await email(one, code)).json).toEqual(unauthorized(TEXT.stateToken))
    })

    test('lets exactly one of five racing answers in', async () => {
      const state = await begin(app(), 'dee')
      await ask(state)
      const body = { device_id: DEVICES.deeEmail, state_token: state, otp_token: await app().mailedCode() }
      const token = await app().token()
      const replies = await race(app(), 5, () => app().post(VERIFY, body, token))
      for (const reply of replies) learned(app(), reply)
      expect(replies.filter(isIn)).toHaveLength(1)
    })

    test('is not there before it was sent', async () => {
      expect((await email(await begin(app(), 'dee'), '000000')).json).toEqual(unauthorized(TEXT.factor))
    })

    test("belongs to its own device: an app's code is none by mail, nor the other way round", async () => {
      const state = await begin(app(), 'cy')
      await answer(app(), { device: DEVICES.cyEmail, state })
      const code = await app().mailedCode()
      expect((await email(state, code, DEVICES.cyTotp)).json).toEqual(unauthorized(TEXT.factor))
      expect((await email(state, app().totp('cy'), DEVICES.cyEmail)).json).toEqual(unauthorized(TEXT.factor))
      expect(isIn(await email(state, code, DEVICES.cyEmail))).toBe(true)
    })
  })

  describe('The password alone', () => {
    test('gives nothing but the question to people with a factor', async () => {
      for (const who of ['ada', 'cy', 'dee'] as const) {
        const reply = await app().post(LOGIN, credentials(who, PASSWORDS[who]), await app().token())
        const [item] = learned(app(), reply).json.data
        expect(Object.keys(item as object).sort()).toEqual(['callback_url', 'devices', 'state_token', 'user'])
      }
    })
  })
})
