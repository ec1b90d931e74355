import { describe, expect, test } from 'vitest'
import type { UserDirectoryStore } from '../../server/directory/user-directory-store.ts'
import {
  LoginTaken,
  type NewUser,
  type TakenLogin,
  type UserColumn,
} from '../../server/directory/user-record.ts'
import type { ListQuery } from '../../server/platform/listing.ts'

/** An empty directory with roles 10, 11 and 12, and a way to run `work` in a transaction. */
export interface OpenedDirectory {
  store: UserDirectoryStore
  transact: <T>(work: (store: UserDirectoryStore) => Promise<T>) => Promise<T>
}

const person = (name: string, more: Partial<NewUser> = {}): NewUser => ({
  email: `${name}@acme.test`,
  username: name,
  firstname: name,
  lastname: 'Person',
  status: 1,
  state: 1,
  createdAt: 1000,
  updatedAt: 1000,
  ...more,
})

const query = (more: Partial<ListQuery<UserColumn>> = {}): ListQuery<UserColumn> => ({
  where: [],
  search: undefined,
  sort: { column: 'id', descending: false },
  limit: 50,
  from: undefined,
  ...more,
})

/** What every `UserDirectoryStore` must do. */
export function userDirectoryStoreContract(name: string, open: () => Promise<OpenedDirectory>) {
  describe(`user directory store, ${name}`, () => {
    const held = async ({ store }: OpenedDirectory, id: number) => (await store.hold(id))!

    test('keeps a new person whole, with a session epoch that nobody had before', async () => {
      const opened = await open()
      const id = await opened.store.create(person('ada', { customAttributes: { branch: 'Oslo' } }))
      expect(await opened.store.hold(id)).toMatchObject({
        id,
        email: 'ada@acme.test',
        roleIds: [],
        customAttributes: { branch: 'Oslo' },
        sessionEpoch: 1000,
      })
      expect(await opened.store.hold(id + 1)).toBeUndefined()
    })

    test('lists of people only those whom a reach covers, by name or by role, page by page', async () => {
      const opened = await open()
      const ids: number[] = []
      for (const name of ['ada', 'bob', 'cy', 'dee', 'eve']) ids.push(await opened.store.create(person(name)))
      const [ada, bob, cy, dee, eve] = ids as [number, number, number, number, number]
      await opened.store.addRoles(bob, [10])
      await opened.store.addRoles(dee, [10, 11])
      await opened.store.addRoles(eve, [12])
      const reach = { ids: [String(ada), String(bob), 'nobody', '99999999999999999999'], roleIds: [10, 11] }
      const listed = async (more: Partial<ListQuery<UserColumn>>, within = reach) =>
        (await opened.store.list(query(more), within)).items.map(({ id }) => id)
      expect(await listed({})).toEqual([ada, bob, dee])
      expect(await listed({ sort: { column: 'emailKey', descending: true } })).toEqual([dee, bob, ada])
      expect(await listed({ search: 'cy' })).toEqual([])
      expect(await listed({}, { ids: [], roleIds: [] })).toEqual([])
      const first = await opened.store.list(query({ limit: 2 }), reach)
      const from = { ...first.after!, direction: 'after' as const }
      expect(await listed({ limit: 2, from })).toEqual([dee])
      expect((await opened.store.list(query(), 'everything')).items.map(({ id }) => id)).toContain(cy)
    })

    test('writes the given columns and no others', async () => {
      const opened = await open()
      const id = await opened.store.create(person('ada', { company: 'Acme' }))
      const before = await held(opened, id)
      await opened.store.update(id, { title: 'Chief', email: 'Countess@acme.test' })
      expect(await held(opened, id)).toEqual({ ...before, title: 'Chief', email: 'Countess@acme.test' })
      await opened.store.update(id, {})
      expect((await held(opened, id)).title).toBe('Chief')
    })

    test('refuses names that somebody has, in every spelling, and says which', async () => {
      const { store, transact } = await open()
      const ada = await store.create(person('ada'))
      const bob = await store.create(person('bob'))
      const taken = (login: { email?: string; username?: string }, except?: number) =>
        store.takenLogins(login, except)
      expect(await taken({ email: 'ADA@acme.test', username: 'zoe' })).toEqual(['email'])
      expect(await taken({ email: 'zoe@acme.test', username: 'Ada@Acme.test' })).toEqual(['username'])
      expect(await taken({ email: 'ada@acme.test', username: 'ada' })).toEqual(['email', 'username'])
      expect(await taken({ email: 'ada@acme.test', username: 'ada' }, ada)).toEqual([])
      expect(await taken({ email: '', username: '' })).toEqual([])
      const refusals: [Parameters<typeof transact>[0], TakenLogin[]][] = [
        [(inner) => inner.create(person('zoe', { email: 'Ada@acme.test' })), ['email']],
        [(inner) => inner.create(person('zoe', { username: ' BOB@acme.test' })), ['username']],
        [(inner) => inner.create(person('ADA')), ['email', 'username']],
        [(inner) => inner.update(bob, { username: 'ADA' }), ['username']],
        [(inner) => inner.update(bob, { email: 'ada' }), ['email']],
      ]
      for (const [work, names] of refusals) {
        const refused: unknown = await transact(work).catch((error: unknown) => error)
        expect(refused).toBeInstanceOf(LoginTaken)
        expect(refused).toMatchObject({ taken: names })
      }
      expect((await store.list(query())).items).toHaveLength(2)
    })

    test('gives a name to somebody else once its owner has let go of it', async () => {
      const { store, transact } = await open()
      const ada = await store.create(person('ada'))
      const bob = await store.create(person('bob'))
      await transact((inner) => inner.update(ada, { username: 'countess', email: 'countess' }))
      await transact((inner) => inner.update(bob, { username: 'ada@acme.test', email: 'ada' }))
      await store.remove(bob)
      expect(await store.takenLogins({ email: 'ada', username: 'ada@acme.test' })).toEqual([])
      expect(await transact((inner) => inner.create(person('ada')))).toBeGreaterThan(bob)
    })

    test("of twenty racing people, one gets a name that is some's e-mail and others' username", async () => {
      const opened = await open()
      const called = (i: number) =>
        person(`p${i}`, i % 2 ? { email: 'x@acme.test' } : { username: 'x@acme.test' })
      const ids: number[] = []
      for (let i = 0; i < 10; i++) ids.push(await opened.store.create(person(`q${i}`)))
      const calls = ids.flatMap((id, i) => [
        opened.transact((store) => store.create(called(i))),
        opened.transact((store) =>
          store.update(id, i % 2 ? { email: 'X@acme.test' } : { username: 'X@acme.test' }),
        ),
      ])
      const results = await Promise.allSettled(calls)
      const refused = results.flatMap((result) =>
        result.status === 'rejected' ? [result.reason as unknown] : [],
      )
      expect(refused).toHaveLength(19)
      for (const error of refused) expect(error).toBeInstanceOf(LoginTaken)
    })

    test('lets many people have no e-mail', async () => {
      const { store } = await open()
      await store.create(person('ada', { email: '' }))
      await store.create(person('bob', { email: '' }))
      expect((await store.list(query())).items).toHaveLength(2)
    })

    test('makes one person of twenty calls at once', async () => {
      const opened = await open()
      const calls = Array.from({ length: 20 }, () =>
        opened.transact((store) => store.create(person('ada'))).catch((error: unknown) => error),
      )
      const results = await Promise.all(calls)
      expect(results.filter((result) => typeof result === 'number')).toHaveLength(1)
      expect(results.filter((result) => result instanceof LoginTaken)).toHaveLength(19)
    })

    test('lets one transaction at a time hold a person', async () => {
      const opened = await open()
      const id = await opened.store.create(person('ada', { comment: '' }))
      const append = (text: string) =>
        opened.transact(async (store) => {
          const { comment } = (await store.hold(id))!
          await store.update(id, { comment: `${comment ?? ''}${text}` })
        })
      await Promise.all(Array.from('abcdefgh').map(append))
      const { comment } = await held(opened, id)
      expect(
        Array.from(comment ?? '')
          .sort()
          .join(''),
      ).toBe('abcdefgh')
    })

    test('keeps roles in the order in which they came, each once', async () => {
      const opened = await open()
      const id = await opened.store.create(person('ada'))
      await opened.store.addRoles(id, [12, 10, 12])
      await opened.store.addRoles(id, [10, 11])
      await opened.store.addRoles(id, [])
      expect((await held(opened, id)).roleIds).toEqual([12, 10, 11])
      await opened.store.removeRoles(id, [10, 99])
      await opened.store.removeRoles(id, [])
      expect((await held(opened, id)).roleIds).toEqual([12, 11])
    })

    test('ends sessions by raising the epoch, every time', async () => {
      const opened = await open()
      const id = await opened.store.create(person('ada'))
      const { sessionEpoch } = await held(opened, id)
      await Promise.all([opened.store.endSessions(id), opened.store.endSessions(id)])
      expect((await held(opened, id)).sessionEpoch).toBe(sessionEpoch + 2)
    })

    test('finds people by the beginning of their names, as these are now', async () => {
      const { store } = await open()
      const ada = await store.create(person('ada', { firstname: 'Ada', lastname: 'Byron' }))
      const bob = await store.create(person('Ödön', { firstname: 'Ödön', lastname: 'von Horváth' }))
      const found = async (search: string) =>
        (await store.list(query({ search }))).items.map((user) => user.id)
      expect(await found('ADA b')).toEqual([ada])
      expect(await found('byr')).toEqual([ada])
      expect(await found('ÖDÖN')).toEqual([bob])
      expect(await found('von h')).toEqual([bob])
      expect(await found('orv')).toEqual([])
      await store.update(ada, { lastname: 'Lovelace' })
      expect([await found('byr'), await found('lovelace')]).toEqual([[], [ada]])
      await store.remove(ada)
      expect(await found('lovelace')).toEqual([])
    })

    test('tells the places before and after a page', async () => {
      const { store } = await open()
      const ids: number[] = []
      for (const each of ['a', 'b', 'c', 'd', 'e']) ids.push(await store.create(person(each)))
      const sort = { column: 'lastname', descending: true } as const // all the same: ids tell them apart
      const page = async (from?: ListQuery<UserColumn>['from']) => {
        const { items, before, after } = await store.list(query({ sort, limit: 2, from }))
        return { ids: items.map((user) => user.id), before: before?.id, after: after?.id }
      }
      const [a, b, c, d, e] = ids as [number, number, number, number, number]
      const key = 'Person'
      expect(await page()).toEqual({ ids: [e, d], before: undefined, after: d })
      expect(await page({ key, id: d, direction: 'after' })).toEqual({ ids: [c, b], before: c, after: b })
      expect(await page({ key, id: b, direction: 'after' })).toEqual({
        ids: [a],
        before: a,
        after: undefined,
      })
      expect(await page({ key, id: a, direction: 'before' })).toEqual({ ids: [c, b], before: c, after: b })
      expect(await page({ key, id: c, direction: 'before' })).toEqual({
        ids: [e, d],
        before: undefined,
        after: d,
      })
    })
  })
}
