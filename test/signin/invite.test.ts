import { describe, expect, test } from 'vitest'
import { inEveryWorld, startApp, type TestApp } from '../support/app.ts'
import { DEVICES } from '../support/people.ts'
import {
  eventsSince,
  choosePassword,
  csrfOn,
  enterCode,
  freshTotp,
  openLogin,
  sendForm,
  sessionCookie,
} from './portal.ts'
import { follow, inviteLink } from './links.ts'

const WELCOME = 'Welcome, Hal – Acme'
const HOME = 'Your apps – Acme'
const OVER = 'Error: This link does not work any more – Acme'

let made = 0
const nextEmail = () => `hal-${++made}@acme.test`
function freshPassword(app: TestApp): string {
  const password = `velvet-orchard-copper-${made}-${Math.floor(app.clock.now() / 1000)}`
  app.sink.learn(password)
  return password
}

/** A new person as a program makes one: without a password, and not written to. */
async function newPerson(app: TestApp): Promise<{ id: number; email: string }> {
  const email = nextEmail()
  const { json } = await app.post(
    '/api/1/users',
    { firstname: 'Hal', lastname: 'Finney', email },
    await app.token(),
  )
  return { id: json.data[0].id as number, email }
}

const person = async (app: TestApp, id: number) =>
  (await app.call('GET', `/api/1/users/${id}`, { token: await app.token() })).json.data[0]

describe('an invitation', () => {
  inEveryWorld((app) => {
    test('leads to a first password and in, and makes the person active', async () => {
      const { id, email } = await newPerson(app())
      const link = await inviteLink(app(), email)
      const browser = app().browser()
      const page = await follow(app(), link, browser)
      expect([page.status, page.title, page.url.href]).toEqual([200, WELCOME, `${app().url}/invite`])
      expect(sessionCookie(app(), browser)).toBeUndefined()
      const [before, password] = [(await app().events()).length, freshPassword(app())]
      const home = await choosePassword(page, password)
      expect([home.title, sessionCookie(app(), browser) !== undefined]).toEqual([HOME, true])
      expect((await eventsSince(app(), before)).map(([type]) => type)).toEqual([11, 16, 5])
      const now = new Date(app().clock.now()).toISOString()
      expect(await person(app(), id)).toMatchObject({
        status: 1,
        activated_at: now,
        password_changed_at: now,
      })
      const again = await (await openLogin(app())).form().fill({ login: email, password }).submit('Sign in')
      expect(again.title).toBe(HOME)
    })

    test('works once', async () => {
      const { email } = await newPerson(app())
      const link = await inviteLink(app(), email)
      await choosePassword(await follow(app(), link), freshPassword(app()))
      expect((await follow(app(), link)).title).toBe(OVER)
    })

    test('is used by one of twenty at once', async () => {
      const { email } = await newPerson(app())
      const link = await inviteLink(app(), email)
      const pages = []
      for (let i = 0; i < 20; i++) pages.push(await follow(app(), link))
      const password = freshPassword(app())
      const done = await Promise.all(pages.map((page) => choosePassword(page, password)))
      expect(done.filter(({ title }) => title === HOME)).toHaveLength(1)
    })

    test('ends with a newer one, after a week, and with a password that a program sets', async () => {
      const [first, second, third] = [await newPerson(app()), await newPerson(app()), await newPerson(app())]
      const replaced = await inviteLink(app(), first.email)
      const newer = await inviteLink(app(), first.email)
      const old = await inviteLink(app(), second.email)
      const overtaken = await inviteLink(app(), third.email)
      const password = freshPassword(app())
      const body = { password, password_confirmation: password }
      await app().call('PUT', `/api/1/users/set_password_clear_text/${third.id}`, {
        token: await app().token(),
        body,
      })
      expect((await follow(app(), replaced)).title).toBe(OVER)
      expect((await follow(app(), overtaken)).title).toBe(OVER)
      await app().advance(7 * 24 * 3600 - 1)
      expect((await follow(app(), newer)).title).toBe(WELCOME)
      await app().advance(1)
      expect((await follow(app(), old)).title).toBe(OVER)
    })

    test('asks the factor of who has one, before the password', async () => {
      const link = await inviteLink(app(), 'ada@acme.test')
      const browser = app().browser()
      const page = await follow(app(), link, browser)
      expect(page.title).toBe('Enter your code – Acme')
      const { attempt = '' } = page.form('form:not(.others)').fields
      app().sink.learn(attempt)
      const skipped = await sendForm(app(), browser, '/login/change-password', {
        _csrf: csrfOn(page),
        attempt,
        password: freshPassword(app()),
      })
      expect(skipped.text).toContain('Enter your code')
      const choose = await enterCode(page, await freshTotp(app(), 'ada'))
      expect(choose.title).toBe('Welcome, Ada – Acme')
      expect(DEVICES.adaTotp).toBe(Number(page.form('form:not(.others)').fields.device_id))
    })

    test('of somebody who is suspended opens nothing', async () => {
      expect((await follow(app(), await inviteLink(app(), 'eve@acme.test'))).title).toBe(OVER)
    })

    test('shows its page in the language of the person who opens it', async () => {
      const { email } = await newPerson(app())
      const link = await inviteLink(app(), email)
      const page = await app().browser().tab().open(`${link}?locale=de`)
      expect(page.title).toBe('Ihre Einladung wird geöffnet – Acme')
    })
  })
})

test('a new password is not enough where a factor is required and there is none', async () => {
  const app = await startApp({ policy: { mfa: 'required' } })
  try {
    const { email } = await newPerson(app)
    const browser = app.browser()
    const page = await choosePassword(
      await follow(app, await inviteLink(app, email), browser),
      freshPassword(app),
    )
    expect(page.title).not.toBe(HOME)
    expect(sessionCookie(app, browser)).toBeUndefined()
  } finally {
    await app.close()
  }
})
