import { brokerSessionStoreSql } from '../../server/broker/broker-session-store-sql.ts'
import { addPerson, STORE_ENGINES } from '../support/store-engines.ts'
import { brokerSessionStoreContract } from './broker-session-store.contract.ts'

for (const [engine, openEmpty] of STORE_ENGINES) {
  brokerSessionStoreContract(engine, async () => {
    const db = await openEmpty()
    const [ada, bob] = [await addPerson(db, 'ada'), await addPerson(db, 'bob')]
    const remove = async (id: number) => {
      await db.deleteFrom('users').where('id', '=', id).execute()
    }
    return { store: brokerSessionStoreSql(db), ada, bob, remove }
  })
}
