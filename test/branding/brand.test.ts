import { describe, expect, test } from 'vitest'
import { brandSchema, doorwardBrand, pickBrand } from '../../server/branding/brand.ts'

const make = (extra: object) => brandSchema.parse({ title: 'T', ...extra })
const acme = make({ name: 'acme', hosts: ['Login.Acme.test'] })
const north = make({ name: 'north', hosts: ['login.north.test', '[::1]'] })
const fallback = make({ name: 'fallback', default: true })
const brands = [acme, north, fallback]

describe('pickBrand', () => {
  test.each([
    ['the host', { host: 'login.acme.test' }, acme],
    ['the host in other letters with a port', { host: 'LOGIN.acme.TEST:3000' }, acme],
    ['the host with its last dot', { host: 'login.acme.test.:443' }, acme],
    ['an address of IPv6', { host: '[::1]:3000' }, north],
    ['the host before the query', { host: 'login.acme.test', query: 'north' }, acme],
    ['the query on an unknown host', { host: 'localhost:3000', query: 'north' }, north],
    ['the default for an unknown query', { host: 'localhost', query: 'nobody' }, fallback],
    ['the default for a host that only ends like one', { host: 'evil-login.acme.test' }, fallback],
    ['the default without anything', {}, fallback],
  ])('goes by %s', (_by, asked, want) => {
    expect(pickBrand(brands, asked)).toBe(want)
  })

  test('falls back to Doorward when there is no default', () => {
    expect(pickBrand([acme], { host: 'localhost' })).toBe(doorwardBrand)
  })
})

describe('the schema of a brand', () => {
  test.each([
    ['a key it does not know', { css: 'body{}' }],
    ['a colour with CSS in it', { primary_color: '#fff;}*{}' }],
    ['a colour by name', { background: 'red' }],
    ['a logo with a path', { logo: '../../etc/passwd.svg' }],
    ['a logo by address', { logo: 'https://evil.test/a.svg' }],
    ['a logo that is a program', { logo: 'a.js' }],
    ['a support link that runs a script', { support_url: 'javascript:alert(1)' }],
    ['a footer link that carries data', { footer_links: [{ text: 'x', url: 'data:text/html,x' }] }],
    ['a title of two lines', { title: 'a\nb' }],
    ['an empty title', { title: '  ' }],
    ['a name with a slash', { name: 'a/b' }],
  ])('refuses %s', (_what, extra) => {
    expect(brandSchema.safeParse({ name: 'x', title: 'X', ...extra }).success).toBe(false)
  })

  test('fills in what is missing', () => {
    expect(make({ name: 'x' })).toMatchObject({ default: false, hosts: [], footer_links: [], locale: 'en' })
  })
})
