import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DirectoryDocument } from '../../server/directory/document.ts'
import { importDirectory } from '../../server/directory/import-document.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { IDS, PASSWORDS, type PersonName } from '../support/people.ts'
import {
  attemptOn,
  CODE_FORM,
  csrfOn,
  enterCode,
  enterPassword,
  freshTotp,
  openLogin,
  sendForm,
  sessionCookie,
} from './portal.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

const rules = (document: DirectoryDocument) => importDirectory(app.ctx, document)
const account = (policy: DirectoryDocument['policy']) => rules({ policy })
const wiki = (policy: object | null) => rules({ apps: [{ id: 501, name: 'Wiki', policy }] })
const staff = (policy: object | null) => rules({ groups: [{ id: 1, name: 'Staff', policy }] })
const inStaff = (who: PersonName, groupId: number | null) =>
  app.ctx.db.updateTable('users').set({ groupId }).where('id', '=', IDS[who]).execute()

async function passwordPage(who: PersonName, browser = app.browser(), query = '') {
  const page = await enterPassword(await openLogin(app, browser, query), who)
  if (page.$('input[name=attempt]').length > 0) app.sink.learn(attemptOn(page))
  return page
}

describe('the rules of a group', () => {
  test('hold for its members and for nobody else', async () => {
    await staff({ mfa: 'required' })
    await inStaff('gus', 1)
    expect((await passwordPage('gus')).text).toContain('Add a second way')
    expect((await passwordPage('bob')).url.pathname).toBe('/')
    await inStaff('gus', null)
    await staff(null)
    expect((await passwordPage('gus')).url.pathname).toBe('/')
  })

  test('say which factors its members are asked for', async () => {
    await staff({ allowed_factors: ['email'] })
    await inStaff('cy', 1)
    const page = await passwordPage('cy')
    expect(page.title).toContain('Get a code by e-mail')
    expect(page.$('.others')).toHaveLength(0)
    const forged = { _csrf: csrfOn(page), attempt: attemptOn(page), device_id: '71', code: app.totp('cy') }
    const reply = await sendForm(app, app.browser(), '/login/factor', forged)
    expect(reply.headers.getSetCookie().some((line) => line.startsWith('doorward='))).toBe(false)
    await inStaff('cy', null)
  })
})

describe('an app with stricter rules', () => {
  test('asks a signed-in person for what is missing, in the middle, and gives a new session id', async () => {
    await wiki({ mfa: 'required' })
    const browser = app.browser()
    await passwordPage('bob', browser)
    const before = sessionCookie(app, browser)
    const asked = await browser.tab().open(`${app.url}/apps/501/launch`)
    app.sink.learn(attemptOn(asked))
    expect([asked.status, asked.text]).toEqual([200, expect.stringContaining('Add a second way')])
    const sent = await asked.form(CODE_FORM).submit('email')
    const opened = await enterCode(sent, await app.mailedCode())
    expect(opened.$('input[name=SAMLResponse]')).toHaveLength(1)
    expect(sessionCookie(app, browser)).not.toBe(before)
    const again = await browser.tab().open(`${app.url}/apps/501/launch`)
    expect(again.$('input[name=SAMLResponse]')).toHaveLength(1)
    await app.ctx.db.deleteFrom('authenticators').where('userId', '=', IDS.bob).execute()
  })

  test('asks nobody whose sign-in has proved it', async () => {
    await wiki({ mfa: 'required' })
    const browser = app.browser()
    const page = await passwordPage('cy', browser)
    await enterCode(page, await freshTotp(app, 'cy'))
    const opened = await browser.tab().open(`${app.url}/apps/501/launch`)
    expect(opened.$('input[name=SAMLResponse]')).toHaveLength(1)
  })

  test('hands a program nothing for a password alone', async () => {
    await wiki({ mfa: 'required' })
    const login = { username_or_email: 'bob', password: PASSWORDS.bob, subdomain: 'acme' }
    const token = await app.token()
    const refused = await app.post('/api/2/saml_assertion', { ...login, app_id: '501' }, token)
    expect([refused.status, refused.json.message]).toEqual([
      401,
      'MFA is required and the user has no factor. Access is unauthorized',
    ])
    expect((await app.post('/api/1/login/auth', login, token)).status).toBe(200)
    await wiki(null)
  })
})

describe('sign-ins of grace', () => {
  test('let a person put it off so often and no more, at every door together', async () => {
    await account({ mfa: 'required', grace_sign_ins: 2 })
    const page = await passwordPage('gus')
    const home = await page.form('.others').submit('Not now (2 more sign-ins)')
    expect(home.url.pathname).toBe('/')
    const token = await app.token()
    const login = { username_or_email: 'gus', password: PASSWORDS.gus, subdomain: 'acme' }
    expect((await app.post('/api/1/login/auth', login, token)).status).toBe(200)
    expect((await app.post('/api/1/login/auth', login, token)).status).toBe(401)
    const browser = app.browser()
    const last = await passwordPage('gus', browser)
    expect(last.text).not.toContain('Not now')
    const forged = { _csrf: csrfOn(last), attempt: attemptOn(last), action: 'later' }
    const reply = await sendForm(app, browser, '/login/enrol', forged)
    expect([reply.status, reply.headers.getSetCookie()]).toEqual([200, []])
    await account({ mfa: null, grace_sign_ins: null })
  })
})
