import { describe, expect, test } from 'vitest'
import { awsAppConfig, samlAppConfig } from '../../server/saml/app-config.ts'
import { providerArn, roleArn } from './aws-examples.ts'

const role = (changed: Record<string, unknown> = {}) => ({
  role_arn: roleArn('Dev'),
  provider_arn: providerArn(),
  directory_roles: [10],
  ...changed,
})
const aws = (...roles: unknown[]) => awsAppConfig.safeParse({ roles })
const saml = (changed: Record<string, unknown>) => samlAppConfig.safeParse({ entity_id: 'e', ...changed })

describe('the aws block of an app', () => {
  test('gives a session of one hour unless it says otherwise', () => {
    expect(aws(role()).data?.roles[0]?.session_seconds).toBe(3600)
  })

  test('takes a role with a path', () => {
    expect(aws(role({ role_arn: roleArn('team/a/Dev-1_x+=.@y') })).success).toBe(true)
  })

  test.each<[string, unknown]>([
    ['a user instead of a role', role({ role_arn: 'arn:aws:iam::111122223333:user/Dev' })],
    ['a role of a short account', role({ role_arn: 'arn:aws:iam::11112222333:role/Dev' })],
    ['a comma, which parts the two ARNs', role({ role_arn: roleArn('Dev,x') })],
    ['a space', role({ role_arn: roleArn('Dev x') })],
    ['a line feed at the end', role({ role_arn: `${roleArn('Dev')}\n` })],
    ['the ARNs swapped', role({ role_arn: providerArn(), provider_arn: roleArn('Dev') })],
    ['ARNs of two partitions', role({ provider_arn: providerArn('aws-cn') })],
    ['a session under 15 minutes', role({ session_seconds: 899 })],
    ['a session over 12 hours', role({ session_seconds: 43_201 })],
    ['a directory role by name', role({ directory_roles: ['AWS developers'] })],
    ['a key that it does not know', role({ sesion_seconds: 900 })],
    [
      'a partition without a known address',
      role({ role_arn: roleArn('Dev', 'aws-iso'), provider_arn: providerArn('aws-iso') }),
    ],
  ])('refuses %s', (_what, one) => {
    expect(aws(one).success).toBe(false)
  })

  test('refuses the same AWS role twice, and an empty list', () => {
    expect(aws(role(), role({ directory_roles: [11] })).success).toBe(false)
    expect(aws().success).toBe(false)
  })

  test('takes another partition when the app names address and audience', () => {
    const config = {
      roles: [role({ role_arn: roleArn('Dev', 'aws-iso'), provider_arn: providerArn('aws-iso') })],
      acs_url: 'https://signin.c2shome.ic.gov/saml',
      audience: 'https://signin.c2shome.ic.gov/saml',
    }
    expect(awsAppConfig.safeParse(config).success).toBe(true)
  })
})

describe('the saml block of an app', () => {
  test('gives acs_urls, whichever of the two it was given', () => {
    expect(saml({ acs_url: 'https://sp.test/acs' }).data?.acs_urls).toEqual(['https://sp.test/acs'])
    expect(saml({ acs_urls: ['https://a.test/', 'https://b.test/'] }).data?.acs_urls).toHaveLength(2)
  })

  test('takes its own output', () => {
    const once = saml({ acs_url: 'https://sp.test/acs', attributes: { mail: 'email' } }).data
    expect(samlAppConfig.parse(once)).toEqual(once)
  })

  test.each([
    'https://sp.test', 'https://sp.test:8443/acs?x=1&y=2', 'http://localhost:8080/acs', 'http://127.0.0.1/acs',
    'http://[::1]:9/acs',
  ])('takes the address %s', (acs_url) => {
    expect(saml({ acs_url }).success).toBe(true)
  }) // prettier-ignore

  test.each([
    'http://sp.test/acs', 'http://localhost.evil.test/acs', 'http://127.0.0.1@evil.test/', 'javascript:alert(1)',
    'data:text/html,x', '//sp.test/acs', '/acs', 'https://user:pass@sp.test/', 'https://sp.test/#x', 'https:\\\\sp.test',
    'https://sp.test/a b', ' https://sp.test/', 'https://sp.test/\n', 'https://sp.test/"><script>', 'https://', '',
    'https://sp.test/\u00e9', 'ftp://sp.test/', `https://sp.test/${'x'.repeat(1024)}`,
  ])('refuses the address %j', (acs_url) => {
    expect(saml({ acs_url }).success).toBe(false)
  }) // prettier-ignore

  test.each<[string, Record<string, unknown>]>([
    ['both acs_url and acs_urls', { acs_url: 'https://a.test/', acs_urls: ['https://a.test/'] }],
    ['neither', {}],
    ['no address in the list', { acs_urls: [] }],
    ['a field that is never sent', { acs_url: 'https://a.test/', attributes: { p: 'password_hash' } }],
    ['a name_id that is no name', { acs_url: 'https://a.test/', name_id: 'phone' }],
    ['a key that it does not know', { acs_url: 'https://a.test/', nameid: 'email' }],
  ])('refuses %s', (_what, changed) => {
    expect(saml(changed).success).toBe(false)
  })
})
