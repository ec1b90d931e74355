import { legacyKeyStoreSql } from '../../server/legacy/legacy-key-store-sql.ts'
import { movableClock } from '../support/clock.ts'
import { addPerson, STORE_ENGINES } from '../support/store-engines.ts'
import { legacyKeyStoreContract } from './legacy-key-store.contract.ts'

for (const [engine, openEmpty] of STORE_ENGINES)
  legacyKeyStoreContract(engine, async () => {
    const db = await openEmpty()
    return {
      store: legacyKeyStoreSql(db, movableClock().now),
      addPerson: (name) => addPerson(db, name),
      async removePerson(id) {
        await db.deleteFrom('users').where('id', '=', id).execute()
      },
    }
  })
