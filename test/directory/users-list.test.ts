import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { badRequest } from '../signin/api-calls.ts'
import { startApp, type ApiReply, type TestApp } from '../support/app.ts'
import { crowd } from '../support/crowd.ts'
import { IDS } from '../support/people.ts'
import { freshDatabaseUrl } from '../support/postgres.ts'

const CROWD = 120
const EVERYBODY = CROWD + Object.keys(IDS).length
const USERS = '/api/1/users'

const notAnAttribute = (name: string) =>
  badRequest({ description: `${name} is not a valid attribute for user model`, attribute: name })
const wrongType = (name: string, type: string) =>
  badRequest({ description: `${name} has incorrect data type. It should be -> ${type}`, attribute: name })

describe.each(['SQLite', 'PostgreSQL'])('%s', (engine) => {
  let app: TestApp
  let token: string
  beforeAll(async () => {
    const env: Record<string, string> = engine === 'SQLite' ? {} : { DATABASE_URL: await freshDatabaseUrl() }
    app = await startApp({ document: crowd(CROWD), env })
    token = await app.token('Read Users')
  })
  afterAll(() => app.close())

  const get = async (query: string, path = USERS): Promise<ApiReply> =>
    app.call('GET', `${path}?${query}`, { token })
  const idsOf = ({ json }: ApiReply): number[] => json.data.flat().map((item: { id: number }) => item.id)

  /** Every page from the first to the last, by the links that the answers hold. */
  async function walk(query: string, link = 'next_link'): Promise<{ pages: number[][]; last: ApiReply }> {
    const pages: number[][] = []
    let reply = await get(query)
    for (;;) {
      expect(reply.status).toBe(200)
      pages.push(idsOf(reply))
      const next: string | null = reply.json.pagination[link]
      if (next === null) return { pages, last: reply }
      const { pathname, search } = new URL(next)
      reply = await get(search.slice(1), pathname)
    }
  }

  /** From the last page back to the first; each page in the order of the list. */
  async function walkBack(query: string): Promise<number[]> {
    let reply = (await walk(query)).last
    const pages = [idsOf(reply)]
    while (reply.json.pagination.previous_link !== null) {
      const { pathname, search } = new URL(reply.json.pagination.previous_link as string)
      reply = await get(search.slice(1), pathname)
      pages.unshift(idsOf(reply))
    }
    return pages.flat()
  }

  describe('The list of people', () => {
    test('visits each of 126 people once, forwards and backwards, 50 at a time', async () => {
      const { pages } = await walk('')
      expect(pages.map((page) => page.length)).toEqual([50, 50, 26])
      const all = pages.flat()
      expect(new Set(all).size).toBe(EVERYBODY)
      expect(all).toEqual(all.toSorted((a, b) => a - b))
      expect(await walkBack('')).toEqual(all)
    })

    test.each(['id', 'email', 'username', 'firstname', 'lastname', 'created_at', 'updated_at', 'last_login'])(
      'sorted by %s visits each person once, both ways, and falling is rising turned around',
      async (name) => {
        const rising = (await walk(`sort=%2B${name}&limit=17`)).pages.flat()
        expect(rising.length).toBe(EVERYBODY)
        expect(new Set(rising).size).toBe(EVERYBODY)
        expect(await walkBack(`sort=${name}&limit=17`)).toEqual(rising)
        expect((await walk(`sort=-${name}&limit=17`)).pages.flat()).toEqual(rising.toReversed())
        expect((await walk(`sort=+${name}&limit=50`)).pages.flat()).toEqual(rising) // the plus of a form: a blank
      },
    )

    test('answers with all four keys of pagination, absolute links and a Link header', async () => {
      const first = await get('limit=10&email=*%40crowd.test&fields=email')
      const { pagination } = first.json
      expect(Object.keys(pagination as object)).toEqual([
        'before_cursor',
        'after_cursor',
        'previous_link',
        'next_link',
      ])
      expect(pagination.before_cursor).toBeNull()
      expect(pagination.after_cursor).toMatch(/^[\w-]+$/)
      const next = new URL(pagination.next_link as string)
      expect(next.host).toMatch(/^127\.0\.0\.1:\d+$/) // as the client said, not as PUBLIC_URL is
      expect(Object.fromEntries(next.searchParams)).toEqual({
        email: '*@crowd.test',
        fields: 'email',
        limit: '10',
        after_cursor: pagination.after_cursor,
      })
      expect(first.headers.get('link')).toBe(`<${next.href}>; rel="next"`)
      const second = await get(next.search.slice(1))
      const previous = second.json.pagination.previous_link as string
      expect(second.headers.get('link')).toContain(`<${previous}>; rel="prev"`)
      expect(idsOf(await get(new URL(previous).search.slice(1)))).toEqual(idsOf(first))
    })

    test('has an empty Link header and no cursors where one page is all', async () => {
      const { headers, json } = await get('id=7,8')
      expect(headers.get('link')).toBe('')
      expect(json.pagination).toEqual({
        before_cursor: null,
        after_cursor: null,
        previous_link: null,
        next_link: null,
      })
    })

    test('tells an empty list as an array that holds an empty array', async () => {
      expect((await get('email=nobody@acme.test')).json.data).toEqual([[]])
    })
  })

  const person = (i: number) => 1001 + i
  const crowdWhere = (is: (i: number) => boolean) =>
    Array.from({ length: CROWD }, (_, i) => i)
      .filter(is)
      .map(person)
  const { ada, bob, cy, dee, eve, gus } = IDS

  const FILTERS: [query: string, want: () => number[]][] = [
    ['email=ADA@acme.test', () => [ada]],
    ['email=person.1@crowd.TEST', () => [person(1)]],
    ['email=*%40ACME.test', () => [ada, bob, cy, dee, eve, gus]],
    ['email=a*', () => [ada]],
    ['email=*d*e*%40acme*', () => [dee]],
    ['email=ada_acme.test', () => []],
    ['email=%25', () => []],
    ['email=ad__acme*', () => []],
    ['email=*%25*', () => []],
    ['email=*%5C*', () => []],
    ['email=!*', () => crowdWhere((i) => i % 5 === 0)],
    ['email=!*%40crowd.test', () => [ada, bob, cy, dee, eve, gus, ...crowdWhere((i) => i % 5 === 0)]],
    ['username=ADA', () => [ada]],
    ['username=person-11*', () => [person(11), ...crowdWhere((i) => i >= 110 && i < 120)]],
    ['firstname=Cleo', () => crowdWhere((i) => i % 5 === 2)],
    ['firstname=cleo', () => []],
    ['firstname=cl*', () => crowdWhere((i) => i % 5 === 2)],
    ['firstname=*leo', () => crowdWhere((i) => i % 5 === 2)],
    ['lastname=Green', () => crowdWhere((i) => i % 7 === 6)],
    ['firstname=Ann&lastname=Adams', () => crowdWhere((i) => i % 35 === 0)],
    ['id=7', () => [ada]],
    ['id=9,7, 8', () => [ada, bob, cy]],
    ['id=7&id=9', () => [ada, cy]],
    ['role_id=11', () => []],
    ['role_id=10', () => [ada, bob, eve, ...crowdWhere((i) => i % 3 === 0)]],
    ['role_id=!10', () => [cy, dee, gus, ...crowdWhere((i) => i % 3 !== 0)]],
    ['status=2', () => [eve]],
    ['group_id=1', () => crowdWhere((i) => i % 4 === 0)],
    ['directory_id=5', () => crowdWhere((i) => i % 2 === 0)],
    ['external_id=ext-3', () => crowdWhere((i) => i % 10 === 3)],
    ['manager_ad_id=77', () => crowdWhere((i) => i % 2 === 0)],
    ['samaccountname=sam-4', () => [person(4)]],
    ['userprincipalname=upn-1', () => crowdWhere((i) => i % 4 === 1)],
    ['since=2029-12-31T23:59:59.999Z', () => [ada, bob, cy, dee, eve, gus]],
    ['since=2030-01-01T00:00:00.000Z', () => []],
    ['until=2029-06-02T00:00:00.000Z', () => crowdWhere((i) => i % 28 === 0)],
    ['since=2029-06-01T23:00:00+01:00&until=2029-06-03', () => crowdWhere((i) => i % 28 === 1)],
    ['search=ADA@', () => [ada]],
    ['search=ADA%20by', () => [ada]],
    ['search=byron', () => [ada]],
    ['search=person-119', () => [person(119)]],
    ['search=green', () => crowdWhere((i) => i % 7 === 6)],
    ['search=acme', () => []],
    ['search=%25', () => []],
    ['colour=blue', () => [ada, bob, cy, dee, eve, gus, ...crowdWhere(() => true)]],
    ['email=', () => [ada, bob, cy, dee, eve, gus, ...crowdWhere(() => true)]],
  ]

  describe('A filter of people', () => {
    test.each(FILTERS)('%s finds whom it should, page by page', async (query, want) => {
      const all = (await walk(`${query}&limit=25`)).pages.flat()
      expect(all.length).toBe(new Set(all).size)
      expect(all.toSorted((a, b) => a - b)).toEqual(want().toSorted((a, b) => a - b))
      expect(await walkBack(`${query}&limit=25`)).toEqual(all)
    })

    test('shows a person once who is found by several names', async () => {
      const found = (await walk('search=person&limit=9')).pages.flat()
      expect(found.length).toBe(CROWD)
      expect(new Set(found).size).toBe(CROWD)
    })

    test('keeps its hold while pages are sorted by something else', async () => {
      const { pages } = await walk('role_id=10&sort=-email&limit=10')
      expect(pages.flat().toSorted((a, b) => a - b)).toEqual([
        ada,
        bob,
        eve,
        ...crowdWhere((i) => i % 3 === 0),
      ])
    })
  })

  describe('What a list of people does not take', () => {
    const REFUSED: [query: string, refusal: object][] = [
      ['limit=0', wrongType('limit', 'positive integer')],
      ['limit=-3', wrongType('limit', 'positive integer')],
      ['limit=ten', wrongType('limit', 'positive integer')],
      ['limit=1e9', wrongType('limit', 'positive integer')],
      ['limit=5&limit=6', badRequest({ description: 'limit should be given once', attribute: 'limit' })],
      ['email=a&email=b', badRequest({ description: 'email should be given once', attribute: 'email' })],
      ['sort=shoe_size', notAnAttribute('shoe_size')],
      ['sort=comment', notAnAttribute('comment')],
      ['sort=email,id', notAnAttribute('email,id')],
      ['sort=constructor', notAnAttribute('constructor')],
      ['fields=email,last', notAnAttribute('last')],
      ['fields=passwordHash', notAnAttribute('passwordHash')],
      ['fields=__proto__', notAnAttribute('__proto__')],
      ['id=seven', wrongType('id', 'integer')],
      ['id=7;8', wrongType('id', 'integer')],
      ['directory_id=*', wrongType('directory_id', 'integer')],
      ['role_id=10,11', wrongType('role_id', 'integer')],
      ['since=yesterday', wrongType('since', 'datetime in ISO 8601 format')],
      ['until=2029-13-01', wrongType('until', 'datetime in ISO 8601 format')],
      [
        'email=a%00',
        badRequest({ description: 'email has characters that are not allowed', attribute: 'email' }),
      ],
      ['email=*a*b*c*d*e*f', badRequest({ description: 'email may have 5 wildcards', attribute: 'email' })],
      [
        'search=a&sort=email',
        badRequest({ description: 'sort cannot be given beside search', attribute: 'sort' }),
      ],
    ]
    test.each(REFUSED)('%s is refused', async (query, refusal) => {
      const { status, json } = await get(query)
      expect([status, json]).toEqual([400, refusal])
    })

    test('a limit above 50 is 50', async () => {
      expect(idsOf(await get('limit=1000'))).toHaveLength(50)
      expect(idsOf(await get(`limit=${'9'.repeat(400)}`))).toHaveLength(50)
    })

    test('more ids than a query may name', async () => {
      const { status } = await get(`id=${Array.from({ length: 501 }, (_, i) => i + 1).join(',')}`)
      expect(status).toBe(400)
    })
  })

  describe('A cursor', () => {
    const refused = (name: string) => badRequest({ description: `${name} is incorrect`, attribute: name })
    const cursorOf = async (query: string): Promise<string> =>
      (await get(query)).json.pagination.after_cursor as string

    test('that is empty begins at the first page', async () => {
      expect(idsOf(await get('limit=2&after_cursor='))).toEqual([ada, bob])
      expect(idsOf(await get('limit=2&before_cursor=&after_cursor='))).toEqual([ada, bob])
    })

    test('goes on whatever the limit and fields of the next page are', async () => {
      const cursor = await cursorOf('limit=2')
      expect(idsOf(await get(`limit=3&fields=email&after_cursor=${cursor}`))).toEqual([cy, dee, eve])
    })

    test('of another query is refused', async () => {
      const cursor = await cursorOf('limit=2&role_id=10')
      for (const query of ['', 'role_id=12', 'role_id=!10', 'role_id=10&sort=email', 'role_id=10&status=1'])
        expect((await get(`${query}&after_cursor=${cursor}`)).json).toEqual(refused('after_cursor'))
      const ofRoles = (await get('limit=1', '/api/1/roles')).json.pagination.after_cursor as string
      expect((await get(`after_cursor=${ofRoles}`)).json).toEqual(refused('after_cursor'))
    })

    test('of the other direction is refused', async () => {
      const cursor = await cursorOf('limit=2')
      expect((await get(`limit=2&before_cursor=${cursor}`)).json).toEqual(refused('before_cursor'))
    })

    test('beside one of the other direction is refused', async () => {
      const cursor = await cursorOf('limit=2')
      const { json } = await get(`limit=2&after_cursor=${cursor}&before_cursor=${cursor}`)
      const description = 'before_cursor cannot be given beside after_cursor'
      expect(json).toEqual(badRequest({ description, attribute: 'before_cursor' }))
    })

    test('that is broken, foreign or forged is refused and never a fault', async () => {
      const cursor = await cursorOf('limit=2')
      const [digest] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as string[]
      const forged = (...content: unknown[]) => Buffer.from(JSON.stringify(content)).toString('base64url')
      const broken = [
        'x',
        '7',
        'W10',
        '!!!!',
        "' or 1=1 --",
        cursor.slice(0, -3),
        `${cursor}A`,
        'A'.repeat(9000),
        forged(digest, 'after', 'text', 8),
        forged(digest, 'after', 8, 'text'),
        forged(digest, 'after', 8, -1),
        forged(digest, 'after', 1e300, 8),
        forged(digest, 'after', null, 8),
        forged(digest, 'aside', 8, 8),
        forged(digest, 'after', 8, 8, 8),
        forged(digest, 'after', { $ne: 1 }, 8),
      ]
      for (const text of broken) {
        const { status, json } = await get(`limit=2&after_cursor=${encodeURIComponent(text)}`)
        expect([text, status, json]).toEqual([text, 400, refused('after_cursor')])
      }
      const byName = await cursorOf('limit=2&sort=email')
      const [nameDigest] = JSON.parse(Buffer.from(byName, 'base64url').toString()) as string[]
      for (const key of ['\0', '\ud800', 8])
        expect(
          (await get(`limit=2&sort=email&after_cursor=${forged(nameDigest, 'after', key, 8)}`)).json,
        ).toEqual(refused('after_cursor'))
    })
  })

  describe('Fields', () => {
    test('cut the resource down, with the id always and blanks allowed', async () => {
      const { json } = await get('id=7&fields=email, username ,status,')
      expect(json.data).toEqual([{ email: 'ada@acme.test', username: 'ada', id: 7, status: 1 }])
    })
  })

  describe('A link', () => {
    test('leads nowhere else when the Host is forged', async () => {
      const { json } = await app.call('GET', '//api/1/users?limit=1', {
        token,
        headers: { 'x-forwarded-host': 'evil.test' },
      })
      expect(new URL(json.pagination.next_link as string).pathname).toBe(USERS)
      expect(json.pagination.next_link).not.toContain('evil')
    })
  })
})
