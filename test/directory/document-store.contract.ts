import { describe, expect, onTestFinished, test } from 'vitest'
import type { Claim, DirectoryWriter, DocumentStore } from '../../server/directory/document-store.ts'
import type { Database } from '../../server/platform/database/database.ts'

/** One engine under test: an empty directory with an account. */
export interface DocumentEngine {
  open(): Promise<{ store: DocumentStore; db: Database }>
}

const person = {
  email: '',
  username: 'a',
  usernameKey: 'a',
  firstname: '',
  lastname: '',
  status: 1,
  state: 1,
}
const times = { createdAt: 1, updatedAt: 1 }
const factor = { factor: 'totp', label: 'Phone', isDefault: 0, createdAt: 1 }

/** What every `DocumentStore` promises. */
export function documentStoreContract(name: string, engine: DocumentEngine): void {
  const open = async () => {
    const { store, db } = await engine.open()
    onTestFinished(() => db.destroy().catch(() => undefined))
    return store
  }
  describe(`document store, ${name}`, () => {
    keepsRows(open)
    tellsConflicts(open)
    worksInOnePiece(open)
  })
}

type Open = () => Promise<DocumentStore>

async function fill(rows: DirectoryWriter): Promise<void> {
  for (const id of [12, 10, 11]) await rows.insert('roles', { id, name: `role ${id}` })
  await rows.insert('users', { ...person, ...times, id: 7 })
  await rows.insert('users', { ...person, ...times, id: 3, username: 'b', usernameKey: 'b' })
  await rows.setRoles('user', 7, [11, 12, 10])
  await rows.insert('authenticators', { ...factor, id: 71, userId: 7 })
  await rows.insert('authenticators', { ...factor, id: 70, userId: 7 })
}

function keepsRows(open: Open) {
  test('insert keeps a given id, and otherwise gives one that nobody ever had', async () => {
    const store = await open()
    const ids = await store.write(async (rows) => {
      const given = await rows.insert('roles', { id: 50, name: 'a' })
      const next = await rows.insert('roles', { name: 'b' })
      return [given, next]
    })
    expect(ids[0]).toBe(50)
    expect(ids[1]).toBeGreaterThan(50)
  })

  test('snapshot lists in id order, people and roles in the order given', async () => {
    const store = await open()
    await store.write(fill)
    const [snapshot, people] = await store.read(async (rows) => [
      await rows.snapshot(),
      await rows.people([7, 3, 99]),
    ])
    expect(snapshot.roles.map((role) => role.id)).toEqual([10, 11, 12])
    expect(people.map((one) => [one.row.id, one.roleIds, one.authenticators.map((row) => row.id)])).toEqual([
      [3, [], []],
      [7, [11, 12, 10], [70, 71]],
    ])
  })

  test('logins and factors find by any of their names, and each once', async () => {
    const store = await open()
    await store.write(fill)
    const [logins, nobody, factors, none] = await store.read(async (rows) => [
      await rows.logins({ ids: [3, 7, 99], emailKeys: ['a'], usernameKeys: ['a', 'z'] }),
      await rows.logins({ ids: [], emailKeys: [], usernameKeys: [] }),
      await rows.factors({ ids: [71, 99], userIds: [3, 7] }),
      await rows.factors({ ids: [], userIds: [3] }),
    ])
    expect(logins.sort((a, b) => a.id - b.id)).toEqual([
      { id: 3, emailKey: null, usernameKey: 'b' },
      { id: 7, emailKey: null, usernameKey: 'a' },
    ])
    expect(factors.map((row) => [row.id, row.userId])).toEqual([
      [70, 7],
      [71, 7],
    ])
    expect([nobody, none]).toEqual([[], []])
  })

  test('peopleAfter gives page after page in id order, and countPeople how many there are', async () => {
    const store = await open()
    await store.write(fill)
    const [first, second, third, count] = await store.read(async (rows) => [
      await rows.peopleAfter(0, 1),
      await rows.peopleAfter(3, 1),
      await rows.peopleAfter(7, 1),
      await rows.countPeople(),
    ])
    expect([first, second, third].map((page) => page.map(({ row, roleIds }) => [row.id, roleIds]))).toEqual([
      [[3, []]],
      [[7, [11, 12, 10]]],
      [],
    ])
    expect(count).toBe(2)
  })

  test('people gives thousands in id order', async () => {
    const store = await open()
    const ids = Array.from({ length: 2500 }, (_, i) => i + 1)
    const rowOf = (id: number) => ({ ...person, ...times, id, username: `u${id}`, usernameKey: `u${id}` })
    await store.write((rows) =>
      rows.addPeople(ids.map((id) => ({ row: rowOf(id), roleIds: [], authenticators: [] }))),
    )
    const people = await store.read((rows) => rows.people(ids.toReversed()))
    expect(people.map((one) => one.row.id)).toEqual(ids)
  })

  test('newIds gives ids that nobody ever had, in order, above those to keep free', async () => {
    const store = await open()
    const drawn = await store.write(async (rows) => {
      const [first, none] = [await rows.newIds('users', 2), await rows.newIds('users', 0)]
      await rows.keepIdsAbove('users', 500)
      await rows.keepIdsAbove('users', 40) // never backwards
      const second = await rows.newIds('users', 3)
      const id = await rows.insert('users', { ...person, ...times })
      return { first, none, second, id }
    })
    expect([drawn.first[1], drawn.none]).toEqual([drawn.first[0]! + 1, []])
    expect(drawn.second[0]).toBeGreaterThan(500)
    expect(drawn.second).toEqual([0, 1, 2].map((i) => drawn.second[0]! + i))
    expect(drawn.id).toBeGreaterThan(drawn.second[2]!)
  })

  test('addPeople adds people with all that is theirs, and they are found by it', async () => {
    const store = await open()
    const people = Array.from({ length: 300 }, (_, i) => ({
      row: { ...person, ...times, id: 1000 + i, username: `u${i}`, usernameKey: `u${i}`, title: null },
      roleIds: i === 0 ? [12, 10] : [],
      authenticators: i < 2 ? [{ ...factor, id: 70 + i, userId: 1000 + i }] : [],
    }))
    await store.write(async (rows) => {
      for (const id of [10, 12]) await rows.insert('roles', { id, name: `role ${id}` })
      await rows.addPeople(people)
      await rows.addAuthenticators([{ ...factor, id: 90, userId: 1000 }])
      await rows.addPeople([])
    })
    const [page, count] = await store.read(async (rows) => [
      await rows.people([1000, 1001]),
      await rows.countPeople(),
    ])
    expect(page.map((one) => [one.roleIds, one.authenticators.map((row) => row.id)])).toEqual([
      [
        [12, 10],
        [70, 90],
      ],
      [[], [71]],
    ])
    expect(count).toBe(300)
  })

  test('setRoles replaces, removeAuthenticators removes, update changes the given columns', async () => {
    const store = await open()
    await store.write(fill)
    await store.write(async (rows) => {
      await rows.setRoles('user', 7, [10])
      await rows.removeAuthenticators([71])
      await rows.update('users', 7, { title: 'Boss' })
      await rows.update('users', 7, {})
      const app = await rows.insert('apps', { name: 'Wiki', connector: 'saml', visible: 1, settings: '{}' })
      await rows.setRoles('app', app, [12, 10])
    })
    const [one] = await store.read((rows) => rows.people([7]))
    expect(one).toMatchObject({ roleIds: [10], row: { title: 'Boss', username: 'a' } })
    expect(one!.authenticators.map((row) => row.id)).toEqual([70])
    const { apps } = await store.read((rows) => rows.snapshot())
    expect(apps.map((app) => app.roleIds)).toEqual([[10, 12]])
  })

  test('brands and attributes stay where they were first put', async () => {
    const store = await open()
    await store.write(async (rows) => {
      for (const name of ['z', 'a']) await rows.addCustomAttribute(name)
      for (const name of ['z', 'a', 'z']) await rows.putBrand(name, `{"of":"${name}"}`)
      await rows.putBrand('z', '{}')
    })
    const { brands, customAttributes } = await store.read((rows) => rows.snapshot())
    expect(customAttributes).toEqual(['z', 'a'])
    expect(brands.map((brand) => [brand.name, brand.settings])).toEqual([
      ['z', '{}'],
      ['a', '{"of":"a"}'],
    ])
  })
}

const login = (value: string, owner: number, place = '.email') => ({
  what: 'login' as const,
  value,
  owner,
  place,
})
const id = (value: number, owner: number) => ({
  what: 'id' as const,
  value: String(value),
  owner,
  place: '.id',
})

function tellsConflicts(open: Open) {
  const conflicts = async (store: DocumentStore, claims: Claim[], limit = 10) =>
    store.read(async (rows) => {
      const all = await rows.claims()
      await all.add(claims)
      const { first, count } = await all.conflicts(limit)
      return { first: first.map(({ claim, first: by }) => [claim.owner, claim.value, by]), count }
    })

  test('claims of one owner, or of different things, are no conflict', async () => {
    const store = await open()
    const claims = [login('1', 0), login('1', 0, '.username'), id(1, 0), id(2, 64), login('2', 64)]
    expect(await conflicts(store, claims)).toEqual({ first: [], count: 0 })
    expect(await conflicts(store, [])).toEqual({ first: [], count: 0 })
  })

  test('every later owner of the same thing is a conflict with the first of them', async () => {
    const store = await open()
    const claims = [login('x', 128), login('x', 64), login('x', 192), login('y', 64), id(1, 64), id(1, 128)]
    expect(await conflicts(store, claims)).toEqual({
      first: [
        [128, 'x', { owner: 64 }],
        [128, '1', { owner: 64 }],
        [192, 'x', { owner: 64 }],
      ],
      count: 3,
    })
    expect(await conflicts(store, claims, 1)).toEqual({ first: [[128, 'x', { owner: 64 }]], count: 3 })
  })

  test('a name of somebody in the directory is a conflict, unless their own id is claimed', async () => {
    const store = await open()
    await store.write(fill)
    expect(await conflicts(store, [login('a', 0), login('b', 64, '.username'), id(3, 64)])).toEqual({
      first: [[0, 'a', { userId: 7 }]],
      count: 1,
    })
    expect(await conflicts(store, [login('a', 0), id(7, 64), login('z', 64)])).toEqual({
      first: [],
      count: 0,
    })
  })

  test('claims hold no lock: others write meanwhile', async () => {
    const store = await open()
    await conflicts(store, [login('a', 0)])
    await store.write(fill)
    expect((await conflicts(store, [login('a', 0)])).count).toBe(1)
  })
}

function worksInOnePiece(open: Open) {
  test('write keeps nothing of what throws', async () => {
    const store = await open()
    const failed = store.write(async (rows) => {
      await fill(rows)
      throw new Error('no')
    })
    await expect(failed).rejects.toThrow('no')
    expect(await store.isEmpty()).toBe(true)
    expect((await store.read((rows) => rows.snapshot())).roles).toEqual([])
  })

  test('isEmpty tells an account alone from anything more', async () => {
    const store = await open()
    expect(await store.isEmpty()).toBe(true)
    const inside = await store.write(async (rows) => {
      const before = await rows.isEmpty()
      await rows.putBrand('a', '{}')
      return [before, await rows.isEmpty()]
    })
    expect(inside).toEqual([true, false])
    expect(await store.isEmpty()).toBe(false)
  })

  test('of writes that look before they change, each sees what the one before it did', async () => {
    const store = await open()
    const addNext = () =>
      store.write(async (rows) => {
        const { roles } = await rows.snapshot()
        await rows.insert('roles', { id: roles.length + 1, name: `role ${roles.length + 1}` })
      })
    await Promise.all(Array.from({ length: 10 }, addNext))
    expect((await store.read((rows) => rows.snapshot())).roles).toHaveLength(10)
  })
}
