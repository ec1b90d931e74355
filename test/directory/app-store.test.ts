import { appStoreSql } from '../../server/directory/app-store-sql.ts'
import { STORE_ENGINES } from '../support/store-engines.ts'
import { appStoreContract } from './app-store.contract.ts'

const APPS = [
  { id: 1, name: 'Wiki', connector: 'saml', visible: 1, settings: '{"acs_url":"https://wiki.test/acs"}' },
  { id: 2, name: 'AWS', connector: 'aws', visible: 1, settings: '{}' },
  { id: 3, name: 'Empty', connector: 'saml', visible: 0, settings: '{}' },
]
const ASSIGNED = [
  { appId: 1, roleId: 10 },
  { appId: 1, roleId: 11 },
  { appId: 2, roleId: 10 },
]

for (const [engine, openEmpty] of STORE_ENGINES) {
  appStoreContract(engine, async () => {
    const db = await openEmpty()
    for (const id of [10, 11, 12])
      await db
        .insertInto('roles')
        .values({ id, name: `role ${id}` })
        .execute()
    await db.insertInto('apps').values(APPS).execute()
    await db.insertInto('appRoles').values(ASSIGNED).execute()
    return appStoreSql(db)
  })
}
