import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshTotp } from '../signin/portal.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { launchChromium, withPage } from '../support/chromium.ts'
import { PASSWORDS } from '../support/people.ts'

let app: TestApp
let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
}, 60_000)
afterAll(() => browser.close())

async function enterPassword(page: Page): Promise<void> {
  await page.goto(`${app.url}/login`)
  await page.fill('#login', 'ada')
  await page.fill('#password', PASSWORDS.ada)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('heading', { name: 'Enter your code' }).waitFor()
}

async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { violations } = await (globalThis as any).axe.run()
    return violations.flatMap((v: any) => v.nodes.map((n: any) => `${v.id}: ${n.html}`))
  })
}

/** What went wrong on a page that its reader would not see. */
function complaintsOf(page: Page): string[] {
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  return complaints
}

describe.each(['in-process', 'PostgreSQL and Redis'] as const)('%s', (world) => {
  beforeAll(async () => {
    app = await startApp({ world })
  })
  afterAll(() => app.close())

  describe('two browsers', () => {
    test.each([{ scripts: true }, { scripts: false }])(
      'get a person in by a number that one shows and the other is told (scripts: $scripts)',
      ({ scripts }) =>
        withPage(browser, { javaScriptEnabled: scripts, reducedMotion: 'reduce' }, (laptop) =>
          withPage(browser, { javaScriptEnabled: scripts, reducedMotion: 'reduce' }, async (phone) => {
            const complaints = [complaintsOf(laptop), complaintsOf(phone)]
            await app.ctx.db.deleteFrom('authenticators').where('factor', '=', 'push').execute()
            await app.advance(61)
            await enterPassword(laptop)
            await laptop.fill('#code', await freshTotp(app, 'ada'))
            await laptop.getByRole('button', { name: 'Continue', exact: true }).click()
            await laptop.getByRole('link', { name: 'Approve sign-ins' }).click()
            await laptop.fill('#name', 'Office laptop')
            await laptop.getByRole('button', { name: 'Use this browser' }).click()
            await laptop.getByText('This browser approves from now on').waitFor()

            await enterPassword(phone)
            await phone.getByRole('button', { name: 'Approve in another browser' }).click()
            await phone.getByRole('button', { name: 'Send the request' }).click()
            const number = (await phone.locator('.match').innerText()).trim()
            if (!scripts) await laptop.getByRole('link', { name: 'Check now' }).click()
            await laptop.getByRole('heading', { name: 'Is this you?' }).waitFor()
            if (scripts) expect([await findings(laptop), await findings(phone)]).toEqual([[], []])
            await laptop.fill('#number', number)
            await laptop.keyboard.press('Enter')
            await laptop.getByText('The sign-in goes on where it began').waitFor()
            if (!scripts) await phone.getByRole('button', { name: 'I have answered' }).click()
            await phone.getByRole('heading', { name: 'Welcome, Ada' }).waitFor()
            expect(complaints).toEqual([[], []])
          }),
        ),
      60_000,
    )
  })
})
