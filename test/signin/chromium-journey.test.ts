import axe from 'axe-core'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApp, type TestApp } from '../support/app.ts'
import { CHROMIUM_ARGS, CHROMIUM_PATH, withPage } from '../support/chromium.ts'
import { company, PASSWORDS } from '../support/people.ts'
import { freshTotp } from './portal.ts'

/** A service provider that goes on to another origin once it has been answered. */
async function serviceProvider(): Promise<{ acs: string; end: string; posts: string[]; close(): void }> {
  const posts: string[] = []
  const listen = async (answer: (req: IncomingMessage, body: string) => [number, object, string]) => {
    const server: Server = createServer((req, res) => {
      let body = ''
      req.on('data', (chunk: Buffer) => (body += chunk.toString()))
      req.on('end', () => {
        const [status, headers, text] = answer(req, body)
        res.writeHead(status, { 'content-type': 'text/html', ...headers }).end(text)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return { server, port: (server.address() as AddressInfo).port }
  }
  const end = await listen(() => [200, {}, '<title>Wiki</title><h1>Inside the wiki</h1>'])
  const acs = await listen((_req, body) => {
    posts.push(body)
    return [302, { location: `http://127.0.0.1:${end.port}/` }, '']
  })
  return {
    acs: `http://localhost:${acs.port}/acs`,
    end: `http://127.0.0.1:${end.port}/`,
    posts,
    close: () => [acs, end].forEach(({ server }) => server.close()),
  }
}

let app: TestApp
let sp: Awaited<ReturnType<typeof serviceProvider>>
let browser: Browser
beforeAll(async () => {
  sp = await serviceProvider()
  const rules = '--host-resolver-rules=MAP *.test 127.0.0.1'
  browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: [...CHROMIUM_ARGS, rules] })
})
afterAll(async () => {
  await browser.close()
  sp.close()
})

const at = (host: string) => `http://${host}:${new URL(app.url).port}`

/** What axe-core finds wrong, one line each. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { violations } = await (globalThis as any).axe.run()
    return violations.flatMap((v: any) => v.nodes.map((n: any) => `${v.id}: ${n.html}`))
  })
}

/** What Chromium only mentions: that http on a name other than localhost is less, and that it did as it was told. */
const NOTICES = /origin was untrustworthy|origin-keyed agent cluster|^Clear-Site-Data header/

interface Journey {
  /** The first address. */
  start: string
  title: string
  colour: string
  scripts: boolean
}

const JOURNEYS: [what: string, journey: () => Journey][] = [
  ['Acme, the default', () => ({ start: app.url, title: 'Acme', colour: '#0b5fff', scripts: true })],
  [
    'Acme by its host',
    () => ({ start: at('login.acme.test'), title: 'Acme', colour: '#0b5fff', scripts: true }),
  ],
  [
    'Northwind by ?brand=',
    () => ({
      start: `${app.url}/login?brand=northwind`,
      title: 'Northwind Traders',
      colour: '#0f766e',
      scripts: true,
    }),
  ],
  [
    'Northwind by its host',
    () => ({
      start: at('login.northwind.test'),
      title: 'Northwind Traders',
      colour: '#0f766e',
      scripts: true,
    }),
  ],
  ['Acme without scripts', () => ({ start: app.url, title: 'Acme', colour: '#0b5fff', scripts: false })],
  [
    'Northwind by ?brand= without scripts',
    () => ({
      start: `${app.url}/login?brand=northwind`,
      title: 'Northwind Traders',
      colour: '#0f766e',
      scripts: false,
    }),
  ],
]

describe.each(['in-process', 'PostgreSQL and Redis'] as const)('%s: a whole visit', (world) => {
  beforeAll(async () => {
    const document = company()
    document.apps![1]!.saml = { entity_id: 'https://wiki.acme.test', acs_url: sp.acs }
    app = await startApp({ document, world })
  })
  afterAll(() => app.close())

  test.each(JOURNEYS)(
    'to %s goes from the password over the code and an app to the way out',
    async (_what, journey) => {
      const { start, title, colour, scripts } = journey()
      const options: BrowserContextOptions = { javaScriptEnabled: scripts, reducedMotion: 'reduce' }
      await withPage(browser, options, async (page) => {
        const complaints: string[] = []
        page.on('console', (message) => {
          if (!NOTICES.test(message.text())) complaints.push(message.text())
        })
        page.on('pageerror', (error) => complaints.push(error.message))
        const look = async (name: string) => {
          expect(await page.title()).toBe(`${name} – ${title}`)
          expect(await page.locator('meta[name=theme-color]').getAttribute('content')).toBe(colour)
          if (scripts) expect([name, await findings(page)]).toEqual([name, []])
        }
        await page.goto(start)
        const { origin } = new URL(page.url())
        await look('Sign in')
        await page.fill('#login', 'cy')
        await page.fill('#password', PASSWORDS.cy)
        await page.getByRole('button', { name: 'Sign in' }).click()
        await page.getByRole('heading', { name: 'Enter your code' }).waitFor()
        await look('Enter your code')
        await page.fill('#code', await freshTotp(app, 'cy'))
        await page.getByRole('button', { name: 'Continue', exact: true }).click()
        await page.getByRole('heading', { name: 'Welcome, Cy' }).waitFor()
        await look('Your apps')
        await page.getByRole('link', { name: 'Wiki' }).click()
        if (!scripts) {
          await look('Opening Wiki')
          await page.getByRole('button', { name: 'Continue to Wiki' }).click()
        }
        await page.getByRole('heading', { name: 'Inside the wiki' }).waitFor()
        expect(page.url()).toBe(sp.end)
        expect(sp.posts.at(-1)).toMatch(/^SAMLResponse=[A-Za-z0-9%]+$/)
        await page.goto(`${origin}/logout`)
        await look('Sign out?')
        await page.getByRole('button', { name: 'Sign out' }).click()
        await page.getByText('You are signed out').waitFor()
        await look('Sign in')
        await page.goto(`${origin}/apps/501/launch`)
        expect(await page.title()).toBe(`Sign in – ${title}`)
        expect(complaints).toEqual([])
      })
    },
    60_000,
  )

  test('that goes wrong is as easy to read, and no text of a person does anything', () =>
    withPage(browser, { reducedMotion: 'reduce' }, async (page) => {
      const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}`
      page.on('dialog', () => expect.unreachable('a dialog opened'))
      await page.goto(app.url)
      await page.getByRole('button', { name: 'Sign in' }).click()
      expect(await findings(page)).toEqual([])
      await page.fill('#login', hostile)
      await page.fill('#password', 'wrong-lantern-guess-91')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByText('We could not sign you in').waitFor()
      expect(await page.inputValue('#login')).toBe(hostile)
      expect(await findings(page)).toEqual([])
      for (const path of ['/nowhere', '/saml/metadata/x', `/${encodeURIComponent(hostile)}`]) {
        await page.goto(app.url + path)
        expect(await findings(page)).toEqual([])
      }
    }))

  test('shows a picture of an app that does nothing but be seen', () =>
    withPage(browser, {}, async (page) => {
      await page.goto(app.url)
      const logo = await page.locator('.logo img').getAttribute('src')
      const reply = await page.goto(app.url + logo!)
      expect(reply!.headers()['content-security-policy']).toBe(
        "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      )
    }))
})
