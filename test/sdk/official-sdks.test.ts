import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { inEveryWorld } from '../support/app.ts'
import { DEVICES, IDS, PASSWORDS, type PersonName } from '../support/people.ts'
import { clientOf, GRANT, JSON_BODY, pair, type Client } from './client.ts'

/** How each SDK builds its requests, and what its parser reads. */
interface Sdk {
  name: string
  userAgent: string
  /** The Authorization header of the token call. */
  tokenHeader: string
  tokenBody: string
  bearer: (token: string) => string
  /** Sent with every call, also with those that have no body. */
  always: Record<string, string>
}

const SDKS: Sdk[] = [
  {
    name: 'Python 2.x',
    userAgent: 'onelogin-python-sdk 2.0.4',
    tokenHeader: pair(),
    tokenBody: '{"grant_type": "client_credentials"}',
    bearer: (token) => `bearer ${token}`,
    always: { ...JSON_BODY, Accept: '*/*', 'Accept-Encoding': 'gzip, deflate' },
  },
  {
    name: 'Ruby',
    userAgent: 'onelogin-ruby-sdk 2.1.1',
    tokenHeader: pair(','),
    tokenBody: GRANT,
    bearer: (token) => `bearer:${token}`,
    always: { ...JSON_BODY, Accept: '*/*' },
  },
  {
    name: 'PHP',
    userAgent: 'onelogin-php-sdk 1.8.0',
    tokenHeader: pair(),
    tokenBody: GRANT,
    bearer: (token) => `bearer:${token}`,
    always: JSON_BODY,
  },
  {
    name: 'Java 2.1',
    userAgent: 'onelogin-java-sdk 2.1.0',
    tokenHeader: pair(),
    tokenBody: GRANT,
    bearer: (token) => `bearer:${token}`,
    always: { ...JSON_BODY, Accept: 'application/json' },
  },
]

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const STATUS = { error: false, code: 200, type: 'success', message: 'Success' }

inEveryWorld((app) => {
  const client: Client = clientOf(app)

  describe.each(SDKS)('The SDK for $name', (sdk) => {
    const headers = { 'User-Agent': sdk.userAgent, ...sdk.always }
    const generate = async () =>
      (
        await client.send(
          'POST',
          '/auth/oauth2/v2/token',
          { ...headers, ...JSON_BODY, Authorization: sdk.tokenHeader },
          sdk.tokenBody,
        )
      ).json
    let bearer: Promise<string> | undefined
    const call = async (method: string, path: string, body?: unknown) => {
      const token = await (bearer ??= generate().then((json) => json.access_token as string))
      const authorized = { ...headers, Authorization: sdk.bearer(token) }
      return client.send(method, path, authorized, body === undefined ? undefined : JSON.stringify(body))
    }

    test('gets tokens whose expiry it can work out, and refreshes them without saying who it is', async () => {
      const tokens = await generate()
      expect(tokens).toEqual({
        access_token: expect.stringMatching(/^[0-9a-f]{64}$/),
        created_at: expect.stringMatching(TIME),
        expires_in: 36_000,
        refresh_token: expect.stringMatching(/^[0-9a-f]{64}$/),
        token_type: 'bearer',
        account_id: expect.any(Number),
      })
      expect(Date.parse(tokens.created_at as string)).toBe(app().clock.now())
      const body = { grant_type: 'refresh_token', access_token: tokens.access_token, refresh_token: tokens.refresh_token } // prettier-ignore
      const refreshed = await client.send('POST', '/auth/oauth2/v2/token', headers, JSON.stringify(body))
      expect(refreshed.json).toMatchObject({ account_id: tokens.account_id, expires_in: 36_000 })
      expect((await client.send('GET', '/api/1/users', { Authorization: sdk.bearer(tokens.access_token) })).status).toBe(401) // prettier-ignore
    })

    test('walks a list by its cursor until there is none, with the four pagination keys in every page', async () => {
      const ids: number[] = []
      let cursor: string | null = ''
      while (cursor !== null) {
        const { json } = await call('GET', `/api/1/users?limit=4&after_cursor=${encodeURIComponent(cursor)}`)
        expect(Object.keys(json.pagination).sort()).toEqual(['after_cursor', 'before_cursor', 'next_link', 'previous_link']) // prettier-ignore
        ids.push(...json.data.map((user: { id: number }) => user.id))
        cursor = json.pagination.after_cursor
      }
      expect(new Set(ids).size).toBe(ids.length)
      expect(ids).toEqual(expect.arrayContaining(Object.values(IDS)))
    })

    test('reads empty lists, nested lists and single people as it expects them', async () => {
      const { json } = await call('GET', `/api/1/users/${IDS.gus}`)
      const [user] = json.data
      expect(user).toMatchObject({ id: IDS.gus, role_id: null, created_at: expect.stringMatching(TIME) })
      expect(user.custom_attributes).toEqual({ branch_name: '' }) // Java casts each value to a string
      expect((await call('GET', `/api/1/users/${IDS.gus}/apps`)).json.data).toEqual([[]])
      expect((await call('GET', `/api/1/users/${IDS.gus}/roles`)).json.data).toEqual([[]])
      expect((await call('GET', `/api/1/users/${IDS.bob}/roles`)).json.data).toEqual([[10, 12]])
      expect((await call('GET', '/api/1/users/custom_attributes')).json.data).toEqual([['branch_name']])
      expect((await call('GET', `/api/1/users/${IDS.gus}/otp_devices`)).json.data).toEqual({
        otp_devices: [],
      })
    })

    test('creates a person with 200 and Success, sends back all that it holds of them, and takes them away', async () => {
      const name = `sdk.${sdk.name.replace(/\W/g, '').toLowerCase()}`
      const created = await call('POST', '/api/1/users', { email: `${name}@acme.test`, firstname: 'S', lastname: 'D', username: name }) // prettier-ignore
      expect([created.status, created.json.status]).toEqual([200, STATUS])
      const [user] = created.json.data
      const updated = await call('PUT', `/api/1/users/${user.id}`, { ...user, title: 'Chief' })
      expect([updated.json.status, updated.json.data[0].title]).toEqual([STATUS, 'Chief'])

      const person = `/api/1/users/${user.id}`
      const bare = { status: STATUS }
      expect((await call('PUT', `${person}/add_roles`, { role_id_array: [11, 10] })).json).toEqual(bare)
      expect((await call('GET', person)).json.data[0].role_id).toEqual([11, 10])
      expect((await call('PUT', `${person}/remove_roles`, { role_id_array: [11] })).json).toEqual(bare)
      const salted = createHash('sha256')
        .update('salt4' + 'sdk-quiet-lantern')
        .digest('hex')
      const password = { password: salted, password_confirmation: salted, password_algorithm: 'salt+sha256', password_salt: 'salt4' } // prettier-ignore
      expect((await call('PUT', `/api/1/users/set_password_using_salt/${user.id}`, password)).json).toEqual(
        bare,
      )
      const attributes = { custom_attributes: { branch_name: 'Oslo' } }
      expect((await call('PUT', `${person}/set_custom_attributes`, attributes)).json).toEqual(bare)
      expect((await call('PUT', `${person}/logout`)).json).toEqual(bare)
      expect((await call('PUT', `${person}/lock_user`, { locked_until: 5 })).json).toEqual(bare)
      expect((await call('DELETE', person)).json).toEqual(bare)
    })

    const login = (who: PersonName) =>
      call('POST', '/api/1/login/auth', {
        username_or_email: who,
        password: PASSWORDS[who],
        subdomain: 'acme',
      })

    test('logs a person in, and reads when the session token ends', async () => {
      const { json } = await login('bob')
      expect(json.status).toEqual(STATUS)
      expect(json.data[0]).toMatchObject({
        status: 'Authenticated',
        user: { id: IDS.bob },
        return_to_url: null,
      })
      expect(json.data[0].expires_at).toMatch(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \+0000$/)
      expect(json.data[0]).not.toHaveProperty('created_at')
    })

    test('verifies a factor with the device id as text, after a wrong code, and takes no pending answer for a result', async () => {
      const mfa = (await login('cy')).json
      expect(mfa.status.message).toBe('MFA is required for this user')
      const [{ state_token, devices, callback_url }] = mfa.data
      expect(devices).toContainEqual({ device_type: 'Google Authenticator', device_id: DEVICES.cyTotp })
      expect(callback_url).toBe(`${app().url}/api/1/login/verify_factor`)
      const answer = { device_id: String(DEVICES.cyTotp), state_token }
      const path = new URL(callback_url as string).pathname
      const wrong = await call('POST', path, { ...answer, otp_token: '000000x' })
      expect([wrong.status, wrong.json.status.message]).toEqual([
        401,
        'Failed authentication with this factor',
      ])
      const pending = await call('POST', path, { ...answer, device_id: String(DEVICES.cyEmail), do_not_notify: true }) // prettier-ignore
      expect(Object.keys(pending.json as object)).toEqual(['status'])
      expect(pending.json.status).toMatchObject({ type: 'pending', code: 200, error: false })
      await app().advance(30)
      const right = await call('POST', path, { ...answer, otp_token: app().totp('cy') })
      expect([right.json.status, right.json.data[0].status]).toEqual([STATUS, 'Authenticated'])
    })

    test('gets a SAML assertion as text, from version 1 in the envelope', async () => {
      const body = { username_or_email: 'bob', password: PASSWORDS.bob, app_id: '500', subdomain: 'acme' }
      const { json } = await call('POST', '/api/1/saml_assertion', body)
      expect(json.status).toEqual(STATUS)
      expect(Buffer.from(json.data as string, 'base64').toString()).toMatch(/^<(\?xml|samlp?:?)/)
    })

    test('enrols and removes a factor, and takes the removal for done', async () => {
      const devices = `/api/1/users/${IDS.dee}/otp_devices`
      const enrolled = await call('POST', devices, { factor_id: 2, display_name: 'Mail', number: '', verified: true }) // prettier-ignore
      const [{ id }] = enrolled.json.data
      expect(id).toEqual(expect.any(Number))
      expect((await call('DELETE', `${devices}/${id}`)).json).toEqual({ status: STATUS })
    })

    test('reads the event types without a token, and the rate limit as an object', async () => {
      const types = await client.send('GET', '/api/1/events/types', headers)
      expect(types.json.data[0]).toEqual({ name: 'APP_ADDED_TO_ROLE', description: 'App %app% added to role %role%', id: 1 }) // prettier-ignore
      const { json, headers: shown } = await call('GET', '/auth/rate_limit')
      expect(json.data['X-RateLimit-Remaining']).toBe(Number(shown['x-ratelimit-remaining']))
    })

    test('reads every refusal as JSON with a type and a message', async () => {
      const missing = await call('GET', '/api/1/users/8888888')
      expect([missing.status, missing.json.status.message]).toEqual([
        404,
        'User for id 8888888 was not found',
      ])
      const role = await call('GET', '/api/1/roles/8888888')
      expect([role.status, role.json.status.message]).toEqual([404, 'Role for id 8888888 was not found'])
      const unique = await call('POST', '/api/1/users', { email: 'bob@acme.test', username: 'bob', firstname: 'B', lastname: 'N' }) // prettier-ignore
      expect([unique.status, unique.json.status.message]).toEqual([422, 'Validation failed: Email must be unique, Username must be unique']) // prettier-ignore
    })
  })
})
