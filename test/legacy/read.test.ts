import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { field } from '../../server/legacy/xml-fields.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { company, IDS } from '../support/people.ts'
import { childrenOf, fieldsOf, LEGACY, legacyCall, legacyKeyOf, refusalIn, rootOf } from './legacy-calls.ts'

const FULL = [
  'activated-at', 'created-at', 'directory-id', 'distinguished-name', 'email', 'external-id', 'firstname', 'group-id', 'id',
  'invalid-login-attempts', 'invitation-sent-at', 'last-login', 'lastname', 'locale-code', 'locked-until', 'member-of', 'openid-name',
  'password-changed-at', 'phone', 'status', 'updated-at', 'username', 'company', 'department', 'title', 'samaccountname',
  'userprincipalname', 'roles',
] // prettier-ignore
const LISTED = ['distinguished-name', 'email', 'external-id', 'firstname', 'id', 'lastname', 'member-of', 'status', 'username'] // prettier-ignore

let app: TestApp
let key: string
const get = (path: string) => legacyCall(app, key, 'GET', path)
const idsIn = async (path: string) =>
  childrenOf(rootOf(await get(path))).map((user) => Number(fieldsOf(user).id))

beforeAll(async () => {
  app = await startApp({ env: LEGACY })
  key = await legacyKeyOf(app)
})
afterAll(() => app.close())

describe('GET /api/v3/users/:id.xml', () => {
  test('shows every element in the order that clients count, with nil for what is not there', async () => {
    const reply = await get(`/api/v3/users/${IDS.bob}.xml`)
    expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'application/xml; charset=utf-8'])
    const user = rootOf(reply)
    expect([user.tagName, childrenOf(user).map((child) => child.tagName)]).toEqual(['user', FULL])
    expect(childrenOf(user)[8]!.textContent).toBe(String(IDS.bob)) // OneLogin's own script takes the ninth for the id
    expect(fieldsOf(user)).toMatchObject({
      email: 'bob@acme.test',
      'created-at': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/),
      'group-id': null,
      'locked-until': null,
      status: '1',
    })
    const roles = childrenOf(childrenOf(user).at(-1)!).map(fieldsOf)
    expect(roles).toEqual([
      { id: '10', name: 'AWS developers' },
      { id: '12', name: 'Wiki readers' },
    ])
  })

  test.each([
    ['under every version', '/api/v1/users/8.xml'],
    ['under every version', '/api/v2/users/8'],
    ['without .xml', '/api/v3/users/8'],
    ['by username', '/api/v3/users/username/bob'],
    ['by username with .xml', '/api/v3/users/username/bob.xml'],
    ['by e-mail in place of the username', '/api/v2/users/username/Bob%40acme.test'],
    ['with a slash at the end', '/api/v3/users/8/'],
    ['with a doubled slash in front', '//api/v3/users/8.xml'],
  ])('answers the same %s: %s', async (_how, path) => {
    expect((await get(path)).text).toBe((await get('/api/v3/users/8.xml')).text)
  })

  test('shows custom attributes when asked', async () => {
    await legacyCall(
      app,
      key,
      'PUT',
      '/api/v3/users/9.xml',
      '<user><custom_attribute_branch_name>North</custom_attribute_branch_name></user>',
    )
    const shown = fieldsOf(rootOf(await get('/api/v3/users/9.xml?include_custom_attributes=true')))
    expect(shown.custom_attribute_branch_name).toBe('North')
    expect(fieldsOf(rootOf(await get('/api/v3/users/9.xml')))).not.toHaveProperty(
      'custom_attribute_branch_name',
    )
    const unset = fieldsOf(rootOf(await get('/api/v3/users/8.xml?include_custom_attributes=TRUE')))
    expect(unset.custom_attribute_branch_name).toBeNull()
  })

  test.each([
    ['/api/v3/users/11111.xml', "No user found by id '11111'"],
    ['/api/v3/users/x.xml', "No user found by id 'x'"],
    ['/api/v3/users/99999999999999999999.xml', "No user found by id '99999999999999999999'"],
    ['/api/v3/users/username/nobody', "No user found by username 'nobody'"],
    ['/api/v3/users/username/%3Cb%3E%5D%5D%3E', "No user found by username '<b>]]>'"],
  ])('says of %s that there is no such record', async (path, message) => {
    expect(refusalIn(await get(path))).toEqual([404, 'Record Not Found', message])
  })

  test('writes hostile values as text, and what XML cannot carry as blanks', () => {
    const hostile = 'a]]>&lt;<b attr="\'">\0\u0007\ud800\uffff é\n\r🙂&'
    const shown = 'a]]>&lt;<b attr="\'">     é\n\r🙂&'
    expect(rootOf({ text: field('title', hostile) }).textContent).toBe(shown)
  })
})

describe('GET /api/v3/users.xml', () => {
  test('lists people in short, in id order', async () => {
    const users = rootOf(await get('/api/v3/users.xml'))
    expect([users.tagName, users.getAttribute('type')]).toEqual(['users', 'array'])
    expect(childrenOf(users).map((user) => Number(fieldsOf(user).id))).toEqual(Object.values(IDS))
    expect(childrenOf(childrenOf(users)[0]!).map((child) => child.tagName)).toEqual(LISTED)
  })

  test('goes on behind from_id, filters by status, and adds custom attributes when asked', async () => {
    expect(await idsIn('/api/v3/users.xml?from_id=9')).toEqual([10, 11, 12])
    expect(await idsIn('/api/v3/users.xml?status=2')).toEqual([IDS.eve])
    expect(await idsIn('/api/v3/users.xml?status=2&from_id=11')).toEqual([])
    const [first] = childrenOf(rootOf(await get('/api/v3/users.xml?include_custom_attributes=true')))
    expect(Object.keys(fieldsOf(first!))).toEqual([...LISTED, 'custom_attribute_branch_name'])
  })

  test('counts pages of a hundred, up to an empty one', async () => {
    const users = Array.from({ length: 230 }, (_, i) => ({ email: `p${i}@acme.test` }))
    const crowd = await startApp({ env: LEGACY, document: { ...company(), users } })
    const crowdKey = await legacyKeyOf(crowd)
    const page = async (query: string) =>
      childrenOf(rootOf(await legacyCall(crowd, crowdKey, 'GET', `/api/v3/users.xml${query}`))).map(
        (user) => fieldsOf(user).id,
      )
    const pages = [await page(''), await page('?page=2'), await page('?page=3'), await page('?page=4')]
    expect(pages.map((ids) => ids.length)).toEqual([100, 100, 30, 0])
    expect(new Set(pages.flat()).size).toBe(230)
    expect(await page(`?from_id=${pages[0]!.at(-1)}`)).toEqual(pages[1])
    expect(await page(`?page=2&from_id=${pages[0]!.at(-1)}`)).toEqual(pages[2])
    await crowd.close()
  })

  test.each(['page=0', 'page=x', 'page=1e9', 'page=100001', 'from_id=-1', 'status=9', 'page=1&page=2'])(
    'refuses %s by name',
    async (query) => {
      const [status, title, message] = refusalIn(await get(`/api/v3/users.xml?${query}`))
      expect([status, title, message!.split(' ')[0]]).toEqual([400, 'Invalid Request', query.split('=')[0]])
    },
  )
})

describe('The other lists', () => {
  test('custom attributes, by type, label and name', async () => {
    const [attribute] = childrenOf(rootOf(await get('/api/v3/users/custom_attributes')))
    expect(['type', 'label', 'name'].map((name) => attribute!.getAttribute(name))).toEqual([
      'string',
      'branch_name',
      'branch_name',
    ])
  })

  test('roles, and one of them', async () => {
    const roles = rootOf(await get('/api/v1/roles.xml'))
    expect([roles.tagName, roles.getAttribute('type')]).toEqual(['roles', 'array'])
    expect(childrenOf(roles).map((role) => fieldsOf(role).id)).toEqual(['10', '11', '12'])
    expect((await get('/api/v1/roles/10.xml')).text).toBe(
      '<role><id>10</id><name>AWS developers</name></role>',
    )
    expect(refusalIn(await get('/api/v1/roles/476.xml'))).toEqual([
      404,
      'No such role',
      'No role found by id 476',
    ])
  })

  test('groups, and one of them', async () => {
    const group = '<group><id>1</id><name>Staff</name><reference nil="true"></reference></group>'
    expect((await get('/api/v1/groups.xml')).text).toBe(`<groups type="array">${group}</groups>`)
    expect((await get('/api/v1/groups/1.xml')).text).toBe(group)
    expect(refusalIn(await get('/api/v1/groups/2878.xml'))).toEqual([
      404,
      'No such group',
      "No Group found by Reference or ID '2878'",
    ])
  })

  test('the oldest users, each in full with role, type, notes and waiting apps', async () => {
    const [, bob] = childrenOf(rootOf(await get('/users.xml'))).map(fieldsOf)
    expect(bob).toMatchObject({
      email: 'bob@acme.test',
      notes: null,
      'pending-apps': null,
      'role-id': '10',
      'user-type': '0',
    })
    expect(fieldsOf(rootOf(await get('/users/8.xml')))).toEqual(bob)
    expect(refusalIn(await get('/users/4711.xml'))[0]).toBe(404)
  })
})
