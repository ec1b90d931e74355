import type { ApiReply, TestApp } from '../support/app.ts'
import type { Browser, Page } from '../support/html.ts'
import { IDS, PASSWORDS, type PersonName, type SEEDS } from '../support/people.ts'

/** The form of the factor page that takes a code or sends one; the other one chooses another way. */
export const CODE_FORM = 'form:not(.others)'

/** The sign-in page in a new tab of this browser. */
export const openLogin = (app: TestApp, browser: Browser = app.browser(), query = ''): Promise<Page> =>
  browser.tab().open(`${app.url}/login${query}`)

export const enterPassword = (
  page: Page,
  who: PersonName,
  password: string = PASSWORDS[who],
): Promise<Page> => page.form().fill({ login: who, password }).submit('Sign in')

/** The sign-in up to the factor page, whose attempt the sink then knows. */
export async function toFactor(app: TestApp, who: PersonName, browser?: Browser, query = ''): Promise<Page> {
  const page = await enterPassword(await openLogin(app, browser, query), who)
  app.sink.learn(attemptOn(page))
  return page
}

export const attemptOn = (page: Page): string => page.form(CODE_FORM).fields.attempt!

export const enterCode = (page: Page, code: string): Promise<Page> =>
  page.form(CODE_FORM).fill({ code }).submit('Continue')

/** A code of the authenticator app that was not used before: time passes until it shows a new one. */
export async function freshTotp(app: TestApp, who: keyof typeof SEEDS): Promise<string> {
  await app.advance(60)
  const code = app.totp(who)
  app.sink.learn(code)
  return code
}

/** Has a code sent by e-mail, in a second of its own, so that the newest letter is the one. */
export async function sendCode(app: TestApp, page: Page, button = 'Send the code'): Promise<[Page, string]> {
  await app.advance(1)
  const sent = await page.form(CODE_FORM).submit(button)
  return [sent, await app.mailedCode()]
}

/** A whole sign-in of somebody with TOTP or without a factor; gives the page it ends on. */
export async function signIn(
  app: TestApp,
  who: 'ada' | 'bob' | 'cy' | 'gus',
  browser?: Browser,
  query = '',
): Promise<Page> {
  if (who === 'bob' || who === 'gus') return enterPassword(await openLogin(app, browser, query), who)
  return enterCode(await toFactor(app, who, browser, query), await freshTotp(app, who))
}

/** The token that the forms of this page send. */
export const csrfOn = (page: Page): string => String(page.$('input[name=_csrf]').first().attr('value'))

/** Sends a form as no page would: any fields, any headers, with the cookies that this browser has. */
export function sendForm(
  app: TestApp,
  browser: Browser,
  path: string,
  fields: Record<string, string> | [string, string][],
  headers: Record<string, string> = {},
): Promise<ApiReply> {
  const cookie = browser.cookies.header({ url: new URL(path, app.url), method: 'POST', sameSite: true })
  return app.call('POST', path, {
    headers: { 'content-type': 'application/x-www-form-urlencoded', cookie, ...headers },
    body: new URLSearchParams(fields).toString(),
  })
}

/** What the page on which a password is chosen sends. */
export const choosePassword = (page: Page, password: string): Promise<Page> =>
  page.form().fill({ password }).submit()

/** The value of the session's cookie, which the sink then knows; `undefined` when there is none. */
export function sessionCookie(app: TestApp, browser: Browser): string | undefined {
  const value = browser.cookies.get(app.url, 'doorward')
  if (value !== undefined) app.sink.learn(value)
  return value
}

/** Writes to a person as another process or an operator's command would. */
export const changeUser = (
  app: TestApp,
  who: PersonName,
  change: {
    status?: number
    sessionEpoch?: number
    lockedUntil?: number | null
    firstname?: string
    passwordChangedAt?: number
  },
): Promise<unknown> => app.ctx.db.updateTable('users').set(change).where('id', '=', IDS[who]).execute()

/** The kinds of the events since `before`, in order, with their reasons. */
export async function eventsSince(app: TestApp, before: number): Promise<[number, string | null][]> {
  return (await app.events()).slice(before).map((e) => [e.eventTypeId, e.errorDescription])
}
