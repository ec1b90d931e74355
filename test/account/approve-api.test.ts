import { describe, expect, test } from 'vitest'
import { answer, begin, credentials, race, TEXT, unauthorized } from '../signin/api-calls.ts'
import { inEveryWorld, type ApiReply, type TestApp } from '../support/app.ts'
import { IDS, PASSWORDS } from '../support/people.ts'
import { approve, approverOf, deny, forgetApprovers, openApprove, pushDevice } from './approving.ts'

/** There must be no `data`: SDKs take one for a result. */
const PENDING = {
  status: { type: 'pending', message: 'Authentication pending on OL Protect', code: 200, error: false },
}
const POLL = { do_not_notify: true }

/** How an API sends a password and an answer, and what it says in which words. */
const APIS = {
  'login/auth': {
    begin: (app: TestApp) => begin(app, 'ada'),
    verify: (app: TestApp, state: string, device: number, more: object = {}) =>
      answer(app, { device, state, more }),
    pending: PENDING,
    denied: unauthorized(TEXT.factor),
    done: (reply: ApiReply) => reply.json.data[0].status === 'Authenticated',
  },
  'saml_assertion, version 1': samlApi('/api/1/saml_assertion', {
    pending: PENDING,
    denied: unauthorized(TEXT.factor),
    stateOf: (json) => json.data[0].state_token,
  }),
  'saml_assertion, version 2': samlApi('/api/2/saml_assertion', {
    pending: { message: PENDING.status.message },
    denied: { statusCode: 401, name: 'Unauthorized', message: TEXT.factor },
    stateOf: (json) => json.state_token,
  }),
}

function samlApi(
  path: string,
  { pending, denied, stateOf }: { pending: object; denied: object; stateOf: (json: any) => string },
) {
  return {
    async begin(app: TestApp): Promise<string> {
      const body = credentials('ada', PASSWORDS.ada, { app_id: 500 })
      const state = stateOf((await app.post(path, body, await app.token())).json)
      app.sink.learn(state)
      return state
    },
    async verify(app: TestApp, state_token: string, device_id: number, more: object = {}) {
      const body = { app_id: 500, device_id: String(device_id), state_token, ...more }
      return app.post(`${path}/verify_factor`, body, await app.token())
    },
    pending,
    denied,
    done: (reply: ApiReply) => typeof reply.json.data === 'string' && reply.json.data.length > 1000,
  }
}

describe('a program that has a sign-in approved', () => {
  inEveryWorld((app) => {
    test.each(Object.entries(APIS))(
      'by %s is told pending until it is, and then success',
      async (name, api) => {
        await forgetApprovers(app(), 'ada')
        const laptop = await approverOf(app(), 'ada')
        const device = await pushDevice(app(), 'ada')
        const state = await api.begin(app())
        for (const more of [{}, POLL, {}, POLL]) {
          const reply = await api.verify(app(), state, device, more)
          expect([reply.status, reply.json]).toEqual([200, api.pending])
        }
        const asked = await openApprove(app(), laptop)
        expect(asked.text).toContain('A program asks, and it cannot show a number')
        expect(asked.text).toContain(name.startsWith('saml') ? 'AWS' : 'Your portal')
        expect((await approve(asked)).text).toContain('Approved')
        const reply = await api.verify(app(), state, device, POLL)
        expect([reply.status, api.done(reply)]).toEqual([200, true])
        const again = await api.verify(app(), state, device, POLL)
        expect(again.status).toBe(401)
      },
    )

    test.each(Object.entries(APIS))(
      'by %s is refused when it is denied, and may ask again with the same state token',
      async (_name, api) => {
        await forgetApprovers(app(), 'ada')
        const laptop = await approverOf(app(), 'ada')
        const device = await pushDevice(app(), 'ada')
        const state = await api.begin(app())
        for (let i = 0; i < 3; i++) {
          expect((await api.verify(app(), state, device)).json).toEqual(api.pending)
          await deny(await openApprove(app(), laptop))
          for (const more of [POLL, POLL]) {
            const reply = await api.verify(app(), state, device, more)
            expect([reply.status, reply.json]).toEqual([401, api.denied])
          }
        }
        const locked = await api.verify(app(), state, device)
        expect([locked.status, locked.json]).toEqual([401, api.denied])
        expect((await openApprove(app(), laptop)).text).toContain('Nothing to approve')
      },
    )

    test('that only polls never asks the person, and a second program does not ask over the first', async () => {
      await forgetApprovers(app(), 'ada')
      const laptop = await approverOf(app(), 'ada')
      const device = await pushDevice(app(), 'ada')
      const api = APIS['login/auth']
      const [first, second] = [await api.begin(app()), await api.begin(app())]
      expect((await api.verify(app(), first, device, POLL)).status).toBe(401)
      expect((await openApprove(app(), laptop)).text).toContain('Nothing to approve')
      expect((await api.verify(app(), first, device)).json).toEqual(PENDING)
      expect((await api.verify(app(), second, device)).status).toBe(401)
      await approve(await openApprove(app(), laptop))
      expect((await api.verify(app(), second, device, POLL)).status).toBe(401)
      const wins = await race(app(), 10, () => api.verify(app(), first, device, POLL))
      expect(wins.filter(({ status }) => status === 200)).toHaveLength(1)
    })

    test('by the MFA API verifies the device in the same words', async () => {
      await forgetApprovers(app(), 'ada')
      const laptop = await approverOf(app(), 'ada')
      const device = `/api/1/users/${IDS.ada}/otp_devices/${await pushDevice(app(), 'ada')}`
      const token = await app().token()
      const { json } = await app().post(`${device}/trigger`, {}, token)
      const state_token = json.data[0].state_token as string
      app().sink.learn(state_token)
      expect((await app().post(`${device}/verify`, { state_token }, token)).json).toEqual(PENDING)
      await approve(await openApprove(app(), laptop))
      expect((await app().post(`${device}/verify`, { state_token }, token)).json.status.type).toBe('success')
      expect((await app().post(`${device}/verify`, { state_token }, token)).status).toBe(400)
    })
  })
})
