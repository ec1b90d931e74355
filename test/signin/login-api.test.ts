import { describe, expect, test } from 'vitest'
import { inEveryWorld } from '../support/app.ts'
import { DEVICES, IDS, PASSWORDS } from '../support/people.ts'

const credentials = (login: string, password: string) => ({
  username_or_email: login,
  password,
  subdomain: 'acme',
})

describe('POST /api/1/login/auth', () => {
  inEveryWorld((app) => {
    test('gives a session token to a person without a factor', async () => {
      const reply = await app().post(
        '/api/1/login/auth',
        credentials('bob', PASSWORDS.bob),
        await app().token(),
      )
      expect(reply.status).toBe(200)
      expect(reply.json.status).toEqual({ type: 'success', message: 'Success', code: 200, error: false })
      expect(reply.json.data).toHaveLength(1)
      const { session_token, expires_at, ...item } = reply.json.data[0]
      expect(session_token).toMatch(/^[0-9a-f]{40}$/)
      expect(expires_at).toMatch(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \+0000$/)
      expect(item).toEqual({
        status: 'Authenticated',
        user: { id: IDS.bob, username: 'bob', email: 'bob@acme.test', firstname: 'Bob', lastname: 'Noyce' },
        return_to_url: null,
      })
    })

    test('asks for the factor of a person who has one, and takes the code', async () => {
      const token = await app().token()
      const asked = await app().post('/api/1/login/auth', credentials('ADA@acme.test ', PASSWORDS.ada), token)
      expect(asked.json.status.message).toBe('MFA is required for this user')
      const [item] = asked.json.data
      expect(item.devices).toEqual([{ device_type: 'Google Authenticator', device_id: DEVICES.adaTotp }])
      const callback = new URL(item.callback_url)
      expect(callback.pathname).toBe('/api/1/login/verify_factor')
      const answer = {
        device_id: String(DEVICES.adaTotp),
        state_token: item.state_token,
        otp_token: app().totp('ada'),
      }
      const done = await app().post(callback.pathname, answer, token)
      expect(done.json.data[0].status).toBe('Authenticated')
    })
  })
})
