import { describe, expect, test } from 'vitest'
import { importDirectory } from '../../server/directory/import-document.ts'
import { inEveryWorld } from '../support/app.ts'
import { PASSWORDS } from '../support/people.ts'
import { attemptOn, CODE_FORM, enterCode, freshTotp, signIn, toFactor } from '../signin/portal.ts'
import {
  agreed,
  aDevice,
  asking,
  callback,
  authorizeUrl,
  loggedIn,
  minted,
  refreshed,
  toConsent,
  tokensIn,
} from './device.ts'

inEveryWorld((app) => {
  describe('asking in the browser', () => {
    test('a command line gets a session that is bound to its key, after its person has agreed', async () => {
      const { device, tokens } = await loggedIn(app(), 'ada')
      expect(tokens.access).toMatch(/^dw_ba_/)
      expect(tokens.refresh).toMatch(/^dw_br_/)
      expect(tokens.session).toMatchObject({
        user: { id: 7, name: 'Ada Byron', email: 'ada@acme.test' },
        company: 'Acme',
        device_name: 'adas-laptop',
        key_storage: 'keychain',
        amr: ['pwd', 'otp', 'mfa'],
      })
      const { status, json } = await device.broker('GET', '/broker/v1/session', tokens.access)
      expect([status, json]).toEqual([200, tokens.session])
    })

    test('the answer names us and repeats the state', async () => {
      const browser = app().browser()
      await signIn(app(), 'bob', browser)
      const { answer, asked } = await agreed(app(), browser, await aDevice(app()))
      expect(answer.searchParams.get('state')).toBe(asked.state)
      expect(answer.searchParams.get('iss')).toBe(app().ctx.publicUrl)
    })

    test('whoever is not signed in signs in first and is asked then', async () => {
      const device = await aDevice(app())
      const browser = app().browser()
      const login = await toConsent(app(), browser, asking(device))
      expect(login.url.pathname).toBe('/login')
      const page = await login
        .form()
        .fill({ login: 'bob', password: 'bob-quiet-harbour-52' })
        .submit('Sign in')
      expect(page.url.pathname).toBe('/oauth/authorize')
      expect(page.text).toContain('adas-laptop')
    })

    test('the page tells account, device, address, how long and where the key is, each time anew', async () => {
      const browser = app().browser()
      await signIn(app(), 'bob', browser)
      for (let i = 0; i < 2; i++) {
        const page = await toConsent(app(), browser, asking(await aDevice(app()), { key_storage: 'file' }))
        expect(page.text).toContain('bob@acme.test')
        expect(page.text).toContain('adas-laptop')
        expect(page.text).toContain('127.0.0.1')
        expect(page.text).toMatch(/10 hours|9 hours/)
        expect(page.text).toContain('whoever copies that file can go on as you')
      }
    })

    test('who denies it sends the command line away with access_denied', async () => {
      const listener = await callback()
      const browser = app().browser()
      await signIn(app(), 'bob', browser)
      const asked = asking(await aDevice(app()), { redirect_uri: listener.uri })
      const page = await toConsent(app(), browser, asked)
      await page.form('form[action="/oauth/authorize"]').submit('Deny')
      const { searchParams } = await listener.answer
      listener.close()
      expect([searchParams.get('error'), searchParams.get('code')]).toEqual(['access_denied', null])
      expect(searchParams.get('state')).toBe(asked.state)
    })

    test('a browser in which a factor was remembered proves it before a command line goes on', async () => {
      const { policy } = await app().ctx.account.account()
      const remember = (days: number) =>
        importDirectory(app().ctx, {
          policy: { ...policy, remember_browser_days: days },
        })
      await remember(30)
      const browser = app().browser()
      const page = await toFactor(app(), 'ada', browser)
      await page
        .form(CODE_FORM)
        .fill({ code: await freshTotp(app(), 'ada'), remember: true })
        .submit('Continue')
      browser.cookies.receive(new URL(app().url), ['doorward=; Path=/; Max-Age=0'])
      const asked = asking(await aDevice(app()))
      const login = await toConsent(app(), browser, asked)
      const anew = await login.form().fill({ login: 'ada', password: PASSWORDS.ada }).submit('Sign in')
      expect(anew.url.pathname).toBe('/login')
      const factor = await anew.form().fill({ login: 'ada', password: PASSWORDS.ada }).submit('Sign in')
      app().sink.learn(attemptOn(factor))
      expect(factor.text).toContain('Enter your code')
      const consent = await enterCode(factor, await freshTotp(app(), 'ada'))
      expect(consent.text).toContain('adas-laptop')
      await remember(0)
    })

    test('without a browser of its own the code is shown once, to be pasted', async () => {
      const device = await aDevice(app())
      const browser = app().browser()
      await signIn(app(), 'bob', browser)
      const redirectUri = `${app().ctx.publicUrl}/oauth/code`
      const asked = asking(device, { redirect_uri: redirectUri })
      const page = await toConsent(app(), browser, asked)
      const shown = await page.form('form[action="/oauth/authorize"]').submit('Allow')
      const [code = '', state] = shown.$('#code').text().trim().split('#')
      app().sink.learn(code)
      expect(state).toBe(asked.state)
      const { status } = await device.oauth('/oauth/token', {
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        code_verifier: asked.verifier,
      })
      expect(status).toBe(200)
    })

    test.each([
      ['another client', { client_id: 'somebody' }],
      ['localhost by name', { redirect_uri: 'http://localhost:9/callback' }],
      ['another host', { redirect_uri: 'http://evil.test/callback' }],
      ['a host behind credentials', { redirect_uri: 'http://127.0.0.1:1@evil.test/callback' }],
      ['another path', { redirect_uri: 'http://127.0.0.1:9/other' }],
      ['https on the loopback', { redirect_uri: 'https://127.0.0.1:9/callback' }],
      ['no port that there is', { redirect_uri: 'http://127.0.0.1:99999/callback' }],
      ['no address at all', { redirect_uri: undefined }],
      ['an address with a query', { redirect_uri: 'http://127.0.0.1:9/callback?x=1' }],
    ])('nothing is sent anywhere for %s', async (_what, more) => {
      const browser = app().browser()
      const page = await toConsent(app(), browser, asking(await aDevice(app()), more))
      expect(page.status).toBe(400)
      expect(page.hops).toHaveLength(1)
    })

    test.each([
      ['no PKCE', { code_challenge: undefined }, 'invalid_request'],
      ['plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
      ['no key', { dpop_jkt: undefined }, 'invalid_request'],
      ['another kind of answer', { response_type: 'token' }, 'unsupported_response_type'],
      ['another scope', { scope: 'everything' }, 'invalid_scope'],
      ['a short state', { state: 'x' }, 'invalid_request'],
      ['a device without a name', { device_name: ' ' }, 'invalid_request'],
      ['a name that turns the line around', { device_name: 'a\u202eb' }, 'invalid_request'],
      ['a key in a place that nobody knows', { key_storage: 'cloud' }, 'invalid_request'],
    ])('a command line with %s is told so at its own address', async (_what, more, error) => {
      const { query } = asking(await aDevice(app()), more)
      const reply = await app().call(
        'GET',
        new URL(authorizeUrl(app(), query)).pathname + new URL(authorizeUrl(app(), query)).search,
      )
      expect(reply.status).toBe(303)
      const back = new URL(reply.headers.get('location')!)
      expect(back.origin).toBe('http://127.0.0.1:9')
      expect(back.searchParams.get('error')).toBe(error)
      expect(back.searchParams.get('iss')).toBe(app().ctx.publicUrl)
    })

    test('a foreign page cannot agree in a person’s name', async () => {
      const browser = app().browser()
      await signIn(app(), 'bob', browser)
      const page = await toConsent(app(), browser, asking(await aDevice(app())))
      const refused = await page.form('form[action="/oauth/authorize"]').forge('_csrf', 'x').submit('Allow')
      expect(refused.status).toBe(403)
    })
  })

  describe('codes', () => {
    const ready = async () => {
      const device = await aDevice(app())
      const browser = app().browser()
      await signIn(app(), 'bob', browser)
      const { asked, code, redirectUri } = await agreed(app(), browser, device)
      const fields = {
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        code_verifier: asked.verifier,
      }
      return { device, fields }
    }

    test.each([
      ['a wrong verifier', { code_verifier: 'x'.repeat(43) }, 'invalid_grant'],
      ['no verifier', { code_verifier: '' }, 'invalid_request'],
      ['another address', { redirect_uri: 'http://127.0.0.1:1/callback' }, 'invalid_grant'],
      ['another client', { client_id: 'somebody' }, 'invalid_client'],
      ['another grant', { grant_type: 'password' }, 'unsupported_grant_type'],
      ['no grant', { grant_type: '' }, 'unsupported_grant_type'],
    ])('with %s a code gives nothing', async (_what, more, error) => {
      const { device, fields } = await ready()
      const { status, json } = await device.oauth('/oauth/token', { ...fields, ...more })
      expect([status, json.error]).toEqual([400, error])
      expect(json.request_id).toMatch(/^[0-9a-f]{16}$/)
    })

    test('a code belongs to the key that it was asked for with', async () => {
      const { fields } = await ready()
      const { json } = await (await aDevice(app())).oauth('/oauth/token', fields)
      expect(json.error).toBe('invalid_grant')
    })

    test('a code that comes twice ends the session that it gave', async () => {
      const { device, fields } = await ready()
      const tokens = tokensIn(app(), await device.oauth('/oauth/token', fields))
      expect((await device.oauth('/oauth/token', fields)).json.error).toBe('invalid_grant')
      expect((await device.broker('GET', '/broker/v1/session', tokens.access)).json.error).toBe(
        'invalid_token',
      )
      expect((await refreshed(device, tokens.refresh)).json.error).toBe('invalid_grant')
      expect((await app().events()).at(-1)?.errorDescription ?? '').not.toContain(fields.code)
      expect((await app().events()).some((one) => one.eventTypeId === 522)).toBe(true)
    })

    test('a code is good for a minute', async () => {
      const { device, fields } = await ready()
      await app().advance(61)
      expect((await device.oauth('/oauth/token', fields)).json.error).toBe('invalid_grant')
    })

    test('of racing exchanges one gets the session', async () => {
      const { device, fields } = await ready()
      await device.oauth('/oauth/token', { ...fields, code: 'dw_bc_none' }) // for its nonce
      const replies = await Promise.all(Array.from({ length: 5 }, () => device.oauth('/oauth/token', fields)))
      const given = replies.filter(({ status }) => status === 200)
      expect(given).toHaveLength(1)
      tokensIn(app(), given[0]!)
    })
  })

  describe('refreshing', () => {
    test('tokens rotate, and the session does not become longer', async () => {
      const { device, tokens } = await loggedIn(app(), 'bob')
      await app().advance(3600)
      const again = tokensIn(app(), await refreshed(device, tokens.refresh))
      expect(again.refresh).not.toBe(tokens.refresh)
      expect(again.session.ends_at).toBe(tokens.session.ends_at)
      expect(Date.parse(again.session.idle_ends_at)).toBeGreaterThan(Date.parse(tokens.session.idle_ends_at))
    })

    test('two processes at once get the same successor, and so does who lost the answer, for a minute', async () => {
      const { device, tokens } = await loggedIn(app(), 'bob')
      const replies = await Promise.all(Array.from({ length: 4 }, () => refreshed(device, tokens.refresh)))
      const all = replies.map((reply) => tokensIn(app(), reply).refresh)
      expect(new Set(all).size).toBe(1)
      await app().advance(59)
      expect((await refreshed(device, tokens.refresh)).json.refresh_token).toBe(all[0])
    })

    test('an old refresh token after that minute ends the session, and the owner’s too', async () => {
      const { device, tokens } = await loggedIn(app(), 'bob')
      const next = tokensIn(app(), await refreshed(device, tokens.refresh))
      await app().advance(61)
      expect((await refreshed(device, tokens.refresh)).json.error).toBe('invalid_grant')
      expect((await refreshed(device, next.refresh)).json.error).toBe('invalid_grant')
      expect((await minted(device, next.access)).json.error).toBe('invalid_token')
    })

    test('a refresh token that comes with another key ends the session', async () => {
      const { device, tokens } = await loggedIn(app(), 'bob')
      const thief = await aDevice(app())
      expect((await refreshed(thief, tokens.refresh)).json.error).toBe('invalid_grant')
      expect((await refreshed(device, tokens.refresh)).json.error).toBe('invalid_grant')
    })

    test('tokens of one kind are nothing in the place of the other, changed or cut', async () => {
      const { device, tokens } = await loggedIn(app(), 'bob')
      for (const token of [
        tokens.access,
        tokens.refresh.slice(0, -1),
        `${tokens.refresh}x`,
        '',
        'dw_br_1.0.x',
      ])
        expect((await refreshed(device, token)).json.error).toBe('invalid_grant')
      for (const token of [tokens.refresh, tokens.access.replace('dw_ba_', 'dw_br_'), `${tokens.access}x`])
        expect((await device.broker('GET', '/broker/v1/session', token)).json.error).toBe('invalid_token')
      expect((await refreshed(device, tokens.refresh)).status).toBe(200)
    })

    test('an access token is over after ten minutes, a session after four hours without use and ten in all', async () => {
      const { device, tokens } = await loggedIn(app(), 'bob')
      await app().advance(600)
      expect((await minted(device, tokens.access)).json.error).toBe('invalid_token')
      let last = tokensIn(app(), await refreshed(device, tokens.refresh))
      for (let hour = 0; hour < 12; hour += 3) {
        last = tokensIn(app(), await refreshed(device, last.refresh))
        await app().advance(3 * 3600)
      }
      const over = await refreshed(device, last.refresh)
      expect([over.json.error, over.json.error_description]).toEqual([
        'invalid_grant',
        expect.stringMatching(/^The session ended at /),
      ])
      const idle = await loggedIn(app(), 'bob')
      await app().advance(4 * 3600)
      expect((await refreshed(idle.device, idle.tokens.refresh)).json.error_description).toMatch(
        /was not used/,
      )
    })
  })

  describe('revoking', () => {
    test('either token ends the session, at once, and the answer tells nothing', async () => {
      for (const kind of ['access', 'refresh'] as const) {
        const { device, tokens } = await loggedIn(app(), 'bob')
        expect((await device.oauth('/oauth/revoke', { token: tokens[kind] })).json).toEqual({})
        expect((await device.broker('GET', '/broker/v1/session', tokens.access)).status).toBe(401)
        expect((await device.oauth('/oauth/revoke', { token: 'dw_br_nothing' })).json).toEqual({})
      }
    })

    test('nobody ends a session with another key', async () => {
      const { device, tokens } = await loggedIn(app(), 'bob')
      await (await aDevice(app())).oauth('/oauth/revoke', { token: tokens.refresh })
      expect((await device.broker('GET', '/broker/v1/session', tokens.access)).status).toBe(200)
    })
  })

  test('the metadata say what there is, under the address that browsers see', async () => {
    const { status, json } = await app().call('GET', '/.well-known/oauth-authorization-server')
    expect(status).toBe(200)
    expect(json).toMatchObject({
      issuer: app().ctx.publicUrl,
      authorization_endpoint: `${app().ctx.publicUrl}/oauth/authorize`,
      code_challenge_methods_supported: ['S256'],
      dpop_signing_alg_values_supported: ['ES256'],
      authorization_response_iss_parameter_supported: true,
    })
    expect(json.device_authorization_endpoint).toBeUndefined()
  })
})
