import { groupStoreSql } from '../../server/directory/group-store-sql.ts'
import { STORE_ENGINES } from '../support/store-engines.ts'
import { groupStoreContract } from './group-store.contract.ts'

for (const [engine, openEmpty] of STORE_ENGINES) {
  groupStoreContract(engine, async () => {
    const db = await openEmpty()
    const groups = [
      { id: 1, name: 'Staff', reference: null },
      { id: 2, name: 'Guests', reference: 'g2' },
    ]
    await db.insertInto('groups').values(groups).execute()
    return groupStoreSql(db)
  })
}
