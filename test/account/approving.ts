import { csrfOn, enterPassword, freshTotp, openLogin, sendForm, signIn, toFactor } from '../signin/portal.ts'
import type { ApiReply, TestApp } from '../support/app.ts'
import type { Browser, Page } from '../support/html.ts'
import { IDS, type PersonName } from '../support/people.ts'

/** A browser in which somebody is signed in, and which approves their sign-ins. */
export async function approverOf(app: TestApp, who: 'ada' | 'cy', name = 'Office laptop'): Promise<Browser> {
  const browser = app.browser()
  await signIn(app, who, browser)
  const page = await browser.tab().open(`${app.url}/approve`)
  const ready = await page.form('form[action="/approve/browser"]').fill({ name }).submit()
  app.sink.learn(browser.cookies.get(app.url, 'doorward_approver')!)
  if (!ready.text.includes('This browser approves from now on')) throw new Error(ready.text)
  return browser
}

/** As if they had never let a browser approve. */
export async function forgetApprovers(app: TestApp, who: PersonName): Promise<void> {
  await app.ctx.db
    .deleteFrom('authenticators')
    .where('userId', '=', IDS[who])
    .where('factor', '=', 'push')
    .execute()
  await app.advance(3700)
}

/** The id of the newest browser with which this person approves, as OneLogin's `device_id`. */
export async function pushDevice(app: TestApp, who: PersonName): Promise<number> {
  const all = await app.ctx.authenticators.listForUser(IDS[who])
  return Math.max(...all.filter(({ factor }) => factor === 'push').map(({ id }) => id))
}

/** Another browser's sign-in, up to the page that offers to ask. */
export async function toPush(app: TestApp, who: 'ada' | 'cy', browser?: Browser): Promise<Page> {
  const page = await toFactor(app, who, browser, '?fresh=1')
  return page.form('.others').submit(String(await pushDevice(app, who)))
}

/** The same after the request was sent: the page shows the number. */
export const sendRequest = (page: Page): Promise<Page> =>
  page.form('form:not(.others)').submit('Send the request')
export const checkNow = (page: Page): Promise<Page> =>
  page.form('form:not(.others)').submit('I have answered')
export const numberOn = (page: Page): string => page.$('.match').text().trim()
export const otherThan = (number: string): string => String((Number(number) + 1) % 100).padStart(2, '0')

/** What the approving browser shows now. */
export const openApprove = (app: TestApp, browser: Browser): Promise<Page> =>
  browser.tab().open(`${app.url}/approve`)
const form = (page: Page) => page.form('form[action="/approve"]')
export const approve = (page: Page, number?: string): Promise<Page> =>
  (number === undefined ? form(page) : form(page).fill({ number })).submit('Approve')
export const deny = (page: Page): Promise<Page> => form(page).submit('Deny')

/** Sends an answer as no page would. */
export const sendAnswer = (
  app: TestApp,
  browser: Browser,
  page: Page,
  fields: Record<string, string>,
): Promise<ApiReply> =>
  sendForm(app, browser, '/approve', {
    _csrf: csrfOn(page),
    request: form(page).fields.request!,
    ...fields,
  })

/** A sign-in by which somebody proves anew that it is them, in the same browser. */
export async function signInAnew(app: TestApp, who: 'ada' | 'cy', browser: Browser): Promise<Page> {
  const page = await enterPassword(await openLogin(app, browser, '?fresh=1&return_to=%2Fapprove'), who)
  return page
    .form('form:not(.others)')
    .fill({ code: await freshTotp(app, who) })
    .submit('Continue')
}
