import { temporaryTokenStoreSql } from '../../server/factors/temporary-token-store-sql.ts'
import { addPerson, STORE_ENGINES } from '../support/store-engines.ts'
import { temporaryTokenStoreContract } from './temporary-token-store.contract.ts'

for (const [engine, openEmpty] of STORE_ENGINES) {
  temporaryTokenStoreContract(engine, async () => {
    const db = await openEmpty()
    const [ada, bob] = [await addPerson(db, 'ada'), await addPerson(db, 'bob')]
    return { store: temporaryTokenStoreSql(db), ada, bob }
  })
}
