import { tokenStoreSql } from '../../server/oauth/token-store-sql.ts'
import type { Database } from '../../server/platform/database/database.ts'
import { STORE_ENGINES } from '../support/store-engines.ts'
import { tokenStoreContract } from './token-store.contract.ts'

async function addCredential(db: Database, name: string, enabled: number): Promise<number> {
  const row = { name, clientId: name, clientSecretHash: '', scope: 'Manage All', enabled, createdAt: 0 }
  return (await db.insertInto('apiCredentials').values(row).returning('id').executeTakeFirstOrThrow()).id
}

for (const [engine, openEmpty] of STORE_ENGINES) {
  tokenStoreContract(engine, async () => {
    const db = await openEmpty()
    return {
      store: tokenStoreSql(db),
      ci: await addCredential(db, 'ci', 1),
      other: await addCredential(db, 'other', 1),
      disabled: await addCredential(db, 'disabled', 0),
    }
  })
}
