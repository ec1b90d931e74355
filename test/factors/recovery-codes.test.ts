import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exportDocument } from '../../server/directory/export-document.ts'
import { importDirectory } from '../../server/directory/import-document.ts'
import { removeAuthenticator } from '../../server/factors/enrolment.ts'
import { generateRecoveryCodes, recoveryCodesLeft } from '../../server/factors/recovery-codes.ts'
import { attemptOn, enterCode, freshTotp, toFactor } from '../signin/portal.ts'
import { startApp, type ApiReply, type TestApp } from '../support/app.ts'
import type { Page } from '../support/html.ts'
import { DEVICES, IDS, PASSWORDS, type PersonName } from '../support/people.ts'
import { ASKED } from './asked.ts'

type Holder = 'ada' | 'cy' | 'dee'

describe('recovery codes', () => {
  let app: TestApp
  let token: string
  beforeAll(async () => {
    app = await startApp({ policy: { max_failures_per_address: 1_000_000 } })
    token = await app.token()
  })
  afterAll(() => app.close())

  const person = async (who: PersonName) => (await app.ctx.users.find(IDS[who]))!
  const left = (who: Holder) => recoveryCodesLeft(app.ctx, IDS[who])
  const deviceOf = async (who: Holder) =>
    (await app.ctx.authenticators.listForUser(IDS[who])).find(({ factor }) => factor === 'recovery_code')?.id

  async function generated(who: PersonName): Promise<string[]> {
    const codes = await generateRecoveryCodes(app.ctx, await person(who), ASKED.origin)
    for (const code of codes) app.sink.learn(code)
    return codes
  }

  /** The page on which somebody has chosen to use a recovery code. */
  async function toRecovery(who: Holder): Promise<Page> {
    const page = await toFactor(app, who)
    return page.form('form.others').submit(String(await deviceOf(who)))
  }

  async function begun(who: Holder): Promise<string> {
    await app.advance(1)
    const login = { username_or_email: who, password: PASSWORDS[who], subdomain: 'acme' }
    const reply = await app.post('/api/1/login/auth', login, token)
    app.sink.learn(reply.json.data[0].state_token)
    return reply.json.data[0].state_token as string
  }
  const answer = (state_token: string, otp_token: string, device_id?: number): Promise<ApiReply> =>
    app.post('/api/1/login/verify_factor', { device_id, state_token, otp_token }, token)
  const isIn = ({ json }: ApiReply) => json.data?.[0]?.status === 'Authenticated'
  const learn = (replies: ApiReply[]) => {
    for (const { json } of replies.filter(isIn)) app.sink.learn(json.data[0].session_token)
    return replies
  }

  test('are ten, of 60 random bits each, and never the same', async () => {
    const codes = [...(await generated('ada')), ...(await generated('ada'))]
    expect(new Set(codes).size).toBe(20)
    for (const code of codes) expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){2}$/)
    expect(await left('ada')).toBe(10)
  })

  test('let their person in by "another way", who is told how many are left, on the page and by letter', async () => {
    const [code] = await generated('ada')
    const page = await toRecovery('ada')
    const done = await enterCode(page, ` ${code!.toUpperCase().replaceAll('-', ' ')} `)
    expect(done.text).toContain('You have 9 recovery codes left.')
    await app.ctx.post.settled()
    const letter = (await app.letters()).at(-1)!
    expect(letter).toContain('A recovery code was used')
    expect(letter).toContain('9 recovery codes left')
    const home = await done.click('Continue')
    expect(home.text).toContain('Welcome')
  })

  test('work once each, whatever the attempt', async () => {
    const [code] = await generated('ada')
    await enterCode(await toRecovery('ada'), code!)
    const again = await enterCode(await toRecovery('ada'), code!)
    expect(again.status).toBe(401)
    expect(again.$('#summary').text()).toContain('That code is not right')
    expect(await left('ada')).toBe(9)
  })

  test('used twenty times at once, over several attempts, one lets one in', async () => {
    const [code, other] = await generated('ada')
    const device = await deviceOf('ada')
    const states = await Promise.all(Array.from({ length: 5 }, () => begun('ada')))
    const replies = learn(
      await Promise.all(Array.from({ length: 20 }, (_, i) => answer(states[i % 5]!, code!, device))),
    )
    expect(replies.filter(isIn)).toHaveLength(1)
    expect(await left('ada')).toBe(9)
    await app.advance(3700)
    token = await app.token()
    expect(learn([await answer(await begun('ada'), other!, device)]).map(isIn)).toEqual([true])
  })

  test('two at once are both taken, and no use is lost', async () => {
    const codes = await generated('cy')
    const device = await deviceOf('cy')
    const states = await Promise.all(codes.map(() => begun('cy')))
    const replies = learn(await Promise.all(codes.map((code, i) => answer(states[i]!, code, device))))
    expect(replies.filter(isIn)).toHaveLength(10)
    expect(await left('cy')).toBe(0)
  })

  test('of somebody else, or of an older list, are worth nothing', async () => {
    const [old] = await generated('ada')
    const [cys] = await generated('cy')
    await generated('ada')
    const state = await begun('ada')
    const device = await deviceOf('ada')
    for (const code of [old!, cys!]) expect(isIn(await answer(state, code, device))).toBe(false)
    expect([await left('ada'), await left('cy')]).toEqual([10, 10])
  })

  test("the device of somebody else's codes ends the attempt", async () => {
    const [code] = await generated('cy')
    const state = await begun('ada')
    expect(isIn(await answer(state, code!, await deviceOf('cy')))).toBe(false)
    expect((await answer(state, app.totp('ada'), DEVICES.adaTotp)).json.status.message).toBe(
      'State token is invalid or expired',
    )
    expect(await left('cy')).toBe(10)
  })

  test('twenty guesses at once: five are looked at, and the right one behind them does not get in', async () => {
    await app.advance(3700)
    token = await app.token()
    const [code] = await generated('ada')
    const device = await deviceOf('ada')
    const state = await begun('ada')
    const before = (await app.events()).length
    await Promise.all(Array.from({ length: 20 }, () => answer(state, '7k2m-q9xd-4tzp', device)))
    const looked = (await app.events()).slice(before).filter((e) => e.errorDescription === 'wrong code')
    expect(looked.length).toBeLessThanOrEqual(5)
    expect(isIn(await answer(state, code!, device))).toBe(false)
    expect(await left('ada')).toBe(10)
  })

  test('made twenty times at once, one list is good and there is one device', async () => {
    const lists = await Promise.all(Array.from({ length: 20 }, () => generated('dee')))
    const own = (await app.ctx.authenticators.listAllForUser(IDS.dee)).filter(
      ({ factor }) => factor === 'recovery_code',
    )
    expect(own).toHaveLength(1)
    expect(await left('dee')).toBe(10)
    const factor = app.ctx.factors.recovery_code
    const to = { user: await person('dee'), authenticator: own[0]!, attemptId: 'a', asked: ASKED }
    const right = await Promise.all(lists.map(([first]) => factor.verify(to, first!)))
    expect(right.filter(({ is }) => is === 'right')).toHaveLength(1)
  })

  test('are kept so that a copy of the database tells none', async () => {
    const codes = await generated('ada')
    const rows = JSON.stringify(await app.ctx.db.selectFrom('authenticators').selectAll().execute())
    for (const code of codes) {
      expect(rows).not.toContain(code)
      expect(rows).not.toContain(code.replaceAll('-', ''))
    }
  })

  test('stand in for something: who has no factor cannot make them, and is offered none to set up', async () => {
    await expect(generated('gus')).rejects.toMatchObject({ code: 'invalid_request' })
    const { json } = await app.call('GET', `/api/1/users/${IDS.ada}/auth_factors`, { token })
    const names = json.data.auth_factors.map(({ name }: { name: string }) => name)
    expect(names).not.toContain('Recovery Codes')
    expect(names).toContain('Google Authenticator')
  })

  test('end with the last full factor, and a new one does not bring them back', async () => {
    const [code] = await generated('dee')
    await removeAuthenticator(app.ctx, await person('dee'), DEVICES.deeEmail, ASKED.origin)
    expect(await app.ctx.authenticators.listAllForUser(IDS.dee)).toEqual([])
    expect(await left('dee')).toBeUndefined()
    await app.ctx.authenticators.add(
      { userId: IDS.dee, factor: 'email', label: 'E-mail', active: true, createdAt: 1 },
      () => null,
    )
    const page = await toFactor(app, 'dee')
    expect(page.$('form.others')).toHaveLength(0)
    expect(code).toBeDefined()
  })

  test('are in no directory document, and stay when one names the factors beside them', async () => {
    await generated('ada')
    let text = ''
    await exportDocument(app.ctx, (piece) => void (text += piece))
    expect(text).not.toContain('recovery_code')
    await importDirectory(app.ctx, JSON.parse(text))
    expect(await left('ada')).toBe(10)
    const ada = { id: IDS.ada, email: 'ada@acme.test', username: 'ada' }
    await importDirectory(app.ctx, { users: [{ ...ada, factors: [] }] })
    expect(await left('ada')).toBeUndefined()
  })

  test('an attempt shows them only after what it is usually answered with', async () => {
    await generated('cy')
    const page = await toFactor(app, 'cy')
    expect(attemptOn(page)).toBeDefined()
    expect(page.$('form.others button').last().text()).toContain('Use a recovery code')
    await enterCode(page, await freshTotp(app, 'cy'))
  })
})
