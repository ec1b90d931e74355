import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { brandSchema } from '../../server/branding/brand.ts'
import { errorView } from '../../server/http/error-view.ts'
import { createViews } from '../../server/http/views.ts'
import { samlPostView } from '../../server/saml/post-view.ts'
import { loginView } from '../../server/signin/login-view.ts'
import { renderState } from './site.ts'
import { BRANDS, STATES, pageFacts } from './states.ts'

const acme = BRANDS[0]!
const HOSTILE = `{{7*7}}{% raise %}"><script>alert(1)</script><img src=x onerror=alert(1)>'\``

/** The tags of a page with the names of their attributes: what must stay the same whatever the texts are. */
const skeleton = (html: string): string[] =>
  (html.match(/<\/?[a-zA-Z][^>]*>/g) ?? []).map((tag) => tag.replaceAll(/="[^"]*"/g, ''))

const hostileBrand = brandSchema.parse({
  ...acme,
  name: 'hostile',
  title: HOSTILE,
  tagline: HOSTILE,
  support_text: HOSTILE.slice(0, 80),
  support_url: `https://help.test/?${HOSTILE}`,
  footer_links: [{ text: HOSTILE.slice(0, 60), url: `https://x.test/${HOSTILE}` }],
})

describe.each(STATES.map(({ name }) => name))('%s', (name) => {
  test.each(BRANDS)('renders for $name with one heading, a title and a language', (brand) => {
    const html = renderState(name, brand)
    expect(html).toMatch(/^\s*<!doctype html>\n<html lang="en" dir="ltr">/)
    expect(html.match(/<h1[ >]/g)).toHaveLength(1)
    expect(html).toMatch(new RegExp(`<title>[^<]+ – ${brand.title}</title>`))
  })

  test('keeps hostile texts inert', () => {
    const html = renderState(name, hostileBrand, (usual) => usual + HOSTILE)
    expect(skeleton(html)).toEqual(skeleton(renderState(name, acme)))
    expect(html).toContain('{{7*7}}')
  })

  test('has no inline style, no inline script and a token in every form but the one for another site', () => {
    const html = renderState(name, acme)
    expect(html).not.toMatch(/<style|style="|<script>|\son[a-z]+="|data:/)
    const forms = html.match(/<form[\s\S]*?<\/form>/g) ?? []
    for (const form of name === 'saml-post' ? [] : forms) {
      if (form.startsWith('<form class="search" method="get"')) continue // it only looks
      expect(form).toMatch(/method="post"/)
      expect(form).toContain('<input type="hidden" name="_csrf" value="sample-csrf-token">')
    }
  })

  test('says in its title that something is wrong exactly when it is', () => {
    const html = renderState(name, acme)
    const wrong = html.includes('role="alert"') || name.startsWith('error-')
    expect(html.includes('<title>Error: ')).toBe(wrong)
  })
})

describe('the sign-in page', () => {
  const wrong = () => loginView({ page: pageFacts(acme), error: 'wrong_credentials', login: 'sally' })

  test('never says whether the account exists, is paused or has another password', () => {
    expect(JSON.stringify(wrong())).not.toMatch(/unknown|locked|exist|no account/i)
  })

  test('keeps the login and never the password', () => {
    expect(wrong()).toMatchObject({ login: { value: 'sally' }, password: { value: '' } })
  })
})

describe('the SAML form', () => {
  test.each(['javascript:alert(1)', 'data:text/html,x', '/acs', ' https://sp.test/', 'https://'])(
    'refuses to post to %j',
    (acsUrl) => {
      const facts = { page: pageFacts(acme), acsUrl, samlResponse: 'x', appName: 'Wiki' }
      expect(() => samlPostView(facts)).toThrow('http or https')
    },
  )
})

describe('the error page', () => {
  test('does not tell a paused account from a wrong password', () => {
    const facts = { page: pageFacts(acme), status: 401, requestId: 'r' }
    expect(errorView({ ...facts, code: 'account_locked' })).toEqual(
      errorView({ ...facts, code: 'invalid_credentials' }),
    )
  })
})

describe('createViews', () => {
  const withTemplates = (templates: Record<string, string>) => {
    const root = mkdtempSync(join(tmpdir(), 'views-'))
    for (const [name, text] of Object.entries(templates)) writeFileSync(join(root, name), text)
    const created = () => createViews({ root, asset: (name) => `/static/${name}` })
    return { root, created }
  }

  test('throws on a value that is missing', () => {
    const { created } = withTemplates({ 'a.njk': '{{ view.nothing }}' })
    expect(() => created().render('a.njk', {})).toThrow(/undefined/)
  })

  test('refuses a broken template before it serves anything', () => {
    expect(withTemplates({ 'a.njk': '{% if %}' }).created).toThrow()
  })

  test('reads no file once it is created', () => {
    const { root, created } = withTemplates({
      'a.njk': '{% extends "b.njk" %}{% block x %}{{ view.x }}{% endblock %}',
      'b.njk': '[{% block x %}{% endblock %}{{ asset("y") }}]',
    })
    const views = created()
    rmSync(root, { recursive: true })
    expect(views.render('a.njk', { x: '<' })).toBe('[&lt;/static/y]')
  })

  test('knows no template but its own', () => {
    expect(() => withTemplates({}).created().render('../secret.njk', {})).toThrow('no such template')
  })
})
