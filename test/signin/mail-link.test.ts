import { describe, expect, test } from 'vitest'
import { inEveryWorld, type TestApp } from '../support/app.ts'
import type { Browser, Page } from '../support/html.ts'
import { enterCode, sendCode, sendForm, sessionCookie, toFactor, csrfOn } from './portal.ts'

const LINK = /\/login\/link\/(dw_ml_[\w-]{43})/

/** Dee asks for a code by mail; gives the page that waits for it, the code, and the link beside it. */
async function asked(app: TestApp, browser: Browser): Promise<[page: Page, code: string, path: string]> {
  await app.advance(3700)
  const [page, code] = await sendCode(app, await toFactor(app, 'dee', browser))
  const letters = (await app.letters()).map((text) => text.replace(/=\r?\n/g, '').replace(/=3D/g, '='))
  const [path, token] = LINK.exec(letters.filter((text) => LINK.test(text)).at(-1)!)!
  app.sink.learn(token!)
  return [page, code, path]
}
const follow = async (app: TestApp, browser: Browser, path: string): Promise<Page> =>
  (await browser.tab().open(app.url + path)).form().submit()

describe('the link beside a mail code', () => {
  inEveryWorld((app) => {
    test('signs in in the browser that asked, once, and the code is worth nothing after it', async () => {
      const browser = app().browser()
      const [page, code, path] = await asked(app(), browser)
      const opened = await browser.tab().open(app().url + path)
      expect([opened.status, opened.headers.get('referrer-policy')]).toEqual([200, 'no-referrer'])
      expect(sessionCookie(app(), browser)).toBeUndefined()
      expect((await opened.form().submit()).url.pathname).toBe('/')
      expect((await follow(app(), browser, path)).status).toBe(410)
      expect((await enterCode(page, code)).url.pathname).not.toBe('/login/factor')
    })

    test('is used up by looking at it no more than by a program that tries every link', async () => {
      const browser = app().browser()
      const [, , path] = await asked(app(), browser)
      for (let i = 0; i < 3; i++)
        await app()
          .browser()
          .tab()
          .open(app().url + path)
      expect((await follow(app(), browser, path)).url.pathname).toBe('/')
    })

    test('signs nobody in in another browser, and does not end what was begun', async () => {
      const [browser, thief] = [app().browser(), app().browser()]
      const [page, code, path] = await asked(app(), browser)
      const there = await follow(app(), thief, path)
      expect([there.status, sessionCookie(app(), thief)]).toEqual([410, undefined])
      expect(there.text).not.toContain('dee')
      expect((await enterCode(page, code)).url.pathname).toBe('/')
    })

    test('ends with a newer one, with its ten minutes, and with its attempt', async () => {
      const browser = app().browser()
      const [page, , first] = await asked(app(), browser)
      await app().advance(31)
      await sendCode(app(), page, 'Send a new code')
      expect((await follow(app(), browser, first)).status).toBe(410)
      const [, , late] = await asked(app(), browser)
      await app().advance(601)
      expect((await follow(app(), browser, late)).status).toBe(410)
    })

    test('lets one of ten racing visits in', async () => {
      const browser = app().browser()
      const [page, , path] = await asked(app(), browser)
      const fields = { _csrf: csrfOn(page), token: LINK.exec(path)![1]! }
      const racing = Array.from({ length: 10 }, () => sendForm(app(), browser, '/login/link', fields))
      const statuses = (await Promise.all(racing)).map(({ status }) => status)
      expect(statuses.filter((status) => status === 303)).toHaveLength(1)
    })

    test.each(['', 'dw_ml_', `dw_ml_${'A'.repeat(43)}`, '../../etc', '%00', 'x'.repeat(199)])(
      'that reads %j is one page, whatever is wrong with it',
      async (token) => {
        const browser = app().browser()
        const [page] = await asked(app(), browser)
        const reply = await sendForm(app(), browser, '/login/link', { _csrf: csrfOn(page), token })
        expect([reply.status, reply.text.includes('This link does not work any more')]).toEqual([410, true])
      },
    )

    test('is in no letter to a program, which has no browser to open it in', async () => {
      const token = await app().token()
      await app().advance(3700)
      const before = (await app().letters()).length
      const { json } = await app().post(
        '/api/1/login/auth',
        { username_or_email: 'dee', password: 'dee-copper-window-74', subdomain: 'acme' },
        token,
      )
      const [{ state_token, devices }] = json.data
      app().sink.learn(state_token)
      await app().post('/api/1/login/verify_factor', { device_id: devices[0].device_id, state_token }, token)
      const letters = (await app().letters()).slice(before)
      expect([letters.length, letters.some((text) => LINK.test(text))]).toEqual([1, false])
    })
  })
})
