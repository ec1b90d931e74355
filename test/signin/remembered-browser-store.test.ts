import { rememberedBrowserStoreSql } from '../../server/signin/remembered-browser-store-sql.ts'
import { addPerson, STORE_ENGINES } from '../support/store-engines.ts'
import { rememberedBrowserStoreContract } from './remembered-browser-store.contract.ts'

for (const [engine, openEmpty] of STORE_ENGINES) {
  rememberedBrowserStoreContract(engine, async () => {
    const db = await openEmpty()
    const [ada, bob] = [await addPerson(db, 'ada'), await addPerson(db, 'bob')]
    return { store: rememberedBrowserStoreSql(db), ada, bob }
  })
}
