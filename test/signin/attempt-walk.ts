import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { Secret, TOTP } from 'otpauth'
import { expect } from 'vitest'
import type { TestApp } from '../support/app.ts'
import { cookieJar } from '../support/cookie-jar.ts'
import { DEVICES, PASSWORDS, SEEDS, type ScopeName } from '../support/people.ts'
import {
  DEVICES_OF,
  idOf,
  mayOpen,
  Model,
  PEOPLE,
  type Attempt,
  type Door,
  type Person,
  type Place,
} from './attempt-model.ts'

const doors = fc.constantFrom<Door>('portal', 'api_login', 'saml_assertion')
const people = fc.constantFrom(...PEOPLE)
const two = fc.constantFrom(0, 1)
const apps = fc.constantFrom(500, 501)
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof(
    { weight: 3 * others.length, arbitrary: fc.constant(usual) },
    ...others.map((other) => ({ weight: 1, arbitrary: fc.constant(other) })),
  )
const rarely = mostly(false, true)

/** One step as data, so that fast-check can shrink a walk to the shortest that still fails. */
const actions = {
  login: fc.record({
    door: doors,
    who: people,
    password: mostly('right', 'wrong', 'foreign'),
    by: two,
    app: apps,
    twice: rarely,
  }),
  // `newest`: how many attempts back from the newest.
  code: fc.record({
    newest: mostly(0, 1, 2, 3),
    code: mostly('right', 'wrong', 'used', 'stale', 'foreign'),
    device: mostly('own', 'second', 'foreign'),
    place: mostly('own', 'other door', 'other holder', 'other app'),
    twice: rarely,
  }),
  send: fc.record({ newest: mostly(0, 1, 2), place: mostly('own', 'other door', 'other holder') }),
  redeem: fc.record({
    newest: mostly(0, 1, 2),
    as: mostly('session token', 'state token', 'nonsense'),
    browser: two,
    twice: rarely,
  }),
  launch: fc.record({ browser: two, app: apps }),
  look: fc.record({ browser: two }),
  dress: fc.record({ browser: two, as: fc.constantFrom('state token', 'session token') }),
  logout: fc.record({ browser: two }),
  clock: fc.record({ seconds: mostly(31, 1, 119, 121, 601, 1801) }),
  change: fc.record({ who: people, to: fc.constantFrom('suspended', 'active', 'signed out everywhere') }),
}
type Actions = { [K in keyof typeof actions]: (typeof actions)[K] extends fc.Arbitrary<infer T> ? T : never }
export type Action = { [K in keyof Actions]: { do: K } & Actions[K] }[keyof Actions]

const WEIGHTS: Record<keyof Actions, number> = {
  login: 8,
  code: 10,
  send: 3,
  redeem: 6,
  launch: 2,
  look: 2,
  dress: 1,
  logout: 2,
  clock: 3,
  change: 1,
}

export const walks = fc.array(
  fc.oneof(
    ...(Object.keys(actions) as (keyof Actions)[]).map((name) => ({
      weight: WEIGHTS[name],
      arbitrary: (actions[name] as fc.Arbitrary<object>).map((fields) => ({ do: name, ...fields }) as Action),
    })),
  ),
  { minLength: 15, maxLength: 25, size: 'max' },
)

/** What an answer handed out. */
interface Got {
  status: number
  stateToken?: string
  sessionToken?: string
  samlResponse?: string
  session?: boolean
}
const nothing = ({ stateToken, sessionToken, samlResponse, session }: Got) =>
  !stateToken && !sessionToken && !samlResponse && !session

const SCOPES: ScopeName[] = ['Manage All', 'Authentication Only']
let unknown = 0

/** Walks through a running server and holds every answer against the model. */
export class Walk {
  readonly #app: TestApp
  readonly #model: Model
  readonly #jars = [cookieJar(), cookieJar()]
  readonly #bearers: string[]
  /** Codes that were right once, and the last code of each authenticator app. */
  readonly #used: string[] = []
  readonly #signInTokens: (string | undefined)[] = []
  /** How often something worth reaching was reached, over all walks. */
  readonly #reached: Map<string, number>

  private constructor(app: TestApp, model: Model, bearers: string[], reached: Map<string, number>) {
    this.#reached = reached
    this.#app = app
    this.#model = model
    this.#bearers = bearers
  }

  /** Everybody as at the beginning, a day and more later. */
  static async begin(app: TestApp, reached: Map<string, number>): Promise<Walk> {
    await app.advance(26 * 3600)
    // Letters of the walk before.
    await app.ctx.background.settled()
    await app.ctx.post.settled()
    await rm(join(app.ctx.config.DATA_DIR, 'outbox'), { recursive: true, force: true })
    const fresh = {
      status: 1,
      lockedUntil: null,
      lockReason: null,
      invalidLoginAttempts: 0,
      invalidLoginSince: null,
    }
    await app.ctx.db.updateTable('users').set(fresh).where('id', 'in', PEOPLE.map(idOf)).execute()
    const rows = await app.ctx.db.selectFrom('users').select(['id', 'sessionEpoch']).execute()
    const epochs = Object.fromEntries(
      PEOPLE.map((who) => [who, rows.find(({ id }) => id === idOf(who))!.sessionEpoch]),
    )
    const bearers = [await app.token(SCOPES[0]), await app.token(SCOPES[1])]
    const walk = new Walk(app, new Model(app.clock.now, epochs as Record<Person, number>), bearers, reached)
    for (const jar of [0, 1]) await walk.#csrf(jar, '/login')
    return walk
  }

  async take(action: Action): Promise<void> {
    await (this[`_${action.do}`] as (action: Action) => Promise<void>).call(this, action)
  }

  /** The first few hundred: every line of the log is searched for each. */
  #learn(secret: string | undefined): void {
    this.#note('secret')
    if (secret !== undefined && this.#reached.get('secret')! < 2000) this.#app.sink.learn(secret)
  }

  #note(what: string): void {
    this.#reached.set(what, (this.#reached.get(what) ?? 0) + 1)
  }

  async #call(
    method: string,
    path: string,
    headers: Record<string, string>,
    body: string | undefined,
    jar?: number,
  ): Promise<Got & { text: string }> {
    const cookies = jar === undefined ? undefined : this.#jars[jar]!
    const url = new URL(path, this.#app.url)
    const cookie = cookies?.header({ url, method, sameSite: true })
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: { ...headers, ...(cookie && { cookie }) },
      ...(body !== undefined && { body }),
    })
    const text = await response.text()
    expect(response.status, `${method} ${path}`).toBeLessThan(500)
    cookies?.receive(url, response.headers.getSetCookie())
    const json = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : undefined
    const item = Array.isArray(json?.data) ? json.data[0] : undefined
    const got: Got = {
      status: response.status,
      stateToken:
        item?.state_token ?? json?.state_token ?? /name="attempt" value="([0-9a-f]{40})"/.exec(text)?.[1],
      sessionToken: item?.session_token,
      samlResponse:
        typeof json?.data === 'string' ? json.data : /name="SAMLResponse" value="([^"]+)"/.exec(text)?.[1],
      session: response.headers.getSetCookie().some((line) => /^doorward=[^;]/.test(line)),
    }
    for (const secret of [got.stateToken, got.sessionToken]) this.#learn(secret)
    return { ...got, text }
  }

  #api(path: string, by: number, body: object): Promise<Got & { text: string }> {
    const headers = { 'content-type': 'application/json', authorization: `bearer:${this.#bearers[by]!}` }
    return this.#call('POST', path, headers, JSON.stringify(body))
  }

  async #post(path: string, jar: number, fields: Record<string, string>): Promise<Got & { text: string }> {
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      origin: this.#app.url,
      'sec-fetch-site': 'same-origin',
    }
    return this.#call('POST', path, headers, new URLSearchParams(fields).toString(), jar)
  }

  /** A CSRF token as a page shows it; that of the sign-in pages stays good in its browser, whoever signs in there. */
  async #csrf(jar: number, page: '/login' | '/logout'): Promise<string> {
    if (page === '/login' && this.#signInTokens[jar] !== undefined) return this.#signInTokens[jar]
    const { text } = await this.#call('GET', page, {}, undefined, jar)
    const token = /name="_csrf" value="([^"]*)"/.exec(text)?.[1] ?? ''
    if (page === '/login') this.#signInTokens[jar] = token
    return token
  }

  #tell(person: Person, got: Got, place: Place, passwordAt: number): void {
    if (got.sessionToken) this.#model.issued(got.sessionToken, person, passwordAt)
    if (!got.session) return
    const browser = Number(place.holder.slice(-1))
    this.#model.sessions.set(browser, this.#model.sessionFor(person, passwordAt))
    this.#model.know(browser, person)
  }

  #placeOf(door: Door, by: number, app: number): Place {
    const holder = door === 'portal' ? `browser ${by}` : `credential ${by}`
    return { door, holder, app: door === 'saml_assertion' ? app : undefined }
  }

  /** Exactly what the door hands out at its end, made out to this person. */
  #expectIn(got: Got, person: Person, place: Place): void {
    if (place.door === 'api_login')
      expect(got).toMatchObject({ status: 200, sessionToken: expect.any(String), session: false })
    if (place.door === 'portal') expect(got).toMatchObject({ status: 303, session: true })
    if (place.door !== 'saml_assertion') return expect(got.samlResponse).toBeUndefined()
    if (mayOpen(person, place.app!)) this.#expectSaml(got, person, place.app!)
    else expect([got.status, nothing(got)]).toEqual([403, true])
  }

  #expectSaml(got: Got, person: Person, app: number): void {
    const xml = Buffer.from(
      (got.samlResponse ?? '').replaceAll('&#x2B;', '+').replaceAll('&#43;', '+'),
      'base64',
    ).toString()
    expect(xml).toContain(app === 501 ? 'https://wiki.acme.test/acs' : 'https://signin.aws.amazon.com/saml')
    expect(xml).toContain(`>${person}@acme.test<`)
    this.#learn(got.samlResponse)
  }

  async _login({ door, who, password, by, app, twice }: Actions['login']): Promise<void> {
    const foreign = who === 'bob' ? 'ada' : 'bob'
    const text =
      password === 'right'
        ? PASSWORDS[who]
        : password === 'foreign'
          ? PASSWORDS[foreign]
          : `not-it-at-all-${unknown++}`
    this.#learn(text)
    const place = this.#placeOf(door, by, app)
    const send = await this.#sender(place, by, app, who, text)
    const replies = await Promise.all(twice && door !== 'portal' ? [send(), send()] : [send()])
    const browser = door === 'portal' ? by : undefined
    for (const got of replies) {
      const isKnown = this.#model.isKnown(browser, who)
      const must = this.#model.password(who, password === 'right', browser)
      if (must === 'refused') expect([got.status, nothing(got)], `${who} ${password}`).toEqual([401, true])
      this.#note(`password ${must}${this.#model.isLocked(who) ? ', locked' : ''}`)
      if (must === 'factor') {
        expect(got).toMatchObject({ status: 200, stateToken: expect.any(String), session: false })
        expect([got.sessionToken, got.samlResponse]).toEqual([undefined, undefined])
        this.#model.begun(got.stateToken!, who, place, isKnown)
      }
      if (must === 'done') {
        this.#expectIn(got, who, place)
        this.#tell(who, got, place, this.#app.clock.now())
      }
    }
  }

  async #sender(place: Place, by: number, app_id: number, who: Person, password: string) {
    const body = { username_or_email: who, password, subdomain: 'acme' }
    if (place.door === 'api_login') return () => this.#api('/api/1/login/auth', by, body)
    if (place.door === 'saml_assertion')
      return () => this.#api('/api/2/saml_assertion', by, { ...body, app_id })
    const _csrf = await this.#csrf(by, '/login')
    return () => this.#post('/login', by, { _csrf, login: who, password })
  }

  #attempt(newest: number): Attempt | undefined {
    return this.#model.attempts.at(-1 - newest)
  }

  /** Where a request for this attempt comes from: where it belongs, or somewhere else. */
  #from(attempt: Attempt, where: string): { place: Place; by: number } {
    const own = Number(attempt.holder.slice(-1))
    const by = where === 'other holder' ? 1 - own : own
    const door: Door =
      where !== 'other door' ? attempt.door : attempt.door === 'api_login' ? 'saml_assertion' : 'api_login'
    const app = where === 'other app' && attempt.app !== undefined ? 1001 - attempt.app : (attempt.app ?? 500)
    return { by, place: this.#placeOf(door, by, app) }
  }

  async #verifier(
    attempt: Attempt,
    { place, by }: { place: Place; by: number },
    device_id: number,
    code: string | undefined,
  ) {
    const answer = { state_token: attempt.id, device_id, ...(code !== undefined && { otp_token: code }) }
    if (place.door === 'api_login') return () => this.#api('/api/1/login/verify_factor', by, answer)
    if (place.door === 'saml_assertion')
      return () => this.#api('/api/2/saml_assertion/verify_factor', by, { ...answer, app_id: place.app })
    const fields = {
      _csrf: await this.#csrf(by, '/login'),
      attempt: attempt.id,
      device_id: String(device_id),
    }
    return () =>
      this.#post('/login/factor', by, {
        ...fields,
        ...(code === undefined ? { action: 'send' } : { code, action: 'verify' }),
      })
  }

  async _code({ newest, code, device, place: where, twice }: Actions['code']): Promise<void> {
    const attempt = this.#attempt(newest)
    if (!attempt) return
    const id = this.#device(attempt.who, device)
    const from = this.#from(attempt, where)
    const text = this.#code(attempt, id, code)
    if (text === undefined) return
    const send = await this.#verifier(attempt, from, id, text)
    const replies = await Promise.all(twice ? [send(), send()] : [send()])
    const step = this.#stepOf(attempt.who, id, text)
    const verdicts = replies.map(() => this.#model.answer(attempt, from.place, id, text, step))
    const ins = replies.filter((got) => !nothing(got) && got.stateToken === undefined)
    if (verdicts.includes('in')) {
      this.#used.push(text)
      this.#note(`in by ${attempt.door}${twice ? ', twice at once' : ''}`)
      const winner = replies.find((got) => got.status === 200 || got.status === 303 || got.status === 403)
      if (!winner) return expect.fail(`${attempt.who} was not let in by ${attempt.door}`)
      this.#expectIn(winner, attempt.who, from.place)
      this.#tell(attempt.who, winner, from.place, attempt.passwordAt)
      expect(ins.length).toBeLessThan(2)
    } else {
      this.#note(`${code} code for ${device} device at ${where} refused`)
      expect(ins, `${attempt.who} got in by ${attempt.door} with a ${code} code`).toEqual([])
    }
  }

  #device(who: Person, which: string): number {
    const [first, second = first] = DEVICES_OF[who]
    const foreign = who === 'cy' ? DEVICES.adaTotp : DEVICES.cyEmail
    return which === 'own' ? first!.id : which === 'second' ? second!.id : foreign
  }

  #totp(device: number, steps: number): string | undefined {
    const seed = device === DEVICES.adaTotp ? SEEDS.ada : device === DEVICES.cyTotp ? SEEDS.cy : undefined
    if (seed === undefined) return undefined
    return new TOTP({ secret: Secret.fromBase32(seed) }).generate({
      timestamp: this.#app.clock.now() + steps * 30_000,
    })
  }

  #code(attempt: Attempt, device: number, which: string): string | undefined {
    if (which === 'right') return this.#totp(device, 0) ?? attempt.mailed.get(device)?.code
    if (which === 'used') return this.#used.at(-1)
    if (which === 'stale') return this.#totp(device, -5)
    if (which === 'foreign') return this.#totp(attempt.who === 'ada' ? DEVICES.cyTotp : DEVICES.adaTotp, 0)
    return ['123456', '654321', '000000'].find(
      (code) => this.#stepOf(attempt.who, device, code) === undefined,
    )
  }

  /** The period in which this code is right for this person's authenticator app now, one either way. */
  #stepOf(who: Person, device: number, code: string): number | undefined {
    if (!DEVICES_OF[who].some(({ id }) => id === device)) return undefined
    const drift = [0, -1, 1].find((steps) => this.#totp(device, steps) === code)
    return drift === undefined ? undefined : this.#model.step() + drift
  }

  async _send({ newest, place: where }: Actions['send']): Promise<void> {
    const attempt = this.#attempt(newest)
    const device = attempt && DEVICES_OF[attempt.who].find(({ kind }) => kind === 'email')
    if (!attempt || !device) return
    this.#app.clock.advance(0.001) // letters are named by time
    const before = await this.#codesMailed()
    const from = this.#from(attempt, where)
    const got = await (await this.#verifier(attempt, from, device.id, undefined))()
    expect([got.sessionToken, got.samlResponse, got.session]).toEqual([undefined, undefined, false])
    const claimed = this.#model.claim(attempt, from.place)
    const after = await this.#codesMailed()
    if (claimed === false) expect(after).toEqual(before)
    if (after.length > before.length)
      attempt.mailed.set(device.id, { code: after.at(-1)!, at: this.#app.clock.now() })
  }

  /** Not learned by the sink: among so many lines six digits stand somewhere by chance. */
  async #codesMailed(): Promise<string[]> {
    return (await this.#app.letters()).flatMap((letter) => /code is (\d{6})/.exec(letter)?.[1] ?? [])
  }

  async _redeem({ newest, as, browser, twice }: Actions['redeem']): Promise<void> {
    const token =
      as === 'session token'
        ? this.#model.sessionTokens.at(-1 - newest)?.token
        : as === 'state token'
          ? this.#attempt(newest)?.id
          : 'f'.repeat(40)
    if (token === undefined) return
    const send = () =>
      this.#call(
        'POST',
        '/session_via_api_token',
        { 'content-type': 'application/json' },
        JSON.stringify({ session_token: token }),
        browser,
      )
    const replies = await Promise.all(twice ? [send(), send()] : [send()])
    const session = this.#model.redeem(token)
    const won = replies.filter((got) => got.session)
    this.#note(session ? 'session token redeemed' : `${as} refused`)
    expect(won, `${as} as a session token`).toHaveLength(session ? 1 : 0)
    if (!session) return
    this.#model.sessions.set(browser, session)
    this.#model.know(browser, session.who)
  }

  async _launch({ browser, app }: Actions['launch']): Promise<void> {
    const got = await this.#call('GET', `/apps/${app}/launch`, {}, undefined, browser)
    const session = this.#model.sessions.get(browser)
    if (!this.#model.isValid(session)) expect([got.status, nothing(got)]).toEqual([303, true])
    else if (mayOpen(session!.who, app)) {
      this.#note('app opened')
      this.#expectSaml(got, session!.who, app)
    } else expect([got.status, nothing(got)]).toEqual([403, true])
  }

  async _look({ browser }: Actions['look']): Promise<void> {
    const { status, text } = await this.#call('GET', '/', {}, undefined, browser)
    const session = this.#model.sessions.get(browser)
    expect(status).toBe(this.#model.isValid(session) ? 200 : 303)
    if (status === 200) expect(text.toLowerCase()).toContain(session!.who)
  }

  /** Another kind of token in place of a session's. */
  async _dress({ browser, as }: Actions['dress']): Promise<void> {
    const token = as === 'state token' ? this.#attempt(0)?.id : this.#model.sessionTokens.at(-1)?.token
    if (token === undefined) return
    for (const value of [token, `s:${token}`, `s%3A${token}.${'x'.repeat(43)}`]) {
      const got = await this.#call('GET', '/apps/500/launch', { cookie: `doorward=${value}` }, undefined)
      expect([browser, got.status, nothing(got)]).toEqual([browser, 303, true])
    }
  }

  async _logout({ browser }: Actions['logout']): Promise<void> {
    if (!this.#model.isValid(this.#model.sessions.get(browser))) return
    const got = await this.#post('/logout', browser, { _csrf: await this.#csrf(browser, '/logout') })
    expect(got.status).toBe(303)
    this.#model.sessions.delete(browser)
  }

  async _clock({ seconds }: Actions['clock']): Promise<void> {
    await this.#app.advance(seconds)
  }

  async _change({ who, to }: Actions['change']): Promise<void> {
    const facts = this.#model.people[who]
    if (to === 'signed out everywhere') {
      await this.#app.ctx.users.endSessions(idOf(who))
      facts.epoch++
      return
    }
    facts.suspended = to === 'suspended'
    facts.lockedUntil = 0
    const change = { status: to === 'suspended' ? 2 : 1, lockedUntil: null, lockReason: null }
    await this.#app.ctx.db.updateTable('users').set(change).where('id', '=', idOf(who)).execute()
  }
}
