import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApp, type TestApp } from '../support/app.ts'
import { CLIENTS, DEVICES, IDS, PASSWORDS } from '../support/people.ts'
import { basic, clientOf, GRANT, JSON_BODY, pair } from './client.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())
const client = clientOf(() => app)
const { id, secret } = CLIENTS['Manage All']

const GO = { 'User-Agent': 'Go-http-client/1.1', 'Accept-Encoding': 'gzip' }
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' }
const asada = (more: object = {}) =>
  JSON.stringify({ username_or_email: 'ada', password: PASSWORDS.ada, subdomain: 'acme', ...more })
const fresh = () => app.advance(30) // a code is good once

describe('Every client gets a token as it asks for one', () => {
  test.each([
    [
      'Go SDK v4, saml2aws, aws-runas, synfinatic',
      '/auth/oauth2/v2/token',
      { ...GO, ...JSON_BODY, Authorization: basic() },
      GRANT,
    ],
    [
      'asobrien',
      '/auth/oauth2/v2/token',
      { ...GO, ...JSON_BODY, Authorization: pair(', ', ': ') },
      `${GRANT}\n`,
    ],
    ['oswell', '//auth/oauth2/v2/token', { ...GO, ...JSON_BODY, Authorization: pair(',') }, GRANT],
    [
      'jacerhea',
      '/auth/oauth2/v2/token/',
      { 'Content-Type': 'application/json; charset=utf-8', Authorization: basic() },
      GRANT,
    ],
    ['demisto', '/auth/oauth2/v2/token?grant_type=client_credentials', { Authorization: basic() }, undefined],
    [
      'demisto with an empty body',
      '/auth/oauth2/v2/token?grant_type=client_credentials',
      { ...JSON_BODY, 'Content-Length': '0', Authorization: basic() },
      '',
    ],
    ['Kuali', '/auth/oauth2/v2/token', { ...FORM, Authorization: basic() }, 'grant_type=client_credentials'],
    [
      'PowerShell',
      '/auth/oauth2/v2/token',
      { ...JSON_BODY, Authorization: pair(', ') },
      '{\r\n    "grant_type":  "client_credentials"\r\n}',
    ],
    [
      'the documentation of v2',
      '/auth/oauth2/v2/token',
      FORM,
      `grant_type=client_credentials&client_id=${id}&client_secret=${secret}`,
    ],
  ])('%s', async (_name, path, headers, body) => {
    const { status, json } = await client.send('POST', path, headers, body)
    expect([status, json.token_type, json.account_id]).toEqual([200, 'bearer', 1])
  })

  test('openvpn-onelogin-auth and asobrien from the old address, in the envelope', async () => {
    const body = '{"grant_type": "client_credentials"}'
    const { json } = await client.send('POST', '/auth/oauth2/token', { ...GO, ...JSON_BODY, Authorization: pair() }, body) // prettier-ignore
    expect(json.status).toEqual({ error: false, code: 200, type: 'success', message: 'Success' })
    expect(json.data).toEqual([expect.objectContaining({ access_token: expect.any(String), expires_in: 36_000, account_id: 1 })]) // prettier-ignore
  })

  test('and refreshes it by form without Authorization; oswell by generating with the old tokens beside', async () => {
    const { json } = await client.send('POST', '/auth/oauth2/v2/token', { ...FORM, Authorization: basic() }, 'grant_type=client_credentials') // prettier-ignore
    const { access_token, refresh_token } = json
    const oswell = JSON.stringify({ grant_type: 'client_credentials', access_token, refresh_token })
    expect((await client.send('POST', '/auth/oauth2/v2/token', { ...JSON_BODY, Authorization: pair(',') }, oswell)).status).toBe(200) // prettier-ignore
    const form = new URLSearchParams({ grant_type: 'refresh_token', access_token, refresh_token })
    const refreshed = await client.send('POST', '/auth/oauth2/v2/token', FORM, form.toString())
    expect([refreshed.status, refreshed.json.account_id]).toEqual([200, 1])
    const again = await client.send('POST', '/auth/oauth2/v2/token', FORM, form.toString())
    // lifull looks for "[401] Unauthorized: Invalid Token"
    expect(again.json.status).toMatchObject({ code: 401, type: 'Unauthorized', message: 'Invalid Token' })
  })
})

describe('Every client finds what it looks for', () => {
  let token: string
  beforeAll(async () => {
    token = await app.token()
  })
  const get = (path: string, authorization: string, more: Record<string, string> = {}) =>
    client.send('GET', path, { Authorization: authorization, ...more })
  const post = (path: string, authorization: string, body: string) =>
    client.send('POST', path, { ...GO, ...JSON_BODY, Authorization: authorization }, body)

  test.each(['bearer:', 'bearer: ', 'bearer ', 'Bearer ', 'Bearer:', 'BEARER '])(
    'with %j before its token',
    async (word) => {
      expect((await get('/api/1/users?limit=1', `${word}${token}`)).status).toBe(200)
    },
  )

  test('saml2aws, clisso and aws-runas: an assertion of version 2 by way of the callback address', async () => {
    await fresh()
    const first = await post(
      '/api/2/saml_assertion',
      `bearer: ${token}`,
      asada({ app_id: '500', ip_address: '' }),
    )
    expect(Object.keys(first.json as object).sort()).toEqual(['callback_url', 'devices', 'message', 'state_token', 'user']) // prettier-ignore
    expect(first.json.message).toBe('MFA is required for this user')
    const { pathname, origin } = new URL(first.json.callback_url as string)
    expect([origin, pathname]).toEqual([app.url, '/api/2/saml_assertion/verify_factor'])
    const answer = { app_id: '500', device_id: String(DEVICES.adaTotp), state_token: first.json.state_token }
    const wrong = await post(pathname, `bearer: ${token}`, JSON.stringify({ ...answer, otp_token: '12' }))
    expect(wrong.json).toEqual({ statusCode: 401, name: 'Unauthorized', message: 'Failed authentication with this factor' }) // prettier-ignore
    const right = await post(pathname, `bearer: ${token}`, JSON.stringify({ ...answer, otp_token: app.totp('ada'), do_not_notify: false })) // prettier-ignore
    expect(right.json).toEqual({ data: expect.any(String), message: 'Success' })
  })

  test('clisso: 404 for an app there is not, 400 for another company', async () => {
    const unknown = await post('/api/2/saml_assertion', `bearer:${token}`, asada({ app_id: '999' }))
    const foreign = await post(
      '/api/2/saml_assertion',
      `bearer:${token}`,
      asada({ app_id: '500', subdomain: 'x' }),
    )
    expect([unknown.status, foreign.status]).toEqual([404, 400])
  })

  test('aws-runas: the devices of a person as a bare list, ids as text', async () => {
    const { json } = await get(`/api/2/mfa/users/${IDS.ada}/devices`, `Bearer ${token}`)
    expect(json).toEqual([
      {
        device_id: String(DEVICES.adaTotp),
        auth_factor_name: 'Google Authenticator',
        type_display_name: 'Google Authenticator',
        user_display_name: 'Phone',
        default: expect.any(Boolean),
      },
    ])
  })

  test('aws-assume-role: the devices of a person at API 1', async () => {
    const { json } = await get(`/api/1/users/${IDS.ada}/otp_devices`, `bearer:${token}`, JSON_BODY)
    expect(json.data.otp_devices[0]).toMatchObject({ id: DEVICES.adaTotp, needs_trigger: false })
  })

  test('openvpn-onelogin-auth: the device type it compares, and no created_at in the way of its user', async () => {
    const { json } = await post('/api/1/login/auth', `bearer:${token}`, asada())
    expect(json.data[0].devices).toEqual([
      { device_type: 'Google Authenticator', device_id: DEVICES.adaTotp },
    ])
    expect(json.data[0]).not.toHaveProperty('created_at')
  })

  test('asobrien: a factor verified where the callback address leads, ids as numbers back', async () => {
    await fresh()
    const { json } = await post('/api/1/login/auth', `bearer:${token}`, `${asada()}\n`)
    const body = { device_id: String(json.data[0].devices[0].device_id), state_token: json.data[0].state_token, otp_token: app.totp('ada'), do_not_notify: true } // prettier-ignore
    const done = await post(new URL(json.data[0].callback_url as string).pathname, `bearer:${token}`, `${JSON.stringify(body)}\n`) // prettier-ignore
    expect(done.json.data[0]).toMatchObject({ status: 'Authenticated', user: { id: IDS.ada } })
  })

  test('a login answer has the further attributes that `fields` names, and never more', async () => {
    const body = { username_or_email: 'bob', password: PASSWORDS.bob, subdomain: 'acme', fields: 'role_id, status,passwordHash,password_hash' } // prettier-ignore
    const { json } = await post('/api/1/login/auth', `bearer:${token}`, JSON.stringify(body))
    expect(Object.keys(json.data[0].user as object).sort()).toEqual(['email', 'firstname', 'id', 'lastname', 'role_id', 'status', 'username']) // prettier-ignore
  })

  test('jacerhea: pages by absolute links that keep its filters', async () => {
    const { json } = await get('/api/1/users/?limit=2&role_id=10', `bearer:${token}`)
    const next = new URL(json.pagination.next_link as string)
    expect([next.origin, next.pathname, next.searchParams.get('role_id')]).toEqual([
      app.url,
      '/api/1/users',
      '10',
    ])
    const second = await get(next.pathname + next.search, `bearer:${token}`)
    expect([second.json.data.length, second.json.pagination.after_cursor]).toEqual([1, null])
  })

  test('Kuali: the first page for an empty cursor', async () => {
    const { json } = await get('/api/1/users?after_cursor=&limit=1', `bearer:${token}`)
    expect(json.data[0].id).toBe(IDS.ada)
  })

  test('demisto: events with a limit above the largest', async () => {
    const { status, json } = await get('/api/1/events?limit=1000', `Bearer:${token}`, JSON_BODY)
    expect(status).toBe(200)
    expect(json.data.length).toBeLessThanOrEqual(50)
  })

  test('synfinatic: that the rate limit has no POST', async () => {
    const { status, json } = await post('/auth/rate_limit', `bearer:${token}`, '')
    expect([status, json.status.message]).toEqual([404, 'No Route Exists'])
  })

  test('Ruby and Node for /api/2: roles and apps as bare lists, cursors in headers', async () => {
    for (const path of ['/api/2/roles', '/api/2/apps', `/api/2/users/${IDS.bob}/apps`]) {
      const { json } = await get(path, `Bearer ${token}`, { Accept: 'application/json', ...JSON_BODY, Pragma: 'no-cache' }) // prettier-ignore
      expect([path, Array.isArray(json), typeof json[0].id]).toEqual([path, true, 'number'])
    }
    const page = await get('/api/2/roles?limit=1', `Bearer ${token}`)
    expect(page.headers['after-cursor']).toMatch(/^[\w=+/]+$/)
  })

  test('Go SDK v4: that a token it revokes is dead', async () => {
    const other = await app.token()
    const body = JSON.stringify({ access_token: other })
    const revoked = await client.send('POST', '/auth/oauth2/revoke', { ...GO, ...JSON_BODY, Authorization: basic() }, body) // prettier-ignore
    expect(revoked.json).toEqual({ status: { error: false, code: 200, type: 'success', message: 'Success' } })
    expect((await get('/api/1/users', `bearer ${other}`)).json.status.message).toBe('Authentication Failure')
  })
})
