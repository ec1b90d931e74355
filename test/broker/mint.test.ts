import { describe, expect, test } from 'vitest'
import { importDirectory } from '../../server/directory/import-document.ts'
import type { DirectoryDocument } from '../../server/directory/document.ts'
import { inEveryWorld } from '../support/app.ts'
import { company, IDS } from '../support/people.ts'
import { verify } from '../support/xmlsec.ts'
import { DEV, loggedIn, minted, refreshed, tokensIn } from './device.ts'

const ADMIN = DEV.replace('Dev', 'Admin')

/** The company, with one AWS role changed. */
const withRole = (change: object, app: object = {}): DirectoryDocument => {
  const document = company()
  const [aws, ...others] = document.apps!
  const roles = (aws as { aws: { roles: object[] } }).aws.roles
  return {
    ...document,
    apps: [
      { ...aws!, ...app, aws: { roles: [{ ...roles[0], ...change }, ...roles.slice(1)] } } as never,
      ...others,
    ],
  }
}

const xmlOf = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8')
const valuesOf = (xml: string, name: string): string[] => {
  const attribute =
    new RegExp(
      `<saml:Attribute Name="https://aws.amazon.com/SAML/Attributes/${name}"[^>]*>(.*?)</saml:Attribute>`,
    ).exec(xml)?.[1] ?? ''
  return Array.from(attribute.matchAll(/<saml:AttributeValue[^>]*>([^<]*)</g), ([, value]) => value!)
}

inEveryWorld((app) => {
  const change = (document: DirectoryDocument) => importDirectory(app().ctx, document)
  const events = async (type: number) => (await app().events()).filter((one) => one.eventTypeId === type)

  test('a command line gets a samlAssertion for one role, whoever holds more', async () => {
    await change({
      users: [{ id: IDS.bob, email: 'bob@acme.test', roles: [10, 11, 12] }],
    })
    const { device, tokens } = await loggedIn(app(), 'bob')
    const { status, json } = await minted(device, tokens.access)
    expect(status).toBe(200)
    expect(json).toMatchObject({
      role_arn: DEV,
      duration_seconds: 3600,
      source_identity: false,
      session_tag: false,
    })
    const xml = xmlOf(json.saml_response)
    expect(valuesOf(xml, 'Role')).toEqual([`${DEV},${json.provider_arn}`])
    expect(valuesOf(xml, 'SourceIdentity')).toEqual([])
    expect(xml).not.toContain('PrincipalTag')
    expect(await verify(xml, app().ctx.signingKeys[0].certificatePem)).toEqual({
      assertion: true,
      response: true,
    })
    const other = await minted(device, tokens.access, { role_arn: ADMIN })
    expect(valuesOf(xmlOf(other.json.saml_response), 'Role')).toEqual([expect.stringContaining(ADMIN)])
    await change(company())
  })

  test('credentials live for the least of what is asked, the role, and what is left of the session', async () => {
    const { device, tokens } = await loggedIn(app(), 'bob')
    const lifeOf = async (access: string, seconds?: number) => {
      const { json } = await minted(device, access, { role_arn: DEV, duration_seconds: seconds })
      const end = /SessionNotOnOrAfter="([^"]+)"/.exec(xmlOf(json.saml_response))![1]!
      expect(Date.parse(end) - app().clock.now()).toBe(json.duration_seconds * 1000)
      return json.duration_seconds as number
    }
    expect(await lifeOf(tokens.access)).toBe(3600)
    expect(await lifeOf(tokens.access, 43_200)).toBe(3600)
    expect(await lifeOf(tokens.access, 900)).toBe(900)
    let last = tokens
    for (let i = 0; i < 3; i++) {
      await app().advance(3 * 3600)
      last = tokensIn(app(), await refreshed(device, last.refresh))
    }
    await app().advance(1800)
    last = tokensIn(app(), await refreshed(device, last.refresh))
    expect(await lifeOf(last.access)).toBeGreaterThan(1700)
    expect(await lifeOf(last.access)).toBeLessThanOrEqual(1800)
    await app().advance(1000)
    last = tokensIn(app(), await refreshed(device, last.refresh))
    const { status, json } = await minted(device, last.access)
    expect([status, json.error]).toEqual([403, 'session_ends_soon'])
    expect(json.ends_at).toBe(last.session.ends_at)
  })

  test.each([
    ['too short', { duration_seconds: 899 }],
    ['too long', { duration_seconds: 43_201 }],
    ['no whole number', { duration_seconds: 900.5 }],
    ['a text', { duration_seconds: '900' }],
    ['no role', { role_arn: undefined }],
    ['a list of roles', { role_arn: [DEV] }],
    ['a role with a NUL', { role_arn: `${DEV}\0` }],
  ])('a wish with %s is told what is wrong with it', async (_what, wish) => {
    const { device, tokens } = await loggedIn(app(), 'bob')
    const { status, json } = await minted(device, tokens.access, { role_arn: DEV, ...wish })
    expect([status, json.error]).toEqual([400, 'invalid_request'])
    expect(json.error_description).not.toBe('')
  })

  test('a role that is not held is refused, and so is one of an app that is not there', async () => {
    const { device, tokens } = await loggedIn(app(), 'bob')
    for (const wish of [{ role_arn: ADMIN }, { role_arn: DEV, app_id: 501 }, { role_arn: `${DEV}x` }]) {
      const { status, json } = await minted(device, tokens.access, wish)
      expect([status, json.error]).toEqual([403, 'access_denied'])
    }
  })

  describe('each mint looks anew', () => {
    const lost: [string, DirectoryDocument, number, string][] = [
      [
        'the directory role',
        { users: [{ id: IDS.bob, email: 'bob@acme.test', roles: [12] }] },
        403,
        'access_denied',
      ],
      ['the app', { apps: [{ id: 500, name: 'AWS', roles: [11] }] }, 403, 'access_denied'],
      ['the role of the app', withRole({ directory_roles: [11] }), 403, 'access_denied'],
      [
        'being active',
        { users: [{ id: IDS.bob, email: 'bob@acme.test', status: 2 }] } as never,
        401,
        'invalid_token',
      ],
      [
        'being approved',
        { users: [{ id: IDS.bob, email: 'bob@acme.test', state: 0 }] } as never,
        401,
        'invalid_token',
      ],
      [
        'the password',
        { users: [{ id: IDS.bob, email: 'bob@acme.test', password: 'bob-other-harbour-53' }] },
        401,
        'invalid_token',
      ],
      [
        'the right to keep a key there',
        { policy: { broker_key_storage: ['agent'] } } as never,
        401,
        'invalid_token',
      ],
    ]
    test.each(lost)('who has lost %s gets nothing more', async (_what, document, status, error) => {
      const { device, tokens } = await loggedIn(app(), 'bob')
      expect((await minted(device, tokens.access)).status).toBe(200)
      await change(document)
      try {
        const refused = await minted(device, tokens.access)
        expect([refused.status, refused.json.error]).toEqual([status, error])
      } finally {
        const again = company()
        await change({
          ...again,
          policy: { ...again.policy, broker_key_storage: ['agent', 'keychain', 'file'] } as never,
          users: again.users!.map((one) => ({ ...one, state: 1 })) as never,
        })
      }
    })

    test('an administrator who logs the person out ends their command lines', async () => {
      const { device, tokens } = await loggedIn(app(), 'bob')
      await app().call('PUT', `/api/1/users/${IDS.bob}/logout`, { token: await app().token() })
      expect((await minted(device, tokens.access)).json.error).toBe('invalid_token')
    })

    test('taking a factor away ends them too', async () => {
      const { device, tokens } = await loggedIn(app(), 'ada')
      const { status } = await app().call('DELETE', `/api/1/users/${IDS.ada}/otp_devices/70`, {
        token: await app().token(),
      })
      expect(status).toBe(200)
      expect((await minted(device, tokens.access)).json.error).toBe('invalid_token')
      await change(company())
    })

    test('a lock by guessing elsewhere does not', async () => {
      const { device, tokens } = await loggedIn(app(), 'bob')
      await app()
        .ctx.db.updateTable('users')
        .set({ status: 3, lockedUntil: app().clock.now() + 60_000, lockReason: 'guessing' })
        .where('id', '=', IDS.bob)
        .execute()
      expect((await minted(device, tokens.access)).status).toBe(200)
      await app()
        .ctx.db.updateTable('users')
        .set({ status: 1, lockedUntil: null, lockReason: null })
        .where('id', '=', IDS.bob)
        .execute()
    })
  })

  describe('fresh sign-ins', () => {
    test('a role may ask for a sign-in that is not old, and says which', async () => {
      await change(withRole({ max_auth_age: 600 }))
      const { device, tokens } = await loggedIn(app(), 'bob')
      expect((await minted(device, tokens.access)).status).toBe(200)
      await app().advance(601)
      const { access } = tokensIn(app(), await refreshed(device, tokens.refresh))
      const { status, json, headers } = await minted(device, access)
      expect([status, json.error, json.max_age]).toEqual([401, 'insufficient_user_authentication', 600])
      expect(headers.get('www-authenticate')).toMatch(
        /^DPoP error="insufficient_user_authentication".*max_age="600"/,
      )
      const roles = (await device.broker('GET', '/broker/v1/aws/roles', access)).json.roles
      expect(roles[0].needs_login).toEqual({ max_age: 600 })
      await change(company())
    })

    test('a role may ask for a kind of factor', async () => {
      await change(withRole({ required_amr: ['hwk'] }))
      const { device, tokens } = await loggedIn(app(), 'ada')
      const { json } = await minted(device, tokens.access)
      expect([json.error, json.acr_values]).toEqual(['insufficient_user_authentication', 'hwk'])
      await change(withRole({ required_amr: ['mfa'] }))
      expect((await minted(device, tokens.access)).status).toBe(200)
      await change(company())
    })

    test('an app that asks for a factor asks it of command lines too', async () => {
      await change(withRole({}, { policy: { mfa: 'required' } }))
      const { device, tokens } = await loggedIn(app(), 'bob')
      const { json } = await minted(device, tokens.access)
      expect([json.error, json.acr_values]).toEqual(['insufficient_user_authentication', 'mfa'])
      await change(withRole({}, { policy: {} }))
    })

    test('who does not use a role for longer than it allows signs in again, however often they try', async () => {
      await change(withRole({ broker_idle_hours: 1 }))
      await change({
        users: [{ id: IDS.bob, email: 'bob@acme.test', roles: [10, 11, 12] }],
      })
      const { device, tokens } = await loggedIn(app(), 'bob')
      expect((await minted(device, tokens.access)).status).toBe(200)
      await app().advance(3700)
      const { access } = tokensIn(app(), await refreshed(device, tokens.refresh))
      for (let i = 0; i < 3; i++)
        expect((await minted(device, access)).json.error).toBe('insufficient_user_authentication')
      expect((await minted(device, access, { role_arn: ADMIN })).status).toBe(200)
      await change(company())
    })

    test('hours of a role hold for that role alone', async () => {
      await change(withRole({ broker_session_hours: 1 }))
      const { device, tokens } = await loggedIn(app(), 'bob')
      expect((await minted(device, tokens.access)).json.session_ends_at).toBe(
        new Date(Date.parse(tokens.session.auth_time) + 3_600_000).toISOString(),
      )
      await app().advance(3601)
      const { access } = tokensIn(app(), await refreshed(device, tokens.refresh))
      expect((await minted(device, access)).json.error).toBe('insufficient_user_authentication')
      expect((await device.broker('GET', '/broker/v1/session', access)).status).toBe(200)
      await change(company())
    })
  })

  test('who they are and which session goes along only where the role’s trust policy is ready for it', async () => {
    await change(withRole({ source_identity: true, session_tag: true }))
    const { device, tokens } = await loggedIn(app(), 'bob')
    const { json } = await minted(device, tokens.access)
    const xml = xmlOf(json.saml_response)
    expect(valuesOf(xml, 'SourceIdentity')).toEqual(['bob@acme.test'])
    expect(valuesOf(xml, 'PrincipalTag:BrokerSession')).toEqual([tokens.session.id])
    await change(withRole({}))
  })

  test('every mint and every refusal is an event that names the session, and holds no assertion', async () => {
    const { device, tokens } = await loggedIn(app(), 'bob')
    const [before, refusedBefore] = [(await events(78)).length, (await events(77)).length]
    const { json } = await minted(device, tokens.access)
    app().sink.learn(json.saml_response)
    const refused = await minted(device, tokens.access, { role_arn: ADMIN })
    expect((await events(78)).length).toBe(before + 1)
    expect((await events(77)).length).toBe(refusedBefore + 1)
    const rows = await app()
      .ctx.db.selectFrom('events')
      .select(['notes', 'requestId', 'clientId'])
      .where('eventTypeId', 'in', [77, 78])
      .orderBy('id', 'desc')
      .limit(2)
      .execute()
    expect(rows[0]!.requestId).toBe(refused.json.request_id)
    expect(rows[1]!.requestId).toBe(json.request_id)
    expect(rows[1]!.notes).toContain(`broker session ${tokens.session.id} on adas-laptop: ${DEV} for 3600 s`)
    expect(rows[1]!.clientId).toBe('doorward-cli')
  })

  test('a person sees their command lines at /account and ends one, or all', async () => {
    const first = await loggedIn(app(), 'bob')
    const second = await loggedIn(app(), 'bob')
    const page = await second.browser.tab().open(`${app().url}/account`)
    expect(page.text).toContain('Command lines')
    const ended = await page
      .form(`#command-lines form:has(button[value="${first.tokens.session.id}"])`)
      .submit('End')
    expect(ended.text).toContain('Command line signed out')
    expect((await minted(first.device, first.tokens.access)).json.error).toBe('invalid_token')
    expect((await minted(second.device, second.tokens.access)).status).toBe(200)
    const third = await loggedIn(app(), 'bob')
    const all = await (
      await third.browser.tab().open(`${app().url}/account`)
    )
      .form('#command-lines form.sheet-end')
      .submit('End all')
    expect(all.$('#command-lines')).toHaveLength(0)
    for (const { device, tokens } of [second, third])
      expect((await minted(device, tokens.access)).json.error).toBe('invalid_token')
  })

  test('nobody ends somebody else’s', async () => {
    const ada = await loggedIn(app(), 'ada')
    const bob = await loggedIn(app(), 'bob')
    const page = await bob.browser.tab().open(`${app().url}/account`)
    const told = await page.send('/account/command-lines/end', {
      _csrf: String(page.$('input[name=_csrf]').first().attr('value')),
      session: ada.tokens.session.id,
    })
    expect(told.text).toContain('signed out already')
    expect((await minted(ada.device, ada.tokens.access)).status).toBe(200)
  })

  test('a command line lists its person’s others, and ends itself or all of them', async () => {
    await app().call('PUT', `/api/1/users/${IDS.bob}/logout`, { token: await app().token() })
    const first = await loggedIn(app(), 'bob')
    const second = await loggedIn(app(), 'bob')
    const { sessions } = (await second.device.broker('GET', '/broker/v1/sessions', second.tokens.access)).json
    expect(sessions.map((one: { id: string; current: boolean }) => [one.id, one.current])).toEqual([
      [second.tokens.session.id, true],
      [first.tokens.session.id, false],
    ])
    await first.device.broker('DELETE', '/broker/v1/session', first.tokens.access)
    expect((await minted(first.device, first.tokens.access)).json.error).toBe('invalid_token')
    expect((await second.device.broker('DELETE', '/broker/v1/sessions', second.tokens.access)).json).toEqual({
      ended: 1,
    })
    expect((await minted(second.device, second.tokens.access)).json.error).toBe('invalid_token')
  })

  test('administrators list command lines and end one, or all of a person’s', async () => {
    await app().call('PUT', `/api/1/users/${IDS.bob}/logout`, { token: await app().token() })
    const [first, second, third] = [
      await loggedIn(app(), 'bob'),
      await loggedIn(app(), 'bob'),
      await loggedIn(app(), 'bob'),
    ]
    const token = await app().token()
    const list = async () =>
      (await app().call('GET', `/api/1/broker_sessions?user_id=${IDS.bob}`, { token })).json.data.flat()
    expect((await list()).map((one: { id: number }) => String(one.id))).toEqual(
      [first, second, third].map(({ tokens }) => tokens.session.id),
    )
    expect(
      (await app().call('DELETE', `/api/1/broker_sessions/${first.tokens.session.id}`, { token })).status,
    ).toBe(200)
    expect(
      (await app().call('DELETE', `/api/1/broker_sessions/${first.tokens.session.id}`, { token })).status,
    ).toBe(404)
    expect((await minted(first.device, first.tokens.access)).json.error).toBe('invalid_token')
    expect((await minted(second.device, second.tokens.access)).status).toBe(200)
    expect((await app().call('DELETE', `/api/1/users/${IDS.bob}/broker_sessions`, { token })).status).toBe(
      200,
    )
    expect(await list()).toEqual([])
    expect(
      (await app().call('GET', '/api/1/broker_sessions', { token: await app().token('Authentication Only') }))
        .status,
    ).toBe(401)
    expect(
      (await app().call('DELETE', '/api/1/broker_sessions/1', { token: await app().token('Read All') }))
        .status,
    ).toBe(401)
  })

  test('an app may shut the door by which programs get its samlAssertions for a password', async () => {
    const document = company()
    const [aws, ...others] = document.apps!
    const shut = { ...aws!, aws: { ...(aws as { aws: object }).aws, saml_assertion_api: false } } as never
    await change({ ...document, apps: [shut, ...others] })
    const body = {
      username_or_email: 'bob',
      password: 'bob-quiet-harbour-52',
      subdomain: 'acme',
      app_id: 500,
    }
    const { status, json } = await app().post('/api/1/saml_assertion', body, await app().token())
    expect([status, json.status.message]).toEqual([403, 'This app does not give samlAssertions to programs'])
    const { device, tokens } = await loggedIn(app(), 'bob')
    expect((await minted(device, tokens.access)).status).toBe(200)
    await change(document)
  })
})
