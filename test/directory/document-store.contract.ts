import { describe, expect, onTestFinished, test } from 'vitest'
import type { DirectoryWriter, DocumentStore } from '../../server/directory/document-store.ts'
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
    expect(snapshot.logins).toEqual([
      { id: 3, emailKey: null, usernameKey: 'b' },
      { id: 7, emailKey: null, usernameKey: 'a' },
    ])
    expect(snapshot.factors.map((row) => [row.id, row.userId])).toEqual([
      [70, 7],
      [71, 7],
    ])
    expect(people.map((one) => [one.row.id, one.roleIds, one.authenticators.map((row) => row.id)])).toEqual([
      [3, [], []],
      [7, [11, 12, 10], [70, 71]],
    ])
  })

  test('people gives thousands in id order', async () => {
    const store = await open()
    const ids = Array.from({ length: 2500 }, (_, i) => i + 1)
    await store.write(async (rows) => {
      for (const id of ids) {
        await rows.insert('users', { ...person, ...times, id, username: `u${id}`, usernameKey: `u${id}` })
      }
    })
    const people = await store.read((rows) => rows.people(ids.toReversed()))
    expect(people.map((one) => one.row.id)).toEqual(ids)
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
