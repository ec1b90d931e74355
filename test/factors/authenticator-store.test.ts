import { expect, test } from 'vitest'
import { authenticatorStoreSql } from '../../server/factors/authenticator-store-sql.ts'
import { addPerson, STORE_ENGINES } from '../support/store-engines.ts'
import { authenticatorStoreContract } from './authenticator-store.contract.ts'

for (const [engine, openEmpty] of STORE_ENGINES) {
  authenticatorStoreContract(engine, async () => {
    const db = await openEmpty()
    const [ada, bob] = [await addPerson(db, 'ada'), await addPerson(db, 'bob')]
    return { store: authenticatorStoreSql(db), ada, bob }
  })

  test(`authenticator store, ${engine}: the default comes first, and a factor of a later version is not offered`, async () => {
    const db = await openEmpty()
    const userId = await addPerson(db, 'ada')
    const row = { userId, label: '', createdAt: 0 }
    await db
      .insertInto('authenticators')
      .values({ ...row, factor: 'email', isDefault: 0 })
      .execute()
    await db
      .insertInto('authenticators')
      .values({ ...row, factor: 'totp', isDefault: 1 })
      .execute()
    await db
      .insertInto('authenticators')
      .values({ ...row, factor: 'telepathy', isDefault: 0 })
      .execute()
    const offered = await authenticatorStoreSql(db).listForUser(userId)
    expect(offered.map(({ factor, active }) => [factor, active])).toEqual([
      ['totp', true],
      ['email', true],
    ])
  })
}
