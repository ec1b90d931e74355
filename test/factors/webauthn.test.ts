import { describe, expect, test } from 'vitest'
import { inEveryWorld, type TestApp } from '../support/app.ts'
import type { Browser, Page } from '../support/html.ts'
import { IDS, type PersonName } from '../support/people.ts'
import { SoftKey, type CreationOptions, type Lie, type RequestOptions } from '../support/soft-key.ts'
import {
  CODE_FORM,
  csrfOn,
  enterPassword,
  eventsSince,
  openLogin,
  sendForm,
  sessionCookie,
  signIn,
} from '../signin/portal.ts'

const optionsText = (page: Page): string => page.$('[data-options]').attr('data-options')!
const toMake = (page: Page) => JSON.parse(optionsText(page)) as CreationOptions
const toAnswer = (page: Page) => JSON.parse(optionsText(page)) as RequestOptions
const answerWith = (page: Page, answer: string): Promise<Page> =>
  page.form(CODE_FORM).forge('code', answer).submit('Continue')

/** Somebody without any factor gets a passkey at their account's page. */
async function addPasskey(app: TestApp, who: 'bob' | 'gus', key: SoftKey, browser = app.browser()) {
  await signIn(app, who, browser)
  const setUp = await (
    await browser.tab().open(`${app.url}/account/factors/new`)
  )
    .form(CODE_FORM)
    .submit('webauthn')
  return answerWith(setUp, key.create(toMake(setUp)))
}
const forget = (app: TestApp, who: PersonName) =>
  app.ctx.db.deleteFrom('authenticators').where('userId', '=', IDS[who]).execute()

async function withKey(app: TestApp, who: 'bob' | 'gus', count?: number): Promise<SoftKey> {
  await forget(app, who)
  await app.advance(3700)
  const key = new SoftKey(app.url, count)
  const page = await addPasskey(app, who, key)
  expect(page.text).toContain('Passkey')
  await app.advance(60)
  return key
}

const toPasskey = async (app: TestApp, who: PersonName, browser = app.browser()): Promise<Page> =>
  enterPassword(await openLogin(app, browser), who)

/** The options that the sign-in page's script asks for. */
async function loginOptions(app: TestApp, browser: Browser): Promise<[RequestOptions, Page]> {
  const page = await openLogin(app, browser)
  const reply = await sendForm(app, browser, '/login/passkey/options', { _csrf: csrfOn(page) })
  return [JSON.parse(reply.text) as RequestOptions, page]
}
const passkeySignIn = (page: Page, answer: string): Promise<Page> =>
  page.send('/login/passkey', {
    _csrf: csrfOn(page),
    return_to: page.form().fields.return_to!,
    code: answer,
  })

/** Ways of lying that neither a second factor nor a sign-in by passkey alone may fall for. */
const LIES: [what: string, lie: (app: TestApp) => Lie][] = [
  ['made on another origin', () => ({ origin: 'https://acme.test.evil.example' })],
  ['made on another port of this host', () => ({ origin: 'http://localhost:1' })],
  ['made for another relying party', () => ({ rpId: 'evil.example' })],
  ['made for a challenge of its own', () => ({ challenge: 'A'.repeat(43) })],
  ['made for an empty challenge', () => ({ challenge: '' })],
  ['of another type', () => ({ type: 'webauthn.create' })],
  ['signed by another key', (app) => ({ signedBy: new SoftKey(app.url) })],
]

describe('a passkey', () => {
  inEveryWorld((app) => {
    test('is added behind a fresh sign-in, asks for no attestation, and is asked for from then on', async () => {
      await forget(app(), 'bob')
      await app().advance(3700)
      const browser = app().browser()
      await signIn(app(), 'bob', browser)
      const offers = await browser.tab().open(`${app().url}/account/factors/new`)
      const setUp = await offers.form(CODE_FORM).submit('webauthn')
      const options = toMake(setUp)
      expect([options.attestation, options.rp, options.user.name]).toEqual([
        'none',
        { id: new URL(app().url).hostname, name: 'Acme' },
        'bob@acme.test',
      ])
      expect(Buffer.from(options.user.id, 'base64url').length).toBeLessThanOrEqual(64)
      const key = new SoftKey(app().url)
      const end = await answerWith(setUp, key.create(options))
      expect([end.url.pathname, end.text.includes('Passkey')]).toEqual(['/account', true])

      const asks = await toPasskey(app(), 'bob')
      const wanted = toAnswer(asks)
      expect(wanted.allowCredentials.map(({ id }) => id)).toEqual([key.id])
      const there = await answerWith(asks, key.get(wanted))
      expect(there.url.pathname).toBe('/')
    })

    test('is not added twice to one device', async () => {
      const key = await withKey(app(), 'bob')
      const asks = await toPasskey(app(), 'bob')
      await answerWith(asks, key.get(toAnswer(asks)))
      const browser = app().browser()
      const page = await toPasskey(app(), 'bob', browser)
      await answerWith(page, key.get(toAnswer(page)))
      const setUp = await (
        await browser.tab().open(`${app().url}/account/factors/new`)
      )
        .form(CODE_FORM)
        .submit('webauthn')
      expect(toMake(setUp).excludeCredentials.map(({ id }) => id)).toEqual([key.id])
    })

    test.each(LIES)('%s is not accepted as a new one', async (_what, lie) => {
      await forget(app(), 'gus')
      await app().advance(3700)
      const browser = app().browser()
      await signIn(app(), 'gus', browser)
      const setUp = await (
        await browser.tab().open(`${app().url}/account/factors/new`)
      )
        .form(CODE_FORM)
        .submit('webauthn')
      const { signedBy, type, ...told } = lie(app())
      const key = new SoftKey(app().url)
      const wrong = type ? { ...told, type: 'webauthn.get' } : told
      if (signedBy) return // nothing is signed when a passkey is made without attestation
      const page = await answerWith(setUp, key.create(toMake(setUp), wrong))
      expect([page.status, page.text.includes('That did not work')]).toEqual([401, true])
      expect((await app().ctx.authenticators.listForUser(IDS.gus)).length).toBe(0)
    })

    test.each(LIES)('%s is refused as a second factor', async (_what, lie) => {
      const key = await withKey(app(), 'bob')
      const browser = app().browser()
      const page = await toPasskey(app(), 'bob', browser)
      const wrong = await answerWith(page, key.get(toAnswer(page), lie(app())))
      expect([wrong.status, sessionCookie(app(), browser)]).toEqual([401, undefined])
      // The honest answer to the next question still counts.
      const there = await answerWith(wrong, key.get(toAnswer(wrong)))
      expect(there.url.pathname).toBe('/')
    })

    test('answers one question once, and never that of another attempt', async () => {
      const key = await withKey(app(), 'bob')
      const [first, second] = [await toPasskey(app(), 'bob'), await toPasskey(app(), 'bob')]
      const answer = key.get(toAnswer(first))
      const crossed = await answerWith(second, answer)
      expect(crossed.status).toBe(401)
      expect((await answerWith(first, answer)).url.pathname).toBe('/')
      const third = await toPasskey(app(), 'bob')
      expect((await answerWith(third, answer)).status).toBe(401)
    })

    test('of somebody else is no answer', async () => {
      const [bobs, guss] = [await withKey(app(), 'bob'), await withKey(app(), 'gus')]
      const page = await toPasskey(app(), 'bob')
      const options = toAnswer(page)
      expect((await answerWith(page, guss.get(options))).status).toBe(401)
      expect(bobs.id).not.toBe(guss.id)
    })

    test.each(['{}', 'null', '[]', '"x"', '{"id":1}', '{"__proto__":{}}', `"${'a'.repeat(19_000)}"`])(
      'is not %.20s',
      async (answer) => {
        const key = await withKey(app(), 'bob')
        const page = await toPasskey(app(), 'bob')
        const wrong = await answerWith(page, answer)
        expect(wrong.status).toBe(401)
        expect((await answerWith(wrong, key.get(toAnswer(wrong)))).url.pathname).toBe('/')
      },
    )

    test('whose count does not rise is refused as a copy, and its owner gets a letter', async () => {
      const key = await withKey(app(), 'bob', 5)
      const page = await toPasskey(app(), 'bob')
      await answerWith(page, key.get(toAnswer(page), { count: 9 }))
      const before = (await app().events()).length
      for (const count of [9, 3, 0]) {
        const again = await toPasskey(app(), 'bob')
        const wrong = await answerWith(again, key.get(toAnswer(again), { count }))
        expect([count, wrong.status]).toEqual([count, 401])
      }
      const reasons = (await eventsSince(app(), before)).map(([, why]) => why)
      expect(reasons.filter((why) => why?.includes('copied'))).toHaveLength(3)
      expect(await app().letters()).toContainEqual(
        expect.stringContaining('Your security key may have been copied'),
      )
      const last = await toPasskey(app(), 'bob')
      const there = await answerWith(last, key.get(toAnswer(last), { count: 10 }))
      expect(there.url.pathname).toBe('/')
    })

    test('signs in alone, without name and password, under a new session id, where the person was going', async () => {
      const key = await withKey(app(), 'bob')
      const browser = app().browser()
      const page = await openLogin(app(), browser, '?return_to=/account')
      const reply = await sendForm(app(), browser, '/login/passkey/options', { _csrf: csrfOn(page) })
      const options = JSON.parse(reply.text) as RequestOptions
      expect([options.userVerification, options.allowCredentials]).toEqual(['required', []])
      const there = await passkeySignIn(page, key.get(options))
      expect([there.url.pathname, there.text.includes('bob@acme.test')]).toEqual(['/account', true])
    })

    test.each<[string, (app: TestApp) => Lie]>([
      ...LIES,
      ['of a holder whom the key did not check', () => ({ unverified: true })],
      ['without its owner', () => ({ userHandle: undefined })],
      [
        'of another owner',
        () => ({ userHandle: Buffer.from(`${IDS.ada}.${'A'.repeat(22)}`).toString('base64url') }),
      ],
    ])('%s signs nobody in alone', async (_what, lie) => {
      const key = await withKey(app(), 'bob')
      const browser = app().browser()
      const [options, page] = await loginOptions(app(), browser)
      const wrong = await passkeySignIn(page, key.get(options, lie(app())))
      expect([wrong.status, wrong.text.includes('That passkey did not work')]).toEqual([401, true])
      expect(sessionCookie(app(), browser)).toBeUndefined()
    })

    test('signs in once for each challenge, in the browser and the time that it was made for', async () => {
      const key = await withKey(app(), 'bob')
      const [here, elsewhere] = [app().browser(), app().browser()]
      const [options, page] = await loginOptions(app(), here)
      const answer = key.get(options)
      const [, other] = await loginOptions(app(), elsewhere)
      expect((await passkeySignIn(other, answer)).status).toBe(401)
      const racing = Array.from({ length: 10 }, () => passkeySignIn(page, answer))
      const ends = (await Promise.all(racing)).map(({ url }) => url.pathname)
      expect(ends.filter((path) => path === '/')).toHaveLength(1)
      const [late, latePage] = await loginOptions(app(), app().browser())
      await app().advance(601)
      expect((await passkeySignIn(latePage, key.get(late))).status).toBe(401)
    })

    test('that nobody has is answered as a wrong one, byte for byte', async () => {
      const key = await withKey(app(), 'bob')
      const stranger = new SoftKey(app().url)
      stranger.userHandle = key.userHandle
      const pages: string[] = []
      for (const answer of [
        (o: RequestOptions) => stranger.get(o),
        (o: RequestOptions) => key.get(o, { rpId: 'x' }),
      ]) {
        const [options, page] = await loginOptions(app(), app().browser())
        const wrong = await passkeySignIn(page, answer(options))
        pages.push(wrong.body.replaceAll(csrfOn(wrong), ''))
      }
      expect(pages[0]).toBe(pages[1])
    })

    test('of somebody suspended signs nobody in, and says so', async () => {
      const key = await withKey(app(), 'gus')
      await app().ctx.db.updateTable('users').set({ status: 2 }).where('id', '=', IDS.gus).execute()
      const browser = app().browser()
      const [options, page] = await loginOptions(app(), browser)
      const refused = await passkeySignIn(page, key.get(options))
      await app().ctx.db.updateTable('users').set({ status: 1 }).where('id', '=', IDS.gus).execute()
      expect([refused.status, refused.text.includes('Your account is suspended')]).toEqual([401, true])
      expect(sessionCookie(app(), browser)).toBeUndefined()
    })

    test('asks nothing of the store when somebody looks at the sign-in page', async () => {
      const [options] = await loginOptions(app(), app().browser())
      expect(options.challenge.length).toBeGreaterThan(40)
    })

    test('signs nobody in alone, and is not offered, where the rules name other factors', async () => {
      const key = await withKey(app(), 'bob')
      const { policy } = await app().ctx.account.account()
      const keep = (rules: object) =>
        app()
          .ctx.db.updateTable('account')
          .set({ policy: JSON.stringify(rules) })
          .execute()
      await keep({ ...policy, allowed_factors: ['totp'] })
      await app().advance(6)
      const browser = app().browser()
      const [options, page] = await loginOptions(app(), browser)
      const wrong = await passkeySignIn(page, key.get(options))
      await keep(policy)
      await app().advance(6)
      expect([wrong.status, page.$('[data-passkey]').length]).toEqual([401, 0])
      expect(sessionCookie(app(), browser)).toBeUndefined()
    })

    test('cannot be added by a program, which is told why', async () => {
      const token = await app().token('Manage All')
      const wish = { factor_id: 10, display_name: 'x' }
      const reply = await app().post(`/api/1/users/${IDS.ada}/otp_devices`, wish, token)
      expect([reply.status, reply.text.includes('only be added in a browser')]).toEqual([400, true])
    })

    test('that was removed opens nothing, with a password or alone', async () => {
      const key = await withKey(app(), 'bob')
      const asks = await toPasskey(app(), 'bob')
      await forget(app(), 'bob')
      expect((await answerWith(asks, key.get(toAnswer(asks)))).url.pathname).not.toBe('/')
      const [options, page] = await loginOptions(app(), app().browser())
      expect((await passkeySignIn(page, key.get(options))).status).toBe(401)
    })
  })
})
