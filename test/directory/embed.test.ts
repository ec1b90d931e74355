import { DOMParser } from '@xmldom/xmldom'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sha256 } from '../../server/platform/master-key.ts'
import { inEveryWorld, startApp, type TestApp } from '../support/app.ts'
import { company } from '../support/people.ts'

const TOKEN = '4f1d0c8f6b2e4c0b9a7d3e5f1a2b3c4d5e6f7a8b'
const EMPTY = [200, 'text/xml; charset=utf-8', '<apps />']

async function embed(app: TestApp, query: Record<string, string> | string) {
  const { status, headers, text } = await app.call(
    'GET',
    `/client/apps/embed2?${new URLSearchParams(query).toString()}`,
  )
  return [status, headers.get('content-type'), text]
}
async function openEmbedding(app: TestApp) {
  app.sink.learn(TOKEN)
  await app.ctx.account.setEmbedTokenHash(sha256(TOKEN))
}

describe('GET /client/apps/embed2', () => {
  inEveryWorld((app) => {
    test("shows a person's apps to who has the account's embed token", async () => {
      await openEmbedding(app())
      expect(await embed(app(), { token: TOKEN, email: 'Bob@acme.test' })).toEqual([
        200,
        'text/xml; charset=utf-8',
        '<apps>' +
          '<app><id>500</id><icon></icon><name>AWS</name><provisioned>0</provisioned>' +
          '<extension_required>false</extension_required><personal>false</personal><login_id></login_id></app>' +
          '<app><id>501</id><icon></icon><name>Wiki</name><provisioned>0</provisioned>' +
          '<extension_required>false</extension_required><personal>false</personal><login_id></login_id></app>' +
          '</apps>',
      ])
    })
  })
})

describe('GET /client/apps/embed2, further', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp()
  })
  afterAll(() => app.close())

  test('shows nothing while the account has no embed token', async () => {
    for (const token of ['', 'null', sha256('')])
      expect(await embed(app, { token, email: 'bob@acme.test' })).toEqual(EMPTY)
  })

  test.each([
    ['a wrong token', { token: `${TOKEN}0`, email: 'bob@acme.test' }],
    ['the digest in place of the token', { token: sha256(TOKEN), email: 'bob@acme.test' }],
    ['no token', { email: 'bob@acme.test' }],
    ['two tokens', `token=x&token=${TOKEN}&email=bob%40acme.test`],
    ['nobody', { token: TOKEN, email: 'nobody@acme.test' }],
    ['no e-mail', { token: TOKEN }],
    ['a username', { token: TOKEN, email: 'bob' }],
    ['a person without apps', { token: TOKEN, email: 'gus@acme.test' }],
    ['a suspended person', { token: TOKEN, email: 'eve@acme.test' }],
  ])('answers %s by the same empty list', async (_what, query) => {
    await openEmbedding(app)
    expect(await embed(app, query)).toEqual(EMPTY)
  })

  test('forgets a token that is taken away', async () => {
    await openEmbedding(app)
    await app.ctx.account.setEmbedTokenHash(null)
    expect(await embed(app, { token: TOKEN, email: 'bob@acme.test' })).toEqual(EMPTY)
  })

  test('writes names as text, and leaves out apps that are not shown', async () => {
    const document = company()
    document.apps = [
      { ...document.apps![0]!, name: 'A <b>&"\u0007' },
      { ...document.apps![1]!, visible: false },
    ]
    const hostile = await startApp({ document })
    await openEmbedding(hostile)
    const [, , text] = await embed(hostile, { token: TOKEN, email: 'bob@acme.test' })
    const xml = new DOMParser().parseFromString(String(text), 'text/xml')
    expect([...xml.getElementsByTagName('name')].map((name) => name.textContent)).toEqual(['A <b>&" '])
    await hostile.close()
  })
})
