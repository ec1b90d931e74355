import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DirectoryDocument } from '../../server/directory/document.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { browser, type Page } from '../support/html.ts'
import { company, PASSWORDS, type PersonName } from '../support/people.ts'

const LANGUAGES_OF: Partial<Record<PersonName, object>> = {
  ada: { preferred_locale_code: 'de-AT', locale_code: 'fr' },
  bob: { locale_code: 'ja_JP' },
}

function document(): DirectoryDocument {
  const { users = [], brands = [], ...rest } = company()
  return {
    ...rest,
    users: users.map((user) => ({ ...user, ...LANGUAGES_OF[user.username as PersonName] })),
    brands: brands.map((brand) => (brand.name === 'northwind' ? { ...brand, locale: 'ar' } : brand)),
  }
}

let app: TestApp
beforeAll(async () => {
  app = await startApp({ document: document() })
})
afterAll(() => app.close())

const reader = (acceptLanguage: string) => browser({ headers: { 'accept-language': acceptLanguage } })
const open = (path: string, accept = 'es', who = reader(accept)) => who.tab().open(app.url + path)
const spoken = ({ $ }: Page) => [$('html').attr('lang'), $('html').attr('dir'), $('h1').text()]
const enter = (page: Page, login: PersonName, password: string = PASSWORDS[login]) =>
  page.form().fill({ login, password }).submit()

describe('the pages of a sign-in', () => {
  test('are in the language that the browser accepts', async () => {
    expect(spoken(await open('/login'))).toEqual(['es', 'ltr', 'Iniciar sesión'])
    expect(spoken(await open('/nowhere', 'fr-CH, fr;q=0.9, en;q=0.8'))).toEqual([
      'fr',
      'ltr',
      'Cette page n’existe pas',
    ])
  })

  test('are in the brand’s when the browser’s is none of ours', async () => {
    expect(spoken(await open('/login?brand=northwind', 'tlh'))).toEqual(['ar', 'rtl', 'تسجيل الدخول'])
    expect(spoken(await open('/login', 'tlh'))).toEqual(['en', 'ltr', 'Sign in'])
  })

  test('turn to the person’s once the password was right, and not before', async () => {
    const wrong = await enter(await open('/login'), 'ada', 'nonsense')
    expect(spoken(wrong)[0]).toBe('es')
    expect(spoken(await enter(wrong, 'ada'))).toEqual(['de', 'ltr', 'Code eingeben'])
    const home = await enter(await open('/login'), 'bob')
    expect(spoken(home)).toEqual(['ja', 'ltr', 'ようこそ、Bob さん'])
  })

  test('have their brand and language in the letter with the code that is asked for on them', async () => {
    const login = await open('/login?brand=northwind', 'es')
    const sent = await (await enter(login, 'dee')).form('form:not(.others)').submit()
    expect(spoken(sent)[0]).toBe('es')
    const [letter = ''] = (await app.letters()).slice(-1)
    expect(letter).toMatch(/<html lang=(3D)?"es"/)
    expect(letter).toContain('Northwind')
  })

  test('stay in the language of ?locale= to the end, errors included', async () => {
    const who = reader('es')
    const login = await open('/login?locale=pt-BR', 'es', who)
    expect(spoken(login)).toEqual(['pt', 'ltr', 'Entrar'])
    expect(spoken(await enter(login, 'bob', 'nonsense'))[0]).toBe('pt')
    expect(spoken(await enter(await open('/login', 'es', who), 'bob'))).toEqual([
      'pt',
      'ltr',
      'Boas-vindas, Bob',
    ])
    expect(spoken(await open('/nowhere', 'es', who))[0]).toBe('pt')
  })

  test.each(['tlh', '', '../de', 'de<script>', 'de;q=1', '%00'])(
    'are not led astray by ?locale=%s, which is forgotten',
    async (locale) => {
      const who = reader('es')
      const page = await open(`/login?locale=${encodeURIComponent(locale)}`, 'es', who)
      expect(spoken(page)[0]).toBe('es')
      expect(page.headers.getSetCookie().join()).not.toContain('doorward_locale')
    },
  )

  test('do not believe a language cookie that is none of ours', async () => {
    const who = browser({ headers: { 'accept-language': 'es', cookie: 'doorward_locale=zz' } })
    expect(spoken(await open('/login', 'es', who))[0]).toBe('es')
  })
})
