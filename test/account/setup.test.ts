import { describe, expect, onTestFinished, test } from 'vitest'
import { firstStart } from '../../server/first-start.ts'
import { startApp, WORLDS, type TestApp, type World } from '../support/app.ts'
import { browser as htmlBrowser, type Page } from '../support/html.ts'

const PASSWORD = 'grace-amber-compass-17'
const FORM = {
  company: 'Hopper & Co',
  subdomain: 'hopper',
  firstname: 'Grace',
  lastname: 'Hopper',
  email: 'Grace@Hopper.test',
  password: PASSWORD,
}

/** A Doorward that nobody has set up, started in production, and its one-time address. */
async function firstStarted(world: World = 'in-process'): Promise<{ app: TestApp; address: string }> {
  const env = { NODE_ENV: 'production', TRUST_PROXY: 'loopback', PUBLIC_URL: 'https://login.hopper.test' }
  const key = { MASTER_KEY: Buffer.alloc(32, 7).toString('base64') }
  const app = await startApp({ world, document: {}, env: { ...env, ...key } })
  onTestFinished(() => app.close())
  const notice = (await firstStart(app.ctx))!
  const [address = ''] = /https:\S+/.exec(notice) ?? []
  app.sink.learn(address.split('/').at(-1)!)
  app.sink.learn(PASSWORD)
  return { app, address }
}

/** A browser beyond the proxy that ends TLS. */
async function openSetup({ app, address }: { app: TestApp; address: string }): Promise<Page> {
  const port = app.ctx.config.PORT
  const proxy = htmlBrowser({
    now: app.clock.now,
    hosts: { 'login.hopper.test': `http://127.0.0.1:${port}` },
  })
  return proxy.tab().open(address)
}

describe.each(WORLDS)('the first set-up, %s,', (world) => {
  test('makes an administrator who signs in, and a credential that works, once', async () => {
    const started = await firstStarted(world)
    const { app } = started
    expect(started.address).toMatch(/^https:\/\/login\.hopper\.test\/setup\/dw_setup_[\w-]{43}$/)
    const done = await (await openSetup(started)).form().fill(FORM).submit('Create the portal')
    expect([done.status, done.title]).toEqual([200, 'Your portal is ready – Doorward'])
    const [id, secret] = [done.$('#client-id').text(), done.$('#client-secret').text()]
    app.sink.learn(secret)
    expect(done.headers.get('cache-control')).toBe('no-store')
    const token = await app.call('POST', '/auth/oauth2/v2/token', {
      headers: { authorization: `client_id:${id}, client_secret:${secret}` },
      body: { grant_type: 'client_credentials' },
    })
    expect(token.status).toBe(200)
    await app.advance(6) // brands are read every five seconds
    const login = await done.click('Go to sign-in')
    expect(login.title).toBe('Sign in – Hopper & Co')
    const home = await login.form().fill({ login: 'grace@hopper.test', password: PASSWORD }).submit()
    expect(home.text).toContain('Welcome, Grace')
    expect((await openSetup(started)).status).toBe(404)
    expect(await firstStart(app.ctx)).toBeUndefined()
  })

  test('of two that post at once makes one company', async () => {
    const started = await firstStarted(world)
    const pages = await Promise.all(Array.from({ length: 6 }, () => openSetup(started)))
    const done = await Promise.all(
      pages.map((page, i) =>
        page
          .form()
          .fill({ ...FORM, subdomain: `hopper${i}` })
          .submit(),
      ),
    )
    expect(done.map(({ status }) => status).sort()).toEqual([200, 404, 404, 404, 404, 404])
    const users = await started.app.ctx.db.selectFrom('users').select('id').execute()
    const credentials = await started.app.ctx.db.selectFrom('apiCredentials').select('id').execute()
    expect([users.length, credentials.length]).toEqual([1, 1])
  })
})

describe('the set-up address', () => {
  test('closes when a directory was imported meanwhile', async () => {
    const started = await firstStarted()
    const page = await openSetup(started)
    const { importDirectory } = await import('../../server/directory/import-document.ts')
    await importDirectory(started.app.ctx, { roles: [{ name: 'Somebody' }] })
    expect((await page.form().fill(FORM).submit()).status).toBe(404)
  })

  test('is good for a day', async () => {
    const started = await firstStarted()
    await started.app.advance(24 * 3600 - 1)
    expect((await openSetup(started)).status).toBe(200)
    await started.app.advance(1)
    expect((await openSetup(started)).status).toBe(404)
  })

  test.each(['x', 'dw_setup_', `dw_setup_${'A'.repeat(43)}`, '__proto__', '%00', 'a'.repeat(300)])(
    'is not %s',
    async (token) => {
      const started = await firstStarted()
      const page = await openSetup({ ...started, address: `https://login.hopper.test/setup/${token}` })
      expect([400, 404]).toContain(page.status)
      expect(page.$('form')).toHaveLength(0)
    },
  )

  test('stays open when something went wrong and nothing was made', async () => {
    const started = await firstStarted()
    const page = await openSetup(started)
    const { db } = started.app.ctx
    await db.schema.alterTable('users').renameTo('usersAway').execute()
    expect((await page.form().fill(FORM).submit()).status).toBe(500)
    await db.schema.alterTable('usersAway').renameTo('users').execute()
    expect((await page.form().fill(FORM).submit()).status).toBe(200)
  })
})

describe('the set-up form', () => {
  test('names what is missing at its field, keeps the rest and forgets the password', async () => {
    const page = await openSetup(await firstStarted())
    const empty = await page.form().submit()
    expect([empty.status, empty.$('.field-error').length]).toEqual([400, 6])
    const again = await empty
      .form()
      .fill({ ...FORM, email: '' })
      .submit()
    expect(again.$('.field-error').text()).toBe('Error: Enter your e-mail address')
    expect(again.form().fields).toMatchObject({ ...FORM, email: '', password: '' })
    expect((await again.form().fill({ email: FORM.email, password: PASSWORD }).submit()).status).toBe(200)
  })

  test('refuses what could not be kept, and stays open', async () => {
    const started = await firstStarted()
    const wrong: [field: keyof typeof FORM, value: string, error: string][] = [
      ['company', 'x'.repeat(81), 'Use at most 80 characters'],
      ['company', 'two\tparts', 'Remove characters that cannot be shown'],
      ['company', '   ', 'Enter the name of your company'],
      ['subdomain', 'not a name', 'Use letters, digits and hyphens only'],
      ['subdomain', '-x', 'Use letters, digits and hyphens only'],
      ['firstname', '\u0001', 'Remove characters that cannot be shown'],
      ['lastname', 'x'.repeat(201), 'Use at most 200 characters'],
      ['email', 'grace', 'Enter an e-mail address such as'],
      ['email', 'grace@hopper.test\nbcc: x@y.test', 'characters that cannot be shown'],
      ['password', 'short', 'Use at least 12 characters'],
      ['password', 'é'.repeat(600), 'Use a shorter password'],
    ]
    for (const [field, value, error] of wrong) {
      const page = await (
        await openSetup(started)
      )
        .form()
        .fill({ ...FORM, [field]: value })
        .submit()
      expect([field, value.slice(0, 20), page.status]).toEqual([field, value.slice(0, 20), 400])
      expect(page.$('.field-error').text()).toContain(error)
    }
    const hostile = { ...FORM, company: '<b>{{7*7}}</b>"', firstname: '<script>alert(1)</script>' }
    const done = await (await openSetup(started)).form().fill(hostile).submit()
    expect([done.status, done.text.includes('<b>{{7*7}}</b>"'), done.$('main b').length]).toEqual([
      200,
      true,
      0,
    ])
  })
})

test('a first start elsewhere makes a demo company once and shows how to get in', async () => {
  const app = await startApp({ document: {} })
  onTestFinished(() => app.close())
  const notice = await firstStart(app.ctx)
  expect(notice).toContain(app.url)
  expect(notice).not.toContain('/setup/')
  expect(await firstStart(app.ctx)).toBeUndefined()
})
