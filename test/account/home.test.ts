import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { DirectoryDocument } from '../../server/directory/document.ts'
import { openLogin, signIn } from '../signin/portal.ts'
import { startApp, type AppOptions, type TestApp } from '../support/app.ts'
import type { Page } from '../support/html.ts'
import { company } from '../support/people.ts'

const HOSTILE = `{{7*7}}{% raise %}"><script>alert(1)</script><img src=x onerror=alert(1)>'\``
const PICTURE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>'

async function started(options: AppOptions): Promise<TestApp> {
  const app = await startApp(options)
  onTestFinished(() => app.close())
  return app
}

const companyWith = (change: (company: DirectoryDocument) => void): DirectoryDocument => {
  const document = company()
  change(document)
  return document
}

const tiles = (page: Page) =>
  page
    .$('.tile')
    .toArray()
    .map((tile) => [page.$(tile).find('strong').text(), page.$(tile).attr('href')])

describe('the home page', () => {
  let app: TestApp
  beforeAll(async () => {
    const document = companyWith(({ apps }) => (apps![1]!.visible = true))
    document.apps!.push({
      ...document.apps![1]!,
      id: 502,
      name: 'Hidden',
      visible: false,
      saml: { ...document.apps![1]!.saml!, entity_id: 'https://hidden.acme.test' },
    })
    app = await startApp({ document })
  })
  afterAll(() => app.close())

  test('shows the apps of the roles that a person holds, by name, and no others', async () => {
    expect(tiles(await signIn(app, 'bob'))).toEqual([
      ['AWS', '/apps/500/launch'],
      ['Wiki', '/apps/501/launch'],
    ])
    expect(tiles(await signIn(app, 'ada'))).toEqual([['AWS', '/apps/500/launch']])
  })

  test('says so when a person has no apps', async () => {
    const page = await signIn(app, 'gus')
    expect([tiles(page), page.text.includes('No apps yet')]).toEqual([[], true])
  })

  test('shows who is signed in', async () => {
    const page = await signIn(app, 'bob')
    expect(page.$('.person-text').text()).toContain('Bob Noyce')
    expect(page.$('.person-text').text()).toContain('bob@acme.test')
  })

  test('shows a change of roles at the next look', async () => {
    const browser = app.browser()
    await signIn(app, 'bob', browser)
    await app.ctx.db.deleteFrom('userRoles').where('userId', '=', 8).where('roleId', '=', 12).execute()
    expect(tiles(await browser.tab().open(app.url))).toEqual([['AWS', '/apps/500/launch']])
    await app.ctx.db.insertInto('userRoles').values({ userId: 8, roleId: 12, position: 1 }).execute()
  })
})

test('hostile names, app names, brand texts and logins stay texts on every page', async () => {
  const document = companyWith((hostile) => {
    Object.assign(hostile.users![1]!, { firstname: HOSTILE, lastname: HOSTILE })
    hostile.apps![0]!.name = HOSTILE
    hostile.apps![1]!.name = `${HOSTILE} 2`
    Object.assign(hostile.brands![0]!, {
      title: HOSTILE.slice(0, 80),
      tagline: HOSTILE,
      support_text: HOSTILE.slice(0, 80),
      support_url: `https://help.test/?${HOSTILE}`,
      footer_links: [{ text: HOSTILE.slice(0, 60), url: `https://x.test/${HOSTILE}` }],
    })
  })
  const app = await started({ document })
  const browser = app.browser()
  const wrong = await (await openLogin(app)).form().fill({ login: HOSTILE, password: HOSTILE }).submit()
  expect(wrong.form().fields.login).toBe(HOSTILE)
  const pages = [
    wrong,
    await signIn(app, 'bob', browser),
    ...(await Promise.all(
      ['/logout', '/apps/501/launch', `/nowhere/${HOSTILE}?${HOSTILE}`].map((path) =>
        browser.tab().open(app.url + path),
      ),
    )),
  ]
  for (const page of pages) {
    expect(page.body).toContain('{{7*7}}')
    expect(page.body).not.toMatch(/<script>|<img src=x|onerror=alert\(1\)>[^&]/)
    expect(page.$('script:not([src])').length + page.$('[onerror]').length).toBe(0)
  }
  expect(app.log()).not.toContain('"level":50')
})

describe('pictures of a company', () => {
  const folder = async () => {
    const path = await mkdtemp(join(tmpdir(), 'doorward-brand-'))
    onTestFinished(() => rm(path, { recursive: true, force: true }))
    await mkdir(join(path, 'brand'))
    return path
  }
  const withBrand = (brand: object, icon?: string) =>
    companyWith(({ brands, apps }) => {
      Object.assign(brands![0]!, brand)
      if (icon !== undefined) apps![0]!.icon = icon
    })

  test('that are missing cost no page and one line in the log each', async () => {
    const missing = { logo: 'no-logo.svg', logo_dark: 'no-dark.svg', icon: 'no-icon.svg' }
    const app = await started({ document: withBrand(missing, 'no-app.svg') })
    const login = await openLogin(app)
    expect([login.status, login.$('.wordmark').text(), login.$('img').length]).toEqual([200, 'Acme', 0])
    expect(login.$('link[rel=icon]').attr('href')).toMatch(/^\/static\/favicon\./)
    const home = await signIn(app, 'bob')
    expect(home.$('.tile-icon').first().text()).toBe('A')
    await app.browser().tab().open(`${app.url}/nowhere`)
    await app.advance(60) // brands are read again
    await openLogin(app)
    const told = app
      .log()
      .split('\n')
      .filter((line) => line.includes('"level":40'))
    expect(told.map((line) => JSON.parse(line).file as string).sort()).toEqual([
      'no-app.svg',
      'no-dark.svg',
      'no-icon.svg',
      'no-logo.svg',
    ])
  })

  test('in DATA_DIR/brand are served, and win over those that come with Doorward', async () => {
    const DATA_DIR = await folder()
    await writeFile(join(DATA_DIR, 'brand', 'acme.svg'), PICTURE)
    await writeFile(join(DATA_DIR, 'brand', 'app.svg'), PICTURE.replaceAll('8', '9'))
    const app = await started({ document: withBrand({ logo: 'acme.svg' }, 'app.svg'), env: { DATA_DIR } })
    const logo = (await openLogin(app)).$('.logo img').attr('src')!
    const reply = await app.call('GET', logo)
    expect([reply.text, reply.headers.get('content-type')]).toEqual([PICTURE, 'image/svg+xml'])
    expect(reply.headers.get('content-security-policy')).toContain('sandbox')
    const icon = (await signIn(app, 'bob')).$('img.tile-icon').attr('src')!
    expect((await app.call('GET', icon)).text).toBe(PICTURE.replaceAll('8', '9'))
  })

  test('are files: a folder or a dangling link of that name is none', async () => {
    const DATA_DIR = await folder()
    await mkdir(join(DATA_DIR, 'brand', 'folder.svg'))
    await symlink('/nowhere.svg', join(DATA_DIR, 'brand', 'link.svg'))
    const app = await started({
      document: withBrand({ logo: 'folder.svg', icon: 'link.svg' }),
      env: { DATA_DIR },
    })
    expect((await openLogin(app)).$('.wordmark').text()).toBe('Acme')
  })

  test.each([
    '../../../etc/passwd',
    '../master.key',
    '..%2fmaster.key',
    '/etc/passwd.svg',
    'a/../../b.svg',
    '.svg',
    'x.html',
  ])('cannot be called %s', async (logo) => {
    await expect(startApp({ document: withBrand({ logo }) })).rejects.toThrow(/logo/)
  })

  test('cannot be called so by a row of the database either', async () => {
    const app = await started({})
    await app.ctx.db.updateTable('apps').set({ icon: '../../master.key' }).execute()
    const home = await signIn(app, 'bob')
    expect([home.status, home.$('img.tile-icon').length, home.body.includes('master.key')]).toEqual([
      200,
      0,
      false,
    ])
  })
})
