import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser as Chromium, Page as ChromiumPage } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inEveryWorld, startApp, type TestApp } from '../support/app.ts'
import { launchChromium, withPage } from '../support/chromium.ts'
import { browser as htmlBrowser, type Browser, type Page } from '../support/html.ts'
import { PASSWORDS, type PersonName } from '../support/people.ts'
import { eventsSince, sendForm, sessionCookie, signIn } from './portal.ts'

const SHOP = 'http://shop.acme.test'
const PATH = '/session_via_api_token'
const JSON_TYPE = { 'content-type': 'application/json' }

/** A session token of this person, as a program gets it. */
async function tokenOf(
  app: TestApp,
  who: PersonName,
  { origin, returnTo }: { origin?: string; returnTo?: string } = {},
): Promise<string> {
  const { json } = await app.post(
    '/api/1/login/auth',
    { username_or_email: who, password: PASSWORDS[who], subdomain: 'acme', return_to_url: returnTo },
    await app.token(),
    origin === undefined ? {} : { 'Custom-Allowed-Origin-Header-1': origin },
  )
  const { session_token: token } = json.data[0]
  app.sink.learn(token)
  return token as string
}

describe('POST /session_via_api_token', () => {
  inEveryWorld(
    (app) => {
      let site: Awaited<ReturnType<typeof foreignSite>>
      beforeAll(async () => {
        site = await foreignSite(() => app().url)
      })
      afterAll(() => void site.server.close())
      /** A browser that can also go to other sites. */
      const wideBrowser = () =>
        htmlBrowser({
          now: app().clock.now,
          hosts: { 'shop.acme.test': site.url, 'evil.test': site.url },
        })

      test.each(['session_token', 'auth_token'])(
        'as a form takes %s and signs the browser in',
        async (name) => {
          const browser = app().browser()
          const before = (await app().events()).length
          const token = await tokenOf(app(), 'bob')
          const reply = await sendForm(app(), browser, PATH, { [name]: token })
          expect([reply.status, reply.headers.get('location')]).toEqual([303, '/'])
          browser.cookies.receive(new URL(app().url), reply.headers.getSetCookie())
          expect(sessionCookie(app(), browser)).toBeDefined()
          expect((await browser.tab().open(app().url)).text).toContain('Welcome, Bob')
          expect(await eventsSince(app(), before)).toEqual([
            [122, null],
            [515, null],
            [5, null],
          ])
        },
      )

      test('goes on to a return_to_url of ours or of a registered origin, and to no other', async () => {
        for (const [returnTo, location] of [
          [`${app().url}/apps/500/launch`, `${app().url}/apps/500/launch`],
          [`${SHOP}/basket?a=1`, `${SHOP}/basket?a=1`],
          ['https://named.acme.test/x', 'https://named.acme.test/x'],
          ['https://evil.test/', '/'],
          ['/apps/500/launch', '/'],
        ] as const) {
          const token = await tokenOf(app(), 'bob', { origin: 'https://named.acme.test', returnTo })
          const reply = await sendForm(app(), app().browser(), PATH, { session_token: token })
          expect([returnTo, reply.headers.get('location')]).toEqual([returnTo, location])
        }
      })

      test('as JSON from a program without a browser answers in the envelope, with a cookie', async () => {
        const token = await tokenOf(app(), 'bob')
        const reply = await app().call('POST', PATH, { body: { session_token: token } })
        const success = { error: false, code: 200, type: 'success', message: 'Success' }
        expect([reply.status, reply.json]).toEqual([200, { status: success }])
        expect(reply.headers.getSetCookie().join()).toMatch(/(?:^|,)doorward=/)
        expect(reply.headers.get('access-control-allow-origin')).toBeNull()
      })

      test('lets a script of the origin that was named in, with credentials', async () => {
        const origin = 'https://named.acme.test'
        const token = await tokenOf(app(), 'bob', { origin })
        const preflight = await app().call('OPTIONS', PATH, {
          headers: { origin, 'access-control-request-method': 'POST' },
        })
        expect(preflight.status).toBe(204)
        const reply = await app().call('POST', PATH, {
          headers: { ...JSON_TYPE, origin, 'sec-fetch-site': 'same-site' },
          body: { session_token: token },
        })
        expect(reply.status).toBe(200)
        for (const { headers } of [preflight, reply]) {
          expect(headers.get('access-control-allow-origin')).toBe(origin)
          expect(headers.get('access-control-allow-credentials')).toBe('true')
          expect(headers.get('vary')).toContain('Origin')
        }
      })

      test("lets a script of the policy's origins in, though the token names none", async () => {
        const token = await tokenOf(app(), 'bob')
        const reply = await app().call('POST', PATH, {
          headers: { ...JSON_TYPE, origin: SHOP },
          body: { session_token: token },
        })
        expect([reply.status, reply.headers.get('access-control-allow-origin')]).toEqual([200, SHOP])
        const preflight = await app().call('OPTIONS', PATH, { headers: { origin: SHOP } })
        expect(preflight.headers.get('access-control-allow-origin')).toBe(SHOP)
      })

      test.each([
        ['https://evil.test', {}],
        ['http://shop.acme.test.evil.test', {}],
        ['https://shop.acme.test', {}],
        ['http://shop.acme.test:444', {}],
        ['http://login.acme.test:1', {}],
        ['null', {}],
        ['', {}],
        [undefined, { 'sec-fetch-site': 'cross-site' }],
      ])(
        'refuses the origin %s: no session, no CORS headers, and the token stays good',
        async (origin, more) => {
          const token = await tokenOf(app(), 'bob', { origin: 'https://other.acme.test' })
          const headers = { ...(origin !== undefined && { origin }), ...more }
          for (const reply of [
            await app().call('POST', PATH, {
              headers: { ...JSON_TYPE, ...headers },
              body: { session_token: token },
            }),
            await sendForm(app(), app().browser(), PATH, { session_token: token }, headers),
            await sendForm(
              app(),
              app().browser(),
              PATH,
              { session_token: token, choice: 'continue' },
              headers,
            ),
          ]) {
            expect([reply.status, reply.headers.getSetCookie()]).toEqual([403, []])
            expect(reply.headers.get('access-control-allow-origin')).toBeNull()
            expect(reply.text).not.toContain(token)
          }
          const preflight = await app().call('OPTIONS', PATH, { headers })
          expect(preflight.headers.get('access-control-allow-origin')).toBeNull()
          expect((await sendForm(app(), app().browser(), PATH, { session_token: token })).status).toBe(303)
        },
      )

      test('uses a token up: of twenty at once one signs in', async () => {
        const token = await tokenOf(app(), 'bob')
        const replies = await Promise.all(
          Array.from({ length: 20 }, (_, i) =>
            i % 2 === 0
              ? sendForm(app(), app().browser(), PATH, { session_token: token })
              : app().call('POST', PATH, { body: { auth_token: token } }),
          ),
        )
        expect(replies.filter(({ headers }) => headers.getSetCookie().length > 0)).toHaveLength(1)
        expect(replies.filter(({ status }) => status === 401)).toHaveLength(19)
      })

      test('takes a token for 120 seconds', async () => {
        const [inTime, late] = [await tokenOf(app(), 'bob'), await tokenOf(app(), 'bob')]
        await app().advance(119)
        expect((await sendForm(app(), app().browser(), PATH, { session_token: inTime })).status).toBe(303)
        await app().advance(1)
        expect((await sendForm(app(), app().browser(), PATH, { session_token: late })).status).toBe(401)
      })

      test.each([
        ['nothing', {}],
        ['an empty token', { session_token: '' }],
        ['an unknown token', { session_token: 'f'.repeat(40) }],
        ['a token in the address only', {}],
      ])('refuses %s', async (_what, fields: Record<string, string>) => {
        const token = await tokenOf(app(), 'bob')
        const reply = await sendForm(app(), app().browser(), `${PATH}?session_token=${token}`, fields)
        expect([reply.status, reply.headers.getSetCookie()]).toEqual([401, []])
      })

      test('refuses a token whose person may no longer sign in', async () => {
        const token = await tokenOf(app(), 'gus')
        const change = (status: number) =>
          app().ctx.db.updateTable('users').set({ status }).where('id', '=', 12).execute()
        await change(2)
        const reply = await sendForm(app(), app().browser(), PATH, { session_token: token })
        await change(1)
        expect(reply.status).toBe(401)
      })

      test('asks before it replaces somebody else, and staying uses the token up', async () => {
        const browser = wideBrowser()
        await signIn(app(), 'gus', browser)
        const session = sessionCookie(app(), browser)
        const token = await tokenOf(app(), 'bob')
        const shop = await foreignPage(browser, SHOP, token)
        const carried = await shop.form().submit()
        expect(carried.title).toBe('Signing you in – Acme')
        const asked = await carried.form().submit()
        expect([asked.title, asked.status]).toEqual(['Switch account? – Acme', 200])
        expect(asked.text).toContain('Gus Grissom')
        expect(sessionCookie(app(), browser)).toBe(session)
        const stayed = await asked.form().submit('Stay signed in as Gus Grissom')
        expect(stayed.text).toContain('Welcome, Gus')
        expect((await asked.form().submit('Continue as Bob Noyce')).status).toBe(401)
        expect(sessionCookie(app(), browser)).toBe(session)
      })

      test('switches when the person wants it, and asks nobody who is that person already', async () => {
        const browser = wideBrowser()
        await signIn(app(), 'gus', browser)
        const shop = await foreignPage(browser, SHOP, await tokenOf(app(), 'bob'))
        const asked = await (await shop.form().submit()).form().submit()
        expect((await asked.form().submit('Continue as Bob Noyce')).text).toContain('Welcome, Bob')
        const again = await foreignPage(browser, SHOP, await tokenOf(app(), 'bob'))
        expect((await (await again.form().submit()).form().submit()).text).toContain('Welcome, Bob')
      })

      test('a form of a foreign site replaces nobody, whatever it claims to have asked', async () => {
        const browser = wideBrowser()
        await signIn(app(), 'gus', browser)
        const session = sessionCookie(app(), browser)
        const evil = await foreignPage(browser, 'http://evil.test', await tokenOf(app(), 'bob'))
        expect((await evil.form().forge('choice', 'continue').submit()).status).toBe(403)
        const shop = await foreignPage(browser, SHOP, await tokenOf(app(), 'bob'))
        const carried = await shop.form().forge('choice', 'continue').submit()
        expect(carried.form().fields).not.toHaveProperty('choice')
        expect(sessionCookie(app(), browser)).toBe(session)
      })
    },
    { policy: { allowed_origins: [SHOP] } },
  )
})

/** Serves, under any host, a page with a form and a script that send a session token to us. */
async function foreignSite(target: () => string): Promise<{ url: string; port: number; server: Server }> {
  const server = createServer((req, res) => {
    const token = new URL(req.url!, 'http://x').searchParams.get('token') ?? ''
    res.setHeader('content-type', 'text/html')
    res.end(`<title>Shop</title><form method=post action="${target()}${PATH}">
      <input type=hidden name=session_token value="${token}"><button>Go</button></form>`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, port, server }
}

/** The page of a foreign site that holds this token, in this browser. */
const foreignPage = (browser: Browser, origin: string, token: string): Promise<Page> =>
  browser.tab().open(`${origin}/?token=${token}`)

describe('in Chromium', () => {
  let app: TestApp
  let chromium: Chromium
  let site: Awaited<ReturnType<typeof foreignSite>>
  beforeAll(async () => {
    app = await startApp()
    site = await foreignSite(() => app.url)
    chromium = await launchChromium()
  })
  afterAll(async () => {
    await chromium.close()
    site.server.close()
    await app.close()
  })

  /** Sends the token from a page of `host` by script; what the page saw of the answer. */
  const sendByScript = (page: ChromiumPage, token: string): Promise<string> =>
    page.evaluate(
      async ({ url, body }) => {
        const options = {
          method: 'POST',
          credentials: 'include',
          headers: { 'content-type': 'application/json' },
        }
        try {
          const reply = await fetch(url, { ...options, body } as RequestInit)
          return `${reply.status} ${await reply.text()}`
        } catch (error) {
          return String(error)
        }
      },
      { url: app.url + PATH, body: JSON.stringify({ session_token: token }) },
    )

  test('a script of the named origin signs the browser in, one of another origin learns and does nothing', () =>
    withPage(chromium, {}, async (page) => {
      const named = `http://localhost:${site.port}`
      const token = await tokenOf(app, 'bob', { origin: named })
      await page.goto(`http://127.0.0.1:${site.port}`) // the same server under another origin
      expect(await sendByScript(page, token)).toBe('TypeError: Failed to fetch')
      await page.goto(app.url)
      expect(await page.title()).toBe('Sign in – Acme')
      await page.goto(named)
      expect(await sendByScript(page, token)).toMatch(/^200 .*"Success"/)
      expect(await sendByScript(page, token)).toBe('TypeError: Failed to fetch')
      await page.goto(app.url)
      expect(await page.title()).toBe('Your apps – Acme')
    }))

  test('a form of the named site goes through our own page, which asks who is signed in', () =>
    withPage(chromium, {}, async (page) => {
      const named = `http://127.0.0.1:${site.port}`
      const send = async (who: PersonName) => {
        await page.goto(
          `${named}/?token=${await tokenOf(app, who, { origin: named, returnTo: `${named}/done` })}`,
        )
        await page.click('button')
      }
      await send('gus')
      await page.waitForURL(`${named}/done`)
      await send('bob')
      await page.waitForURL(app.url + PATH)
      await page.getByRole('button', { name: 'Stay signed in as Gus Grissom' }).click()
      await page.waitForURL(`${app.url}/`)
      expect(await page.locator('h1').innerText()).toBe('Welcome, Gus')
      await send('bob')
      await page.getByRole('button', { name: 'Continue as Bob Noyce' }).click()
      await page.waitForURL(`${named}/done`)
      await page.goto(app.url)
      expect(await page.locator('h1').innerText()).toBe('Welcome, Bob')
    }))

  test('a form of a site that was not named signs nobody in', () =>
    withPage(chromium, {}, async (page) => {
      await page.goto(`${site.url}/?token=${await tokenOf(app, 'bob')}`)
      await page.click('button')
      await page.waitForURL(app.url + PATH)
      expect(await page.locator('h1').innerText()).toBe('This page was open for too long')
      await page.goto(app.url)
      expect(await page.title()).toBe('Sign in – Acme')
    }))
})
