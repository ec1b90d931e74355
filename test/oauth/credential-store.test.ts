import { credentialStoreSql } from '../../server/oauth/credential-store-sql.ts'
import { movableClock } from '../support/clock.ts'
import { STORE_ENGINES } from '../support/store-engines.ts'
import { credentialStoreContract } from './credential-store.contract.ts'

for (const [engine, openEmpty] of STORE_ENGINES)
  credentialStoreContract(engine, async () => credentialStoreSql(await openEmpty(), movableClock().now))
