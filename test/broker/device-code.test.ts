import { expect, test } from 'vitest'
import { inEveryWorld } from '../support/app.ts'
import type { Page } from '../support/html.ts'
import { signIn } from '../signin/portal.ts'
import { aDevice, loggedIn, minted, tokensIn, type Device } from './device.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

inEveryWorld(
  (app) => {
    const ask = async (device: Device, headers: Record<string, string> = {}) => {
      const kiosk = { scope: 'aws:assume', device_name: 'kiosk', key_storage: 'agent' }
      const { status, json } = await device.oauth('/oauth/device_authorization', kiosk, { headers })
      expect(status).toBe(200)
      app().sink.learn(json.device_code)
      return json as Record<string, string>
    }
    const poll = (device: Device, code = '') =>
      device.oauth('/oauth/token', { grant_type: GRANT, device_code: code })
    const typed = async (code: string): Promise<Page> => {
      const browser = app().browser()
      await signIn(app(), 'bob', browser)
      const page = await browser.tab().open(`${app().url}/oauth/device`)
      return page.form('form[action="/oauth/device"]').fill({ user_code: code }).submit()
    }

    test('a device waits until its person has typed its code elsewhere and agreed', async () => {
      const device = await aDevice(app())
      const asked = await ask(device)
      expect(asked.user_code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
      expect((await poll(device, asked.device_code)).json.error).toBe('authorization_pending')
      const consent = await typed(asked.user_code!.toLowerCase().replace('-', ' '))
      expect(consent.text).toContain('kiosk')
      expect(consent.$('button[name=action]').first().attr('value')).toBe('deny')
      const done = await consent.form('form[action="/oauth/device/decision"]').submit('Allow')
      expect(done.text).toContain('Device connected')
      await app().advance(6)
      const reply = await poll(device, asked.device_code)
      const tokens = tokensIn(app(), reply)
      expect((await minted(device, tokens.access)).status).toBe(200)
      expect((await poll(device, asked.device_code)).json.error).toBe('expired_token')
    })

    test('of polls at once exactly one gets the session', async () => {
      const device = await aDevice(app())
      const asked = await ask(device)
      await (await typed(asked.user_code!)).form('form[action="/oauth/device/decision"]').submit('Allow')
      await app().advance(6)
      const replies = await Promise.all(Array.from({ length: 5 }, () => poll(device, asked.device_code)))
      expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 400, 400, 400, 400])
      tokensIn(
        app(),
        replies.find(({ status }) => status === 200)!,
      )
    })

    test('a device in another network is connected by nobody, whatever its person has typed', async () => {
      const device = await aDevice(app())
      const asked = await ask(device, { 'x-forwarded-for': '203.0.113.9' })
      const page = await typed(asked.user_code!)
      expect(page.text).toContain('The device is in another network than this browser')
      expect(page.$('form[action="/oauth/device/decision"]')).toHaveLength(0)
      await app().advance(6)
      expect((await poll(device, asked.device_code)).json.error).toBe('authorization_pending')
    })

    test('who denies it gives the device nothing', async () => {
      const device = await aDevice(app())
      const asked = await ask(device)
      await (await typed(asked.user_code!)).form('form[action="/oauth/device/decision"]').submit('Deny')
      await app().advance(6)
      expect((await poll(device, asked.device_code)).json.error).toBe('access_denied')
    })

    test('who asks too often is told to slow down, by five seconds each time', async () => {
      const device = await aDevice(app())
      const asked = await ask(device)
      await poll(device, asked.device_code)
      expect((await poll(device, asked.device_code)).json).toMatchObject({ error: 'slow_down', interval: 10 })
      await app().advance(6)
      expect((await poll(device, asked.device_code)).json).toMatchObject({ error: 'slow_down', interval: 15 })
      await app().advance(16)
      expect((await poll(device, asked.device_code)).json.error).toBe('authorization_pending')
    })

    test('a code is over after five minutes, and nothing to another key', async () => {
      const device = await aDevice(app())
      const asked = await ask(device)
      expect((await poll(await aDevice(app()), asked.device_code)).json.error).toBe('expired_token')
      await app().advance(301)
      expect((await poll(device, asked.device_code)).json.error).toBe('expired_token')
    })

    test('wrong codes are refused, and after five of them for a while all', async () => {
      const device = await aDevice(app())
      const asked = await ask(device)
      for (let i = 0; i < 5; i++)
        expect((await typed('BBBB-BBBB')).text).toContain('Nobody waits with this code')
      expect((await typed('BBBB-BBBB')).status).toBe(429)
      await app().advance(301)
      expect((await poll(device, asked.device_code)).json.error).toBe('expired_token')
    })

    test('who signed in long ago signs in again before they agree', async () => {
      const { browser } = await loggedIn(app(), 'bob')
      await app().advance(16 * 60)
      const asked = await ask(await aDevice(app()))
      const page = await browser.tab().open(`${app().url}/oauth/device?user_code=${asked.user_code}`)
      const login = await page.form('form[action="/oauth/device"]').submit()
      expect(login.url.pathname).toBe('/login')
    })

    test('the metadata name it', async () => {
      const { json } = await app().call('GET', '/.well-known/oauth-authorization-server')
      expect(json.device_authorization_endpoint).toBe(`${app().ctx.publicUrl}/oauth/device_authorization`)
      expect(json.grant_types_supported).toContain(GRANT)
    })
  },
  { env: { BROKER_DEVICE_CODE: 'on', TRUST_PROXY: 'loopback' } },
)

inEveryWorld((app) => {
  test('without the setting there is none of it', async () => {
    const device = await aDevice(app())
    const asked = await device.oauth('/oauth/device_authorization', {
      device_name: 'x',
      key_storage: 'agent',
    })
    expect(asked.status).toBe(404)
    const polled = await device.oauth('/oauth/token', { grant_type: GRANT, device_code: 'dw_bd_x' })
    expect(polled.json.error).toBe('unsupported_grant_type')
    const browser = app().browser()
    await signIn(app(), 'bob', browser)
    expect((await browser.tab().open(`${app().url}/oauth/device`)).status).toBe(404)
  })
})
