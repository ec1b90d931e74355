import type { TestApp } from '../support/app.ts'
import type { Browser, Page } from '../support/html.ts'
import { until } from '../support/server-process.ts'

export const FORGOT_PAGE = 'Forgot your password? – Acme'

/** The text of a letter as its reader sees it: quoted-printable undone. */
const decoded = (letter: string): string =>
  letter
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

/** The links for one purpose in all letters, oldest first, which the sink then knows by their tokens. */
export async function mailedLinks(app: TestApp, purpose: 'invite' | 'reset'): Promise<string[]> {
  const letters = (await app.letters()).map(decoded)
  const links = letters.flatMap((text) => {
    const [link] = new RegExp(`https?://[^\\s"<>]+/${purpose}/[\\w-]+`).exec(text) ?? []
    return link === undefined ? [] : [link]
  })
  for (const link of links) app.sink.learn(tokenIn(link))
  return links
}

export const tokenIn = (link: string): string => link.split('/').at(-1)!

/** Asks for a link as somebody who has forgotten their password. */
export const forget = async (app: TestApp, login: string, browser: Browser = app.browser()): Promise<Page> =>
  (await browser.tab().open(`${app.url}/forgot`)).form().fill({ login }).submit()

/** The link that a person gets who asks for one. */
export async function resetLink(app: TestApp, login: string): Promise<string> {
  const before = (await mailedLinks(app, 'reset')).length
  await app.advance(1) // letters are named by time
  await forget(app, login)
  await until('the letter is there', async () => (await mailedLinks(app, 'reset')).length > before)
  return (await mailedLinks(app, 'reset')).at(-1)!
}

/** Opens a link of a letter and goes on, as a person without scripts does. */
export async function follow(app: TestApp, link: string, browser: Browser = app.browser()): Promise<Page> {
  const page = await browser.tab().open(link)
  return page.form().submit()
}

/** The answer to `POST /api/1/invites/…`. */
export const inviteBy = async (app: TestApp, operation: 'get' | 'send', body: unknown) =>
  app.post(`/api/1/invites/${operation}_invite_link`, body, await app.token())

/** An invitation of somebody, made by a program. */
export async function inviteLink(app: TestApp, email: string): Promise<string> {
  const { json } = await inviteBy(app, 'get', { email })
  const link = json.data[0] as string
  app.sink.learn(tokenIn(link))
  return link
}
