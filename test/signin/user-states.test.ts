import { expect, test } from 'vitest'
import { importDirectory } from '../../server/directory/import-document.ts'
import { inEveryWorld, type TestApp } from '../support/app.ts'
import { IDS, PASSWORDS, type PersonName } from '../support/people.ts'
import { credentials, LOGIN, signIn } from './api-calls.ts'

const PERSON = `/api/1/users/${IDS.bob}`
const bring = (app: TestApp, person: object) =>
  importDirectory(app.ctx, { users: [{ id: IDS.bob, ...person }] })

async function userOf(app: TestApp, path = PERSON) {
  return (await app.call('GET', path, { token: await app.token() })).json.data[0]
}

/** What the login API says to the right password. */
async function told(app: TestApp, who: PersonName = 'bob') {
  const { status, json } = await signIn(app, who)
  return status === 200 ? 'Authenticated' : `${status} ${json.status.message}`
}

async function signedInBrowser(app: TestApp) {
  const browser = app.browser()
  const login = await browser.tab().open(`${app.url}/login`)
  await login.form().fill({ login: 'bob', password: PASSWORDS.bob }).submit()
  return async () => (await browser.tab().open(`${app.url}/`)).url.href
}

const home = (app: TestApp) => `${app.url}/`

inEveryWorld((app) => {
  test.each([
    [0, 'User is not approved. Access is unauthorized'],
    [2, 'User is rejected. Access is unauthorized'],
    [3, 'User is unlicensed. Access is unauthorized'],
  ])('state %i keeps a person with the right password out, and approval lets them in', async (state, why) => {
    const token = await app().token()
    const set = (to: number) => app().call('PUT', `${PERSON}/set_state`, { token, body: { state: to } })
    expect((await set(state)).status).toBe(200)
    expect(await told(app())).toBe(`401 ${why}`)
    const saml = { ...credentials('bob', PASSWORDS.bob), app_id: '500' }
    expect((await app().post('/api/2/saml_assertion', saml, token)).json.message).toBe(why)
    expect((await app().events()).at(-1)).toMatchObject({ eventTypeId: 123, userId: IDS.bob })
    const wrong = await app().post(LOGIN, credentials('bob', 'wrong'), token)
    expect(wrong.json.status.message).toBe('Authentication Failed: Invalid user credentials')
    expect((await set(1)).status).toBe(200)
    expect(await told(app())).toBe('Authenticated')
  })

  test.each([
    [0, 'User is not activated. Access is unauthorized'],
    [2, 'User is suspended. Access is unauthorized'],
    [3, 'User is locked. Access is unauthorized'],
    [4, 'Password has expired. Access is unauthorized'],
    [5, 'User is awaiting password reset. Access is unauthorized'],
    [7, 'User has no password yet. Access is unauthorized'],
    [8, 'User must set security questions. Access is unauthorized'],
  ])('status %i is told to the right password, and shown as it is', async (status, why) => {
    await bring(app(), { status })
    expect(await told(app())).toBe(`401 ${why}`)
    expect((await userOf(app())).status).toBe(status)
    await bring(app(), { status: 1 })
    expect(await told(app())).toBe('Authenticated')
  })

  test.each([
    ['suspended', { status: 2 }],
    ['rejected', { state: 2 }],
  ])('a person who was %s has none of their old sessions when they come back', async (_what, change) => {
    const whereIs = await signedInBrowser(app())
    const sessionToken = (await signIn(app(), 'bob')).json.data[0].session_token
    expect(await whereIs()).toBe(home(app()))
    await bring(app(), change)
    expect(await whereIs()).not.toBe(home(app()))
    await bring(app(), { status: 1, state: 1 })
    expect(await whereIs()).not.toBe(home(app()))
    const redeemed = await app().call('POST', '/session_via_api_token', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `session_token=${sessionToken}`,
    })
    expect(redeemed.headers.get('set-cookie') ?? '').not.toMatch(/^doorward=/)
  })

  test('activated_at and password_changed_at tell when it happened, and stay', async () => {
    const token = await app().token()
    const iso = () => new Date(app().clock.now()).toISOString()
    const made = { firstname: 'Ivy', lastname: 'Late', username: 'ivy.late' }
    const [ivy] = (await app().post('/api/1/users', made, token)).json.data
    expect(ivy).toMatchObject({ status: 7, activated_at: null, password_changed_at: null, last_login: null })
    const password = { password: 'ivy-late-lantern', password_confirmation: 'ivy-late-lantern' }
    const set = () =>
      app().call('PUT', `/api/1/users/set_password_clear_text/${ivy.id}`, { token, body: password })
    await app().advance(60)
    await set()
    const first = iso()
    const path = `/api/1/users/${ivy.id}`
    expect(await userOf(app(), path)).toMatchObject({
      status: 1,
      activated_at: first,
      password_changed_at: first,
    })
    await app().advance(60)
    await set()
    expect(await userOf(app(), path)).toMatchObject({ activated_at: first, password_changed_at: iso() })
  })
})
