import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { badRequest, credentials, learned, LOGIN, refusal, signIn } from '../signin/api-calls.ts'
import { inEveryWorld, startApp, type ApiReply, type TestApp } from '../support/app.ts'
import type { Tab } from '../support/html.ts'
import { IDS, PASSWORDS, type PersonName, type ScopeName } from '../support/people.ts'

const USERS = '/api/1/users'
const SUCCESS = { status: { error: false, code: 200, type: 'success', message: 'Success' } }
const invalid = (...reasons: string[]) =>
  refusal(422, 'Unprocessable Entity', `Validation failed: ${reasons.join(', ')}`)
const notFound = (id: number) => refusal(404, 'not found', `User for id ${id} was not found`)
const notAnAttribute = (name: string) =>
  badRequest({ description: `${name} is not a valid attribute for user model`, attribute: name })
const wrongType = (name: string, type: string) =>
  badRequest({ description: `${name} has incorrect data type. It should be -> ${type}`, attribute: name })

/** What tests do to a running app, with one token. */
function calls(app: () => TestApp, scope: ScopeName = 'Manage All') {
  let token: string | undefined
  const call = async (method: string, path: string, body?: unknown): Promise<ApiReply> => {
    token ??= await app().token(scope)
    return app().call(method, path, { token, ...(body !== undefined && { body }) })
  }
  return {
    get: (path: string) => call('GET', path),
    put: (path: string, body?: unknown) => call('PUT', `${USERS}/${path}`, body),
    create: (body: unknown) => call('POST', USERS, body),
    remove: (id: number) => call('DELETE', `${USERS}/${id}`),
    user: async (id: number) => (await call('GET', `${USERS}/${id}`)).json.data[0],
    call,
  }
}

/** A new person whose names nobody else has. */
let made = 0
const someone = (more: object = {}) => {
  made++
  return {
    firstname: 'New',
    lastname: 'Person',
    email: `new-${made}@acme.test`,
    username: `new-${made}`,
    ...more,
  }
}

describe('Managing people', () => {
  let running: TestApp
  const app = () => running
  const { get, put, create, remove, user, call } = calls(app)
  beforeAll(async () => {
    running = await startApp()
  })
  afterAll(() => running.close())
  const newId = async (more: object = {}): Promise<number> => (await create(someone(more))).json.data[0].id
  const lastEvent = async () => (await running.events()).at(-1)
  const eventsOf = async (id: number) =>
    (await running.events()).filter((event) => event.userId === id).map((event) => event.eventTypeId)

  describe('A new person', () => {
    test('is answered whole, in the order of the resource, with status 200', async () => {
      const given = someone({ company: 'Acme', custom_attributes: { branch_name: 'Oslo' }, group_id: 1 })
      const { status, json } = await create(given)
      expect(status).toBe(200)
      expect(json.status).toEqual(SUCCESS.status)
      const now = new Date(running.clock.now()).toISOString()
      const want = {
        activated_at: null,
        created_at: now,
        updated_at: now,
        last_login: null,
        invitation_sent_at: null,
        locked_until: null,
        password_changed_at: null,
        email: given.email,
        username: given.username,
        firstname: 'New',
        lastname: 'Person',
        group_id: 1,
        id: expect.any(Number),
        invalid_login_attempts: 0,
        comment: '',
        openid_name: '',
        locale_code: null,
        preferred_locale_code: null,
        phone: '',
        status: 7,
        distinguished_name: null,
        samaccountname: null,
        userprincipalname: null,
        member_of: null,
        external_id: null,
        directory_id: null,
        trusted_idp_id: null,
        manager_user_id: null,
        manager_ad_id: null,
        role_id: null,
        company: 'Acme',
        department: null,
        title: null,
        state: 1,
        custom_attributes: { branch_name: 'Oslo' },
      }
      expect(json.data).toEqual([want])
      expect(Object.keys(json.data[0] as object)).toEqual(Object.keys(want))
      expect(await user(json.data[0].id as number)).toEqual(json.data[0])
      expect(await lastEvent()).toMatchObject({ eventTypeId: 533, userId: json.data[0].id })
      expect(await running.letters()).toEqual([]) // no invitation is sent
    })

    test('is found by search at once, and by the new name after a change', async () => {
      const id = await newId({ firstname: 'Zebediah' })
      const found = async (term: string) => (await get(`${USERS}?search=${term}&fields=id`)).json.data
      expect(await found('zebed')).toEqual([{ id }])
      await put(String(id), { firstname: 'Quentin' })
      expect(await found('zebed')).toEqual([[]])
      expect(await found('quentin')).toEqual([{ id }])
    })

    test.each([
      ['firstname', { lastname: 'x', email: 'x@acme.test' }],
      ['lastname', { firstname: 'x', email: 'x@acme.test' }],
      ['lastname', { firstname: 'x', lastname: '  ', email: 'x@acme.test' }],
      ['firstname', {}],
    ])('needs a %s', async (name, body) => {
      const { json } = await create(body)
      expect(json).toEqual(badRequest(`${name} is an required attribute for post request for user`))
    })

    test('needs an email or a username', async () => {
      for (const more of [{}, { email: '', username: null }, { email: null, username: '  ' }]) {
        const { json } = await create({ firstname: 'A', lastname: 'B', ...more })
        expect(json).toEqual(invalid('Need at least an email or username'))
      }
    })

    test('has an email that is one', async () => {
      for (const email of ['x', 'a b@c', 'a@b\n', '@b', 'a@'])
        expect((await create(someone({ email }))).json).toEqual(invalid('Email is invalid'))
    })

    test('has names that nobody else signs in with, in whatever spelling and place', async () => {
      const taken: [object, object][] = [
        [{ email: 'ADA@acme.test' }, invalid('Email must be unique')],
        [{ username: ' Ada ' }, invalid('Username must be unique')],
        [
          { email: 'ada@acme.test', username: 'ada' },
          invalid('Email must be unique', 'Username must be unique'),
        ],
        [{ username: 'bob@acme.test' }, invalid('Username must be unique')], // somebody's e-mail
      ]
      for (const [more, want] of taken) expect((await create(someone(more))).json).toEqual(want)
    })

    test('is one person when twenty calls make them at once', async () => {
      const body = someone()
      const replies = await Promise.all(Array.from({ length: 20 }, () => create(body)))
      expect(replies.filter((reply) => reply.status === 200)).toHaveLength(1)
      for (const { status, json } of replies)
        if (status !== 200) expect(json).toEqual(invalid('Email must be unique', 'Username must be unique'))
    })

    test('cannot bring what nobody may set', async () => {
      const id = await newId({
        id: 9000,
        status: 1,
        state: 3,
        role_id: [10, 11],
        trusted_idp_id: 5,
        locked_until: '2031-01-01T00:00:00Z',
        last_login: '2001-01-01T00:00:00Z',
        created_at: '2001-01-01T00:00:00Z',
        invitation_sent_at: null,
        preferred_locale_code: 'de',
      })
      expect(id).not.toBe(9000)
      expect(await user(id)).toMatchObject({ status: 7, state: 1, role_id: null, trusted_idp_id: null })
      expect((await user(id)).last_login).toBeNull()
    })

    test.each([
      ['last', { last: 'x' }],
      ['password', { password: 'x' }],
      ['passwordHash', { passwordHash: 'x' }],
      ['sessionEpoch', { sessionEpoch: 0 }],
      ['__proto__', JSON.parse('{"__proto__": {"status": 1}}') as object],
      ['constructor', { constructor: { prototype: { status: 1 } } }],
      ['toString', { toString: 'x' }],
    ])('cannot bring %s, an attribute that there is not', async (name, more) => {
      const body = JSON.stringify({ ...someone(), email: `x-${name}@acme.test` }).replace(
        /}$/,
        `,${JSON.stringify(more).slice(1)}`,
      )
      expect((await create(body)).json).toEqual(notAnAttribute(name))
    })

    test.each([
      [{ firstname: 7 }, wrongType('firstname', 'string')],
      [{ lastname: ['x'] }, wrongType('lastname', 'string')],
      [{ email: { $ne: 1 } }, wrongType('email', 'string')],
      [{ external_id: 12 }, wrongType('external_id', 'string')],
      [{ group_id: 'one' }, wrongType('group_id', 'integer')],
      [{ group_id: 1.5 }, wrongType('group_id', 'integer')],
      [{ directory_id: true }, wrongType('directory_id', 'integer')],
      [{ custom_attributes: [] }, wrongType('custom_attributes', 'object')],
      [{ custom_attributes: { branch_name: {} } }, wrongType('branch_name', 'string')],
      [
        { custom_attributes: { shoe_size: '7' } },
        badRequest('input custom_attributes is not valid. Valid custom_attributes -> [branch_name ]'),
      ],
      [
        { comment: 'a\0b' },
        badRequest({ description: 'comment has characters that are not allowed', attribute: 'comment' }),
      ],
      [
        { title: 'x'.repeat(256) },
        badRequest({ description: 'title is too long. It may have 255 characters', attribute: 'title' }),
      ],
      [{ group_id: 99 }, invalid('Group must exist')],
    ])('cannot bring %j', async (more, want) => {
      expect((await create(someone(more))).json).toEqual(want)
    })

    test('may have numbers as text where OneLogin has numbers, and a manager id as number', async () => {
      const id = await newId({ group_id: '1', directory_id: '5', manager_ad_id: 77 })
      expect(await user(id)).toMatchObject({ group_id: 1, directory_id: 5, manager_ad_id: '77' })
    })
  })

  describe('A body', () => {
    test('that is no JSON object is refused', async () => {
      for (const body of ['{', '[]', '"text"', 'null'])
        expect((await create(body)).json).toEqual(badRequest('Input JSON is not valid'))
    })

    test('of another content type is refused', async () => {
      const token = await running.token()
      const { json } = await running.call('POST', USERS, {
        token,
        body: 'firstname=x',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      })
      expect(json.status.message).toMatch(/^Content Type is not specified or specified incorrectly\. /)
    })
  })

  describe('A person who changes', () => {
    test('keeps all that the call did not name', async () => {
      const id = await newId({ company: 'Acme', title: 'Chief' })
      const before = await user(id)
      await running.advance(60)
      const { status, json } = await put(String(id), { title: 'Boss', comment: 'new' })
      expect(status).toBe(200)
      expect(json.data).toEqual([
        { ...before, title: 'Boss', comment: 'new', updated_at: new Date(running.clock.now()).toISOString() },
      ])
      expect(await eventsOf(id)).toEqual([533, 529])
    })

    test('keeps what two calls at once say about different attributes', async () => {
      const id = await newId()
      const names = ['company', 'department', 'title', 'phone', 'external_id', 'openid_name', 'locale_code']
      await Promise.all(names.map((name) => put(String(id), { [name]: `${name}!` })))
      expect(await user(id)).toMatchObject(Object.fromEntries(names.map((name) => [name, `${name}!`])))
    })

    test('keeps custom attributes that two calls at once did not name', async () => {
      await running.ctx.db.insertInto('customAttributes').values({ name: 'skype', position: 9 }).execute()
      const id = await newId()
      const attributes = (body: object) => put(`${id}/set_custom_attributes`, { custom_attributes: body })
      const both = await Promise.all([attributes({ branch_name: 'Oslo' }), attributes({ skype: 'new' })])
      expect(both.map((reply) => reply.json)).toEqual([SUCCESS, SUCCESS])
      expect((await user(id)).custom_attributes).toEqual({ branch_name: 'Oslo', skype: 'new' })
      await attributes({ skype: '' })
      expect((await user(id)).custom_attributes).toEqual({ branch_name: 'Oslo', skype: '' })
      await running.ctx.db.deleteFrom('customAttributes').where('name', '=', 'skype').execute()
    })

    test('changes nothing, and has no event, when an SDK sends back what it holds', async () => {
      const id = await newId({ group_id: 1, custom_attributes: { branch_name: 'Oslo' } })
      const held = await user(id)
      await running.advance(60)
      const { status, json } = await put(String(id), held)
      expect([status, json.data]).toEqual([200, [held]])
      expect(await eventsOf(id)).toEqual([533])
    })

    test('leaves a group with null, and takes notes for comment', async () => {
      const id = await newId({ group_id: 1, notes: 'old' })
      expect((await user(id)).comment).toBe('old')
      await put(String(id), { group_id: null, notes: 'new' })
      expect(await user(id)).toMatchObject({ group_id: null, comment: 'new' })
      await put(String(id), { notes: 'one', comment: 'two' })
      expect((await user(id)).comment).toBe('two')
    })

    test('cannot take somebody else’s names, nor lose both', async () => {
      const id = await newId()
      expect((await put(String(id), { email: 'ada@acme.test' })).json).toEqual(
        invalid('Email must be unique'),
      )
      expect((await put(String(id), { username: 'bob@acme.test' })).json).toEqual(
        invalid('Username must be unique'),
      )
      expect((await put(String(id), { email: null, username: '' })).json).toEqual(
        invalid('Need at least an email or username'),
      )
      expect((await put(String(id), { email: '' })).status).toBe(200)
    })

    test('may spell their own names anew', async () => {
      const id = await newId()
      const { email } = await user(id)
      expect((await put(String(id), { email: email.toUpperCase() })).json.data[0].email).toBe(
        email.toUpperCase(),
      )
    })
  })

  describe('A person who is not there', () => {
    const OPERATIONS: [method: string, path: string, body?: object][] = [
      ['GET', ':id'],
      ['GET', ':id/apps'],
      ['GET', ':id/roles'],
      ['PUT', ':id', { title: 'x' }],
      ['PUT', ':id/add_roles', { role_id_array: [10] }],
      ['PUT', ':id/remove_roles', { role_id_array: [10] }],
      ['PUT', 'set_password_clear_text/:id', { password: 'x', password_confirmation: 'x' }],
      [
        'PUT',
        'set_password_using_salt/:id',
        {
          password: 'a'.repeat(64),
          password_confirmation: 'a'.repeat(64),
          password_algorithm: 'salt+sha256',
        },
      ],
      ['PUT', ':id/set_custom_attributes', { custom_attributes: { branch_name: 'x' } }],
      ['PUT', ':id/set_state', { state: 2 }],
      ['PUT', ':id/logout'],
      ['PUT', ':id/lock_user', { locked_until: 1 }],
      ['DELETE', ':id'],
    ]

    test.each(OPERATIONS)('is told by %s %s in OneLogin’s words', async (method, path, body) => {
      const reply = await call(method, `${USERS}/${path.replace(':id', '8888888')}`, body)
      expect([reply.status, reply.json]).toEqual([404, notFound(8888888)])
    })

    test.each(OPERATIONS)('cannot be named by %s %s with anything but an id', async (method, path, body) => {
      for (const id of ['ada', '-1', '1.5', '0', '1e3', '9'.repeat(20), '%27']) {
        const reply = await call(method, `${USERS}/${path.replace(':id', id)}`, body)
        expect([id, reply.json]).toEqual([
          id,
          badRequest({ description: 'ID is incorrect', attribute: 'id' }),
        ])
      }
    })
  })

  describe('Roles of a person', () => {
    const roles = async (id: number) => (await get(`${USERS}/${id}/roles`)).json.data
    const add = (id: number, ids: unknown) => put(`${id}/add_roles`, { role_id_array: ids })
    const take = (id: number, ids: unknown) => put(`${id}/remove_roles`, { role_id_array: ids })

    test('stand in the order in which they were added, and go one by one', async () => {
      const id = await newId()
      expect(await roles(id)).toEqual([[]])
      expect((await add(id, [12, 10])).json).toEqual(SUCCESS)
      expect((await add(id, [10, 11])).json).toEqual(SUCCESS) // one is new
      expect(await roles(id)).toEqual([[12, 10, 11]])
      expect((await user(id)).role_id).toEqual([12, 10, 11])
      expect((await take(id, [10])).json).toEqual(SUCCESS)
      expect(await roles(id)).toEqual([[12, 11]])
      expect(await eventsOf(id)).toEqual([533, 513, 513, 513, 514])
      expect((await get(`${USERS}/${id}/apps`)).json.data).toHaveLength(2)
    })

    test('are each added once by many calls at once', async () => {
      const id = await newId()
      const replies = await Promise.all(Array.from({ length: 10 }, () => add(id, [10, 11])))
      expect(replies.filter((reply) => reply.status === 200)).toHaveLength(1)
      expect(await roles(id)).toEqual([[10, 11]])
    })

    test('must be a list of ids that exist', async () => {
      const id = await newId()
      const positive = badRequest('role_id_array should be -> array of positive integers')
      const refused: [unknown, object][] = [
        [[0], positive],
        [['10'], positive],
        [[1.5], positive],
        [[-1], positive],
        [[null], positive],
        [10, wrongType('role_id_array', 'array')],
        ['10', wrongType('role_id_array', 'array')],
        [{ 0: 10 }, wrongType('role_id_array', 'array')],
        [[], badRequest('role_id_array is empty')],
        [[10, 99], badRequest('role_id_array should be a subset of -> [10, 11, 12]')],
      ]
      for (const [ids, want] of refused) {
        expect((await add(id, ids)).json).toEqual(want)
        expect((await take(id, ids)).json).toEqual(want)
      }
      expect((await put(`${id}/add_roles`, {})).json).toEqual(badRequest('role_id_array is empty'))
      expect((await put(`${id}/remove_roles`, {})).json).toEqual(badRequest('input parameters is empty'))
      expect(await roles(id)).toEqual([[]])
    })

    test('cannot be added or removed twice', async () => {
      const id = await newId()
      await add(id, [10])
      expect((await add(id, [10])).json).toEqual(
        badRequest('input role_id_array is already included as user roles'),
      )
      expect((await take(id, [11])).json).toEqual(
        badRequest('input role_id_array is not included as user roles'),
      )
    })
  })

  describe('Custom attributes', () => {
    test('must be ones that the account defines', async () => {
      const id = await newId()
      const set = async (body: object) => (await put(`${id}/set_custom_attributes`, body)).json
      const unknown = badRequest(
        'input custom_attributes is not valid. Valid custom_attributes -> [branch_name ]',
      )
      expect(await set({ custom_attributes: { skype: 'x' } })).toEqual(unknown)
      expect(await set({ custom_attributes: { branch_name: 'x', __x__: 'y' } })).toEqual(unknown)
      expect(await set({})).toEqual(badRequest('custom_attributes is empty'))
      expect(await set({ custom_attributes: {} })).toEqual(badRequest('custom_attributes is empty'))
      expect(await set({ custom_attributes: ['x'] })).toEqual(wrongType('custom_attributes', 'object'))
      expect((await user(id)).custom_attributes).toEqual({ branch_name: '' })
    })
  })

  describe('The state of a person', () => {
    const set = async (id: number, state: unknown) => (await put(`${id}/set_state`, { state })).json

    test('is set to one that there is and that is new', async () => {
      const id = await newId()
      expect(await set(id, 2)).toEqual(SUCCESS)
      expect((await user(id)).state).toBe(2)
      expect(await set(id, 2)).toEqual(badRequest('user is already in this state'))
      expect(await set(id, 4)).toEqual(badRequest('state is invalid'))
      expect(await set(id, '1')).toEqual(wrongType('state', 'integer'))
      expect(await set(id, 0.5)).toEqual(wrongType('state', 'integer'))
      expect((await put(`${id}/set_state`, {})).json.status.message).toMatch(
        /^state is an required attribute/,
      )
    })

    test('that is unlicensed ends by approval only, and only by its own call', async () => {
      const id = await newId()
      await set(id, 3)
      expect(await set(id, 0)).toEqual(badRequest('state is invalid'))
      expect((await put(String(id), { state: 1 })).json).toEqual(badRequest('state is invalid'))
      expect((await put(String(id), { state: 3, title: 'x' })).status).toBe(200)
      expect(await set(id, 1)).toEqual(SUCCESS)
      await put(String(id), { state: 0 })
      expect((await user(id)).state).toBe(0)
    })
  })

  describe('A password', () => {
    const login = async (name: string, password: string): Promise<number> => {
      running.sink.learn(password)
      const reply = await running.post(LOGIN, credentials(name, password), await running.token())
      return learned(running, reply).status
    }
    const clear = (id: number, password: unknown, more: object = {}) =>
      put(`set_password_clear_text/${id}`, { password, password_confirmation: password, ...more })
    const salted = (id: number, password: unknown, more: object = {}) =>
      put(`set_password_using_salt/${id}`, {
        password,
        password_confirmation: password,
        password_algorithm: 'salt+sha256',
        ...more,
      })
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

    test('in clear text lets a new person in', async () => {
      const id = await newId()
      const { username } = await user(id)
      expect((await clear(id, 'ambling-otters-19 €§')).json).toEqual(SUCCESS)
      expect(await login(username as string, 'ambling-otters-19 €§')).toBe(200)
      expect(await user(id)).toMatchObject({
        status: 1,
        password_changed_at: new Date(running.clock.now()).toISOString(),
        activated_at: expect.any(String),
      })
      expect(await eventsOf(id)).toContain(511)
    })

    test('with a salt lets a person in: the digest is of salt and password', async () => {
      const vectors: [salt: string, password: string, hex: string][] = [
        ['hello', 'password', 'b1c788abac15390de987ad17b65ac73c9b475d428a51f245c645a442fddd078b'],
        ['11xxxx1', 'P@33w0rd1', '9fb8dc1cdabee85d13f5b4ba680a5e71cb8c80e78e5ffe8c01b698fa39346006'],
      ]
      for (const [salt, password, hex] of vectors) {
        expect(sha256(salt + password)).toBe(hex)
        const id = await newId()
        const { username } = await user(id)
        expect((await salted(id, hex, { password_salt: salt })).json).toEqual(SUCCESS)
        const reply = await running.post(
          LOGIN,
          credentials(username as string, password),
          await running.token(),
        )
        expect(learned(running, reply).status).toBe(200)
        expect(await eventsOf(id)).toContain(510)
      }
    })

    test('with a blank salt is the digest of the bare password', async () => {
      for (const more of [{}, { password_salt: '' }, { password_salt: null }]) {
        const id = await newId()
        const { username } = await user(id)
        expect((await salted(id, sha256('wandering-herons-8'), more)).json).toEqual(SUCCESS)
        expect(await login(username as string, 'wandering-herons-8')).toBe(200)
      }
    })

    test('must be confirmed by the same', async () => {
      const id = await newId()
      const different = badRequest('password and password_confirmation must be same')
      const { json } = await clear(id, 'one', { password_confirmation: 'two' })
      expect(json).toEqual(different)
      const hex = 'a'.repeat(64)
      expect((await salted(id, hex, { password_confirmation: 'b'.repeat(64) })).json).toEqual(different)
    })

    test('must be there, be text and fit', async () => {
      const id = await newId()
      const missing = (name: string) =>
        badRequest(`${name} is an required attribute for put request for user`)
      expect((await clear(id, undefined)).json).toEqual(missing('password'))
      expect((await clear(id, '')).json).toEqual(missing('password'))
      expect((await clear(id, 'x', { password_confirmation: null })).json).toEqual(
        missing('password_confirmation'),
      )
      expect((await clear(id, 12345678)).json).toEqual(wrongType('password', 'string'))
      expect((await clear(id, ['x'])).json).toEqual(wrongType('password', 'string'))
      expect((await clear(id, 'x'.repeat(1025))).status).toBe(400)
      expect((await clear(id, 'x', { validate_policy: 'maybe' })).json).toEqual(
        wrongType('validate_policy', 'boolean'),
      )
      expect((await salted(id, 'not hex')).status).toBe(400)
      expect((await salted(id, 'a'.repeat(64), { password_algorithm: 'md5' })).status).toBe(400)
      expect((await salted(id, 'a'.repeat(64), { password_salt: 'x'.repeat(41) })).status).toBe(400)
      expect((await salted(id, 'a'.repeat(64), { password_salt: 7 })).status).toBe(400)
      expect((await user(id)).status).toBe(7)
    })

    test('is held against the policy only when asked for', async () => {
      const id = await newId()
      const short = invalid('Password is too short (minimum is 12 characters)')
      expect((await clear(id, 'short', { validate_policy: true })).json).toEqual(short)
      expect((await clear(id, 'short')).json).toEqual(SUCCESS)
      expect((await clear(id, 'long-enough-it-is', { validate_policy: true })).json).toEqual(SUCCESS)
    })

    test('does not let in who is suspended', async () => {
      await clear(IDS.eve, 'sidling-badgers-4')
      expect(await login('eve', 'sidling-badgers-4')).toBe(401)
      expect((await user(IDS.eve)).status).toBe(2)
    })
  })

  describe('A page of people', () => {
    test('goes on behind people who were deleted meanwhile', async () => {
      const tag = `gone-${made}`
      const ids = [1, 2, 3, 4].map(async (i) => newId({ external_id: tag, title: String(i) }))
      const all = (await Promise.all(ids)).sort((a, b) => a - b)
      const { json } = await get(`${USERS}?external_id=${tag}&limit=2`)
      await remove(all[1]!)
      const rest = await get(
        `${USERS}?external_id=${tag}&limit=2&after_cursor=${json.pagination.after_cursor}`,
      )
      expect(rest.json.data.map((item: { id: number }) => item.id)).toEqual(all.slice(2))
    })
  })
})

inEveryWorld((app) => {
  const { put, remove, user, create, get } = calls(app)
  const newPerson = async (password: string): Promise<{ id: number; username: string }> => {
    app().sink.learn(password)
    const { id, username } = (await create(someone())).json.data[0]
    await put(`set_password_clear_text/${id}`, { password, password_confirmation: password })
    return { id, username }
  }

  /** A browser in which this person is signed in. */
  async function signedIn(who: { username: string; password: string }): Promise<Tab> {
    const tab = app().browser().tab()
    const login = await tab.open(`${app().url}/login`)
    const page = await login.form().fill({ login: who.username, password: who.password }).submit()
    expect(page.url.href).toBe(`${app().url}/`)
    return tab
  }
  const isIn = async (tab: Tab) => (await tab.open(`${app().url}/`)).url.href === `${app().url}/`

  describe('A session ends', () => {
    const ENDINGS: [what: string, end: (id: number) => Promise<ApiReply>][] = [
      ['logged out by API', (id) => put(`${id}/logout`)],
      ['locked by API', (id) => put(`${id}/lock_user`, { locked_until: 5 })],
      ['deleted', (id) => remove(id)],
      [
        'given a new password',
        (id) => put(`set_password_clear_text/${id}`, { password: 'x', password_confirmation: 'x' }),
      ],
      ['rejected', (id) => put(`${id}/set_state`, { state: 2 })],
    ]
    test.each(ENDINGS)('when the person is %s', async (_what, end) => {
      const password = 'meandering-gulls-77'
      const { id, username } = await newPerson(password)
      const tab = await signedIn({ username, password })
      expect(await isIn(tab)).toBe(true)
      expect((await end(id)).json).toEqual(SUCCESS)
      expect(await isIn(tab)).toBe(false)
    })

    test('for good when the person is locked, also once the lock has passed', async () => {
      const password = 'patient-herons-22'
      const { id, username } = await newPerson(password)
      const tab = await signedIn({ username, password })
      await put(`${id}/lock_user`, { locked_until: 0 })
      await app().advance(31 * 60)
      expect(await isIn(tab)).toBe(false)
    })

    test('for nobody else', async () => {
      const tab = await signedIn({ username: 'bob', password: PASSWORDS.bob })
      const { id } = await newPerson('loitering-crows-31')
      await put(`${id}/logout`)
      expect(await isIn(tab)).toBe(true)
    })
  })

  describe('A half-done attempt ends', () => {
    test('when its person is logged out by API', async () => {
      const { json } = await signIn(app(), 'ada')
      expect(json.status.message).toBe('MFA is required for this user')
      await put(`${IDS.ada}/logout`)
      const answer = await app().post(
        '/api/1/login/verify_factor',
        { device_id: '70', state_token: json.data[0].state_token, otp_token: app().totp('ada') },
        await app().token(),
      )
      expect(answer.status).toBe(401)
    })
  })

  describe('A lock by API', () => {
    const lock = (id: number, body: object) => put(`${id}/lock_user`, body)

    test('lasts as long as it says, but no shorter than the policy’s, and is told', async () => {
      const { id, username } = await newPerson('stubborn-mules-60')
      expect((await lock(id, { locked_until: 5 })).json).toEqual(SUCCESS)
      const until = (minutes: number) => new Date(app().clock.now() + minutes * 60_000).toISOString()
      expect(await user(id)).toMatchObject({ status: 3, locked_until: until(30) })
      await lock(id, { locked_until: 0 })
      expect((await user(id)).locked_until).toBe(until(30))
      await lock(id, { locked_until: '90' })
      expect((await user(id)).locked_until).toBe(until(90))
      const login = async () =>
        learned(
          app(),
          await app().post(LOGIN, credentials(username, 'stubborn-mules-60'), await app().token()),
        )
      expect((await login()).json).toEqual(
        refusal(401, 'Unauthorized', 'User is locked. Access is unauthorized'),
      )
      await app().advance(91 * 60)
      expect((await login()).status).toBe(200)
      expect(await user(id)).toMatchObject({ status: 1, locked_until: null })
    })

    test('takes whole minutes only', async () => {
      const { id } = await newPerson('cautious-toads-12')
      const refused = badRequest('locked_until should be -> integer')
      for (const value of ['soon', -1, 1.5, null, [], {}, true, 1e30])
        expect([value, (await lock(id, { locked_until: value })).json]).toEqual([value, refused])
      expect((await lock(id, {})).json).toEqual(refused)
      expect((await lock(id, { locked_until: 999_999_999_999 })).json).toEqual(SUCCESS) // for good
    })
  })

  describe('Deleting a person', () => {
    test('takes their factors along and leaves nobody to sign in', async () => {
      const id = IDS.cy
      const counted = () =>
        app().ctx.db.selectFrom('authenticators').select('id').where('userId', '=', id).execute()
      expect(await counted()).toHaveLength(2)
      expect((await remove(id)).json).toEqual(SUCCESS)
      expect(await counted()).toEqual([])
      expect((await get(`${USERS}/${id}`)).json).toEqual(notFound(id))
      expect((await remove(id)).json).toEqual(notFound(id))
      expect((await signIn(app(), 'cy' satisfies PersonName)).status).toBe(401)
      expect((await get(`${USERS}?search=cy%20ross`)).json.data).toEqual([[]])
    })
  })
})
