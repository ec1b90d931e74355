import { userStoreSql } from '../../server/directory/user-store-sql.ts'
import { addPerson, STORE_ENGINES } from '../support/store-engines.ts'
import { userStoreContract } from './user-store.contract.ts'

for (const [engine, openEmpty] of STORE_ENGINES) {
  userStoreContract(engine, async () => {
    const db = await openEmpty()
    return {
      store: userStoreSql(db),
      ada: await addPerson(db, 'ada'),
      bob: await addPerson(db, 'bob'),
      async change(id, fields) {
        await db.updateTable('users').set(fields).where('id', '=', id).execute()
      },
    }
  })
}
