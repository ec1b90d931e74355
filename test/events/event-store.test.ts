import { eventStoreSql } from '../../server/events/event-store-sql.ts'
import { STORE_ENGINES } from '../support/store-engines.ts'
import { eventStoreContract } from './event-store.contract.ts'

for (const [engine, openEmpty] of STORE_ENGINES) {
  eventStoreContract(engine, async () => {
    let now = 0
    const store = eventStoreSql(await openEmpty(), () => now)
    return { store, at: (ms) => void (now = ms) }
  })
}
