import { passwordLinkStoreSql } from '../../server/directory/password-link-store-sql.ts'
import { addPerson, STORE_ENGINES } from '../support/store-engines.ts'
import { passwordLinkStoreContract } from './password-link-store.contract.ts'

for (const [engine, openEmpty] of STORE_ENGINES) {
  passwordLinkStoreContract(engine, async () => {
    const db = await openEmpty()
    const [ada, bob] = [await addPerson(db, 'ada'), await addPerson(db, 'bob')]
    return { store: passwordLinkStoreSql(db), ada, bob }
  })
}
