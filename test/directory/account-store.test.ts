import { accountStoreSql } from '../../server/directory/account-store-sql.ts'
import { STORE_ENGINES } from '../support/store-engines.ts'
import { accountStoreContract } from './account-store.contract.ts'

for (const [engine, openEmpty] of STORE_ENGINES) {
  accountStoreContract(engine, async ({ policy, brands }) => {
    const db = await openEmpty()
    const account = { id: 1, subdomain: 'acme', name: 'Acme', policy: JSON.stringify(policy), keyCheck: '' }
    await db.insertInto('account').values(account).execute()
    const rows = brands.map(({ name }, position) => ({
      name,
      position,
      settings: JSON.stringify({ name, title: name }),
    }))
    for (const row of rows.reverse()) await db.insertInto('brands').values(row).execute()
    return accountStoreSql(db)
  })
}
