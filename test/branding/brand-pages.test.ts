import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DirectoryDocument } from '../../server/directory/document.ts'
import { DocumentError } from '../../server/directory/document-faults.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { browser, type Page } from '../support/html.ts'
import { company, PASSWORDS } from '../support/people.ts'

const withBrand = (more: object): DirectoryDocument => {
  const { brands = [], ...rest } = company()
  return {
    ...rest,
    brands: brands.map((b) =>
      b.name === 'northwind' ? { ...b, ...more } : { ...b, identifier_first: true },
    ),
  }
}

let app: TestApp
beforeAll(async () => {
  app = await startApp({
    document: withBrand({
      corners: 'sharp',
      apps: [501],
      custom_css: '.button { text-transform: uppercase }',
      texts: { de: { login_heading: 'Moin!', login_label: 'Personalnummer', login_note: 'Nur für <uns>.' } },
    }),
  })
})
afterAll(() => app.close())

const open = (path: string, language: string, who = browser({ headers: { 'accept-language': language } })) =>
  who.tab().open(app.url + path)

describe('a brand', () => {
  test('has words of its own in the languages it gives them for, and the usual ones in the others', async () => {
    const german = await open('/login?brand=northwind', 'de')
    expect([german.$('h1').text(), german.$('label[for=login]').text()]).toEqual(['Moin!', 'Personalnummer'])
    expect(german.text).toContain('Nur für <uns>.')
    expect((await open('/login?brand=northwind', 'fr')).$('h1').text()).toBe('Connexion')
    expect((await open('/login?brand=acme', 'de')).$('h1').text()).toBe('Anmelden')
  })

  test('has its corners, and CSS of its own in a file that comes last and may be kept for ever', async () => {
    const { $ } = await open('/login?brand=northwind', 'en')
    const sheets = $('link[rel=stylesheet]')
      .toArray()
      .map((link) => $(link).attr('href')!)
    const [colours, own] = [sheets[0]!, sheets.at(-1)!]
    expect(await (await fetch(app.url + colours)).text()).toContain('--radius:2px')
    const served = await fetch(app.url + own)
    expect([served.headers.get('content-type'), served.headers.get('cache-control')]).toEqual([
      'text/css; charset=utf-8',
      'public, max-age=31536000, immutable',
    ])
    expect(await served.text()).toBe('.button { text-transform: uppercase }')
  })

  test('is shown by the sign-in of its apps, from the first page to the last', async () => {
    const who = browser({ headers: { 'accept-language': 'en' } })
    const login = await open('/trust/saml2/http-redirect/sso/501', 'en', who)
    expect(login.title).toContain('Northwind Traders')
    expect((await open('/nowhere', 'en', who)).title).toContain('Northwind Traders')
    expect((await open('/trust/saml2/http-redirect/sso/500', 'en')).title).toContain('Acme')
  })

  test('may ask who it is first, and answers the same for people who are not there', async () => {
    const who = browser({ headers: { 'accept-language': 'en' } })
    const asks = (page: Page) =>
      page
        .$('main input:not([type=hidden])')
        .toArray()
        .map((e) => page.$(e).attr('name'))
    const first = await open('/login?brand=acme&return_to=%2Fapps', 'en', who)
    expect(asks(first)).toEqual(['login'])
    expect((await first.form().submit()).text).toContain('Enter your e-mail or username')
    const [known, unknown] = await Promise.all(
      ['bob', 'bub'].map((login) => first.form().fill({ login }).submit('Continue')),
    )
    expect(asks(known!)).toEqual(['login', 'password'])
    expect(
      new URL((await known!.click('Use another account')).hops.at(-1)!).searchParams.get('return_to'),
    ).toBe('/apps')
    const alike = (page: Page) =>
      page.body.replaceAll(/name="_csrf" value="[^"]*"/g, '').replaceAll(/b[ou]b/g, '')
    expect([known!.status, alike(known!)]).toEqual([unknown!.status, alike(unknown!)])
    const again = await known!.form().fill({ password: 'nonsense' }).submit('Sign in')
    expect([again.status, again.$('#login').attr('value')]).toEqual([401, 'bob'])
    const form = again.form()
    expect(form.fields.return_to).toBe('/apps')
    expect((await form.fill({ password: PASSWORDS.bob }).submit('Sign in')).hops.at(-1)).toContain('/apps')
  })

  test('is refused with CSS that does too much, by line and reason', async () => {
    const wrong = withBrand({ custom_css: '.button { color: red }\n.card { position: fixed }' })
    const refused = await startApp({ document: wrong }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(DocumentError)
    expect((refused as DocumentError).message).toBe('$.brands[1].custom_css: line 2: position may not be set')
  })
})
