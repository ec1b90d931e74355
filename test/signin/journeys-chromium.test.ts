import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApp, type TestApp } from '../support/app.ts'
import { launchChromium, withPage } from '../support/chromium.ts'
import { DEVICES, PASSWORDS } from '../support/people.ts'
import { freshTotp } from './portal.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser.close())

describe.each(['in-process', 'PostgreSQL and Redis'] as const)('%s: a person', (world) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({ world })
  })
  afterAll(() => app.close())

  async function typePassword(page: Page, query = ''): Promise<void> {
    await page.goto(`${app.url}/login${query}`)
    await page.fill('#login', 'ada')
    await page.fill('#password', PASSWORDS.ada)
    await page.keyboard.press('Enter')
    await page.locator('#code').waitFor()
  }
  async function typeCode(page: Page): Promise<void> {
    await page.fill('#code', await freshTotp(app, 'ada'))
    await page.keyboard.press('Enter')
  }

  test('whose phone is lost comes in by a recovery code, takes the phone away and sets up another', () =>
    withPage(browser, { reducedMotion: 'reduce' }, async (page) => {
      page.setDefaultTimeout(5000)
      await typePassword(page)
      await typeCode(page)
      await page.getByRole('heading', { name: 'Welcome, Ada' }).waitFor()
      await page.goto(`${app.url}/account`)
      await page.getByRole('button', { name: 'Set up' }).click()
      const codes =
        (await page.locator('main').innerText()).match(/[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}/g) ?? []
      for (const code of codes) app.sink.learn(code)
      expect(codes).toHaveLength(10)

      await page.context().clearCookies()
      await typePassword(page)
      await page.getByRole('button', { name: 'Use a recovery code' }).click()
      await page.fill('#code', codes[0]!)
      await page.getByRole('button', { name: 'Continue', exact: true }).click()
      await page.getByText('You have 9 recovery codes left').waitFor()
      await page.getByRole('link', { name: 'Continue' }).click()
      await page.goto(`${app.url}/account/factors/${DEVICES.adaTotp}`)
      await page.getByRole('button', { name: 'Remove' }).click()
      await page.getByRole('heading', { name: 'Second factor removed' }).waitFor()
      await page.goto(`${app.url}/account/factors/new`)
      await page.getByRole('button', { name: 'Code by e-mail' }).click()
      await page.fill('#code', await app.mailedCode())
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Second factor added' }).waitFor()
    }))
})

describe.each(['in-process', 'PostgreSQL and Redis'] as const)('%s: a sign-in', (world) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({ world })
  })
  afterAll(() => app.close())

  const signIn = async (page: Page) => {
    await page.fill('#login', 'cy')
    await page.fill('#password', PASSWORDS.cy)
    await page.keyboard.press('Enter')
    await page.locator('#code').waitFor()
  }

  test('that took too long says so, and begins anew on the way to the same place', () =>
    withPage(browser, { reducedMotion: 'reduce' }, async (page) => {
      page.setDefaultTimeout(5000)
      await page.goto(`${app.url}/login`)
      await signIn(page)
      await app.advance(601)
      await page.fill('#code', '123456')
      await page.keyboard.press('Enter')
      await page.getByText('That took a little too long').waitFor()
      await signIn(page)
      await page.fill('#code', await freshTotp(app, 'cy'))
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Welcome, Cy' }).waitFor()
    }))

  test.each([
    ['de', 'ltr', 'Code eingeben', 'Abmelden'],
    ['ar', 'rtl', null, null],
  ])('in %s is in that language and direction to the end', (locale, dir, heading, out) =>
    withPage(browser, { reducedMotion: 'reduce' }, async (page) => {
      page.setDefaultTimeout(5000)
      const isIn = async () =>
        expect(await page.locator('html').evaluate((html: any) => [html.lang, html.dir])).toEqual([
          locale,
          dir,
        ])
      await page.goto(`${app.url}/login?locale=${locale}`)
      await isIn()
      await signIn(page)
      await isIn()
      if (heading) await page.getByRole('heading', { name: heading }).waitFor()
      await page.fill('#code', '000000')
      await page.keyboard.press('Enter')
      await page.getByRole('alert').waitFor()
      await isIn()
      await page.fill('#code', await freshTotp(app, 'cy'))
      await page.keyboard.press('Enter')
      await page.waitForURL(`${app.url}/`)
      await isIn()
      if (out) await page.getByText(out).first().waitFor()
    }),
  )

  // 320 px are 1280 px at 400 % (WCAG 2.2, 1.4.10); nothing is clicked (2.1.1).
  test('goes by the keyboard alone on the smallest screen, through what is wrong, and out again', () =>
    withPage(browser, { viewport: { width: 320, height: 640 }, reducedMotion: 'reduce' }, async (page) => {
      page.setDefaultTimeout(5000)
      const press = async (...keys: string[]) => {
        for (const key of keys) await page.keyboard.press(key)
      }
      const tabTo = async (name: string) => {
        for (let stops = 0; stops < 40; stops++) {
          await press('Tab')
          const focused: string = await page.evaluate(
            `document.activeElement.getAttribute('aria-label') || document.activeElement.textContent.trim()`,
          )
          if (focused === name) return
        }
        throw new Error(`no way to ${name} by Tab`)
      }
      const fits = async () =>
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320)
      await page.goto(`${app.url}/login`)
      await page.keyboard.type('cy')
      await press('Tab')
      await page.keyboard.type('not-her-password')
      await press('Enter')
      await page.getByRole('alert').waitFor()
      await fits()
      await press('Tab', 'Enter') // from the summary to the field
      await press('Tab')
      await page.keyboard.type(PASSWORDS.cy)
      await press('Enter')
      await page.getByRole('heading', { name: 'Enter your code' }).waitFor()
      await fits()
      await page.keyboard.type(await freshTotp(app, 'cy'))
      await press('Enter')
      await page.getByRole('heading', { name: 'Welcome, Cy' }).waitFor()
      await fits()
      await page.goto(`${app.url}/logout`)
      await tabTo('Sign out')
      await press('Enter')
      await page.getByText('You are signed out').waitFor()
      await fits()
    }))
})
