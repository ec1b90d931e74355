import { roleStoreSql } from '../../server/directory/role-store-sql.ts'
import { addPerson, STORE_ENGINES } from '../support/store-engines.ts'
import { roleStoreContract } from './role-store.contract.ts'

for (const [engine, openEmpty] of STORE_ENGINES) {
  roleStoreContract(engine, async () => {
    const db = await openEmpty()
    for (const name of ['ada', 'bob']) await addPerson(db, name)
    const apps = ['Wiki', 'AWS'].map((name) => ({ name, connector: 'saml', visible: 1, settings: '{}' }))
    await db.insertInto('apps').values(apps).execute()
    return {
      store: roleStoreSql(db),
      async hold(userId, roleId) {
        await db.insertInto('userRoles').values({ userId, roleId, position: 0 }).execute()
      },
    }
  })
}
