import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApp, type TestApp } from '../support/app.ts'
import { launchChromium, withPage } from '../support/chromium.ts'
import { PASSWORDS } from '../support/people.ts'
import { inviteLink, mailedLinks, tokenIn } from './links.ts'
import { until } from '../support/server-process.ts'
import { changeUser, freshTotp } from './portal.ts'

let app: TestApp
let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
}, 60_000)
afterAll(() => browser.close())

let made = 0
function freshPassword(): string {
  const password = `marble-window-thunder-${++made}`
  app.sink.learn(password)
  return password
}

/** Opens a link as a click in a letter does, and goes on where the page does not by itself. */
async function openLink(page: Page, link: string, scripts: boolean): Promise<void> {
  await page.goto(link)
  if (!scripts) await page.getByRole('button', { name: 'Continue' }).click()
  await page.waitForURL((url) => !url.href.includes(tokenIn(link)))
}

const signIn = async (page: Page, login: string, password: string) => {
  await page.goto(`${app.url}/login`)
  await page.fill('#login', login)
  await page.fill('#password', password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

const SCRIPTS = [true, false]

describe.each(['in-process', 'PostgreSQL and Redis'] as const)('%s', (world) => {
  beforeAll(async () => {
    app = await startApp({ world })
  })
  afterAll(() => app.close())

  test.each(SCRIPTS)('an invitation leads to the first sign-in (scripts: %s)', (scripts) =>
    withPage(browser, { javaScriptEnabled: scripts, reducedMotion: 'reduce' }, async (page) => {
      const email = `new-${made}@acme.test`
      const person = { firstname: 'Hal', lastname: 'Finney', email }
      await app.post('/api/1/users', person, await app.token())
      const link = await inviteLink(app, email)
      await openLink(page, link, scripts)
      await page.getByRole('heading', { name: 'Welcome, Hal' }).waitFor()
      expect(page.url()).toBe(`${app.url}/invite`)
      const password = freshPassword()
      if (scripts) {
        await page.fill('#password', 'short')
        expect(await page.locator('[data-strength-text]').textContent()).toBe('too short')
        await page.fill('#password', password)
        expect(await page.locator('.strength').getAttribute('data-level')).toBe('4')
      }
      await page.fill('#password', password)
      await page.getByRole('button', { name: 'Set the password' }).click()
      await page.getByRole('heading', { name: 'Welcome, Hal' }).waitFor()
      expect(page.url()).toBe(`${app.url}/`)
      await page.goto(link)
      if (!scripts) await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByRole('heading', { name: 'This link does not work any more' }).waitFor()
    }),
  )

  test('a forgotten password is replaced behind the authenticator app, then signed in with', () =>
    withPage(browser, { reducedMotion: 'reduce' }, async (page) => {
      await page.goto(`${app.url}/login`)
      await page.getByRole('link', { name: 'Forgot your password?' }).click()
      await page.fill('#login', 'ada@acme.test')
      await page.getByRole('button', { name: 'Send the link' }).click()
      await page.getByRole('heading', { name: 'Check your e-mail' }).waitFor()
      await until('the letter is there', async () => (await mailedLinks(app, 'reset')).length === 1)
      await openLink(page, (await mailedLinks(app, 'reset'))[0]!, true)
      await page.fill('#code', await freshTotp(app, 'ada'))
      await page.getByRole('button', { name: 'Continue', exact: true }).click()
      const password = freshPassword()
      await page.fill('#password', password)
      await page.getByRole('button', { name: 'Change the password' }).click()
      await page.getByText('Your password is changed').waitFor()
      await signIn(page, 'ada', password)
      await page.fill('#code', await freshTotp(app, 'ada'))
      await page.getByRole('button', { name: 'Continue', exact: true }).click()
      await page.getByRole('heading', { name: 'Welcome, Ada' }).waitFor()
    }))

  test('an expired password is changed on the way in', () =>
    withPage(browser, { reducedMotion: 'reduce' }, async (page) => {
      await changeUser(app, 'gus', { status: 4 })
      await signIn(page, 'gus', PASSWORDS.gus)
      await page.getByRole('heading', { name: 'Choose a new password' }).waitFor()
      await page.fill('#password', 'gus-grissom-12')
      await page.getByRole('button', { name: 'Change the password' }).click()
      await page.getByRole('alert').getByText('This password cannot be used').waitFor()
      await page.fill('#password', freshPassword())
      await page.getByRole('button', { name: 'Change the password' }).click()
      await page.getByRole('heading', { name: 'Welcome, Gus' }).waitFor()
    }))
})
