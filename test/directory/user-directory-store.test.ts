import { userDirectoryStoreSql } from '../../server/directory/user-directory-store-sql.ts'
import { STORE_ENGINES } from '../support/store-engines.ts'
import { userDirectoryStoreContract } from './user-directory-store.contract.ts'

for (const [engine, openEmpty] of STORE_ENGINES) {
  userDirectoryStoreContract(engine, async () => {
    const db = await openEmpty()
    const roles = [10, 11, 12].map((id) => ({ id, name: `role ${id}` }))
    await db.insertInto('roles').values(roles).execute()
    return {
      store: userDirectoryStoreSql(db),
      transact: (work) => db.transaction().execute((tx) => work(userDirectoryStoreSql(tx))),
    }
  })
}
