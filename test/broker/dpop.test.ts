import { generateKeyPair, exportJWK, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { inEveryWorld, type ApiReply } from '../support/app.ts'
import { loggedIn, type Device, type Forged } from './device.ts'

const PATH = '/broker/v1/session'
const other = await generateKeyPair('ES256', { extractable: true })
const otherJwk = await exportJWK(other.publicKey)
const symmetric = new TextEncoder().encode('a-secret-that-both-would-have-to-know')

inEveryWorld((app) => {
  /** One call with exactly this proof, or these headers. */
  const call = async (
    device: Device,
    access: string,
    forged: Forged | ((right: string) => Record<string, string> | Promise<Record<string, string>>),
  ): Promise<ApiReply> => {
    const right = await device.proof('GET', PATH, {
      accessToken: access,
      ...(typeof forged === 'object' && forged),
    })
    const headers = typeof forged === 'function' ? await forged(right) : { dpop: right }
    return app().call('GET', PATH, { headers: { authorization: `DPoP ${access}`, ...headers } })
  }
  const ready = async () => {
    const { device, tokens } = await loggedIn(app(), 'bob')
    return { device, access: tokens.access }
  }
  const now = () => Math.floor(app().clock.now() / 1000)

  test('a right proof is let in', async () => {
    const { device, access } = await ready()
    expect((await call(device, access, {})).status).toBe(200)
  })

  const REFUSED: [string, (device: Device) => Forged][] = [
    ['of another type', () => ({ header: { typ: 'JWT' } })],
    ['with another key than its own', () => ({ key: other.privateKey })],
    ['of another device', () => ({ key: other.privateKey, header: { jwk: otherJwk } })],
    ['that gives its private key away', ({ jwk }) => ({ header: { jwk: { ...jwk, d: 'AAAA' } } })],
    ['without a key', () => ({ header: { jwk: undefined } })],
    ['with a key of another curve', ({ jwk }) => ({ header: { jwk: { ...jwk, crv: 'P-384' } } })],
    ['for another method', () => ({ claims: { htm: 'POST' } })],
    ['for another path', () => ({ claims: { htu: `${app().ctx.publicUrl}/broker/v1/sessions` } })],
    ['for another host', () => ({ claims: { htu: `https://evil.test${PATH}` } })],
    ['for no address', () => ({ claims: { htu: 'x' } })],
    ['with a short jti', () => ({ claims: { jti: 'x' } })],
    ['with an endless jti', () => ({ claims: { jti: 'x'.repeat(129) } })],
    ['without a jti', () => ({ claims: { jti: undefined } })],
    ['from long ago', () => ({ claims: { iat: now() - 301 } })],
    ['from the future', () => ({ claims: { iat: now() + 301 } })],
    ['without a time', () => ({ claims: { iat: undefined } })],
    ['for another access token', () => ({ claims: { ath: 'x'.repeat(43) } })],
    ['for no access token', () => ({ claims: { ath: undefined } })],
  ]
  test.each(REFUSED)('a proof %s is refused', async (_what, forge) => {
    const { device, access } = await ready()
    const { status, json, headers } = await call(device, access, forge(device))
    expect([status, json.error]).toEqual([401, 'invalid_dpop_proof'])
    expect(headers.get('www-authenticate')).toMatch(/^DPoP error="invalid_dpop_proof".*algs="ES256"$/)
  })

  test.each([
    ['none', () => ({})],
    ['an empty one', () => ({ dpop: '' })],
    ['two of them', (right: string) => ({ dpop: `${right}, ${right}` })],
    ['no JWT', () => ({ dpop: 'a.b' })],
    ['a huge one', (right: string) => ({ dpop: `${right}${'x'.repeat(5000)}` })],
    ['one that nobody signed', (right: string) => ({ dpop: `${right.split('.').slice(0, 2).join('.')}.` })],
    [
      'one that was changed',
      (right: string) => ({ dpop: right.slice(0, -4) + (right.endsWith('AAAA') ? 'BBBB' : 'AAAA') }),
    ],
  ])('a call with %s is refused', async (_what, headers) => {
    const { device, access } = await ready()
    const { status, json } = await call(device, access, headers)
    expect([status, json.error]).toEqual([401, 'invalid_dpop_proof'])
  })

  test('a proof by a secret that both know is refused', async () => {
    const { device, access } = await ready()
    const hs = await new SignJWT({ htm: 'GET', htu: app().ctx.publicUrl + PATH })
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'HS256', jwk: device.jwk })
      .sign(symmetric)
    expect((await call(device, access, () => ({ dpop: hs }))).json.error).toBe('invalid_dpop_proof')
  })

  test('a proof needs a nonce of ours that is not old, and each answer brings a new one', async () => {
    const { device, access } = await ready()
    for (const nonce of [
      undefined,
      'x',
      `${device.nonce}x`,
      `${app().clock.now().toString(36)}.${'x'.repeat(43)}`,
    ]) {
      const { status, json, headers } = await call(device, access, { claims: { nonce } })
      expect([status, json.error]).toEqual([401, 'use_dpop_nonce'])
      expect(headers.get('dpop-nonce')).toMatch(/^[0-9a-z]+\.[\w-]{43}$/)
    }
    await app().advance(301)
    expect((await call(device, access, {})).json.error).toBe('use_dpop_nonce')
  })

  test('a nonce tells our time, so that a device with a wrong clock can ask again rightly', async () => {
    const { device, access } = await ready()
    const { headers } = await call(device, access, { claims: { nonce: undefined, iat: now() + 600 } })
    const time = Number.parseInt(headers.get('dpop-nonce')!.split('.')[0]!, 36)
    expect(time).toBe(app().clock.now())
  })

  test('a proof is good once, whichever process it comes to', async () => {
    const { device, access } = await ready()
    const proof = await device.proof('GET', PATH, { accessToken: access })
    const again = () => call(device, access, () => ({ dpop: proof }))
    expect((await again()).status).toBe(200)
    expect((await again()).json.error).toBe('invalid_dpop_proof')
    expect((await again()).json.error_description).toContain('used before')
  })

  test('query and fragment of the address do not count', async () => {
    const { device, access } = await ready()
    const htu = `${app().ctx.publicUrl}${PATH}?x=1#y`
    expect((await call(device, access, { claims: { htu } })).status).toBe(200)
  })

  test('a bound access token is worth nothing as a bearer’s, here or at the API', async () => {
    const { device, access } = await ready()
    const bearer = await call(device, access, (dpop) => ({ dpop, authorization: `Bearer ${access}` }))
    expect([bearer.status, bearer.json.error]).toEqual([401, 'invalid_token'])
    expect((await app().call('GET', '/api/1/users', { token: access })).status).toBe(401)
    expect((await call(device, access, (dpop) => ({ dpop, authorization: '' }))).json.error).toBe(
      'invalid_token',
    )
  })

  test('an access token of the API is nothing at the broker', async () => {
    const { device } = await ready()
    const token = await app().token()
    expect((await device.broker('GET', PATH, token)).json.error).toBe('invalid_token')
  })

  test('at the token endpoint a bad proof is a bad request', async () => {
    const { device } = await ready()
    const { status, json, headers } = await app().call('POST', '/oauth/token', {
      body: 'client_id=doorward-cli&grant_type=refresh_token&refresh_token=x',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        dpop: await device.proof('POST', '/oauth/other'),
      },
    })
    expect([status, json.error]).toEqual([400, 'invalid_dpop_proof'])
    expect(headers.get('www-authenticate')).toBeNull()
  })
})
