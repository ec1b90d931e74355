import { accountStoreSql } from '../../server/directory/account-store-sql.ts'
import { STORE_ENGINES } from '../support/store-engines.ts'
import { accountStoreContract } from './account-store.contract.ts'

for (const [engine, openEmpty] of STORE_ENGINES) {
  accountStoreContract(engine, async ({ policy, brands, group, app }) => {
    const db = await openEmpty()
    const account = { id: 1, subdomain: 'acme', name: 'Acme', policy: JSON.stringify(policy), keyCheck: '' }
    await db.insertInto('account').values(account).execute()
    const rows = brands.map(({ name }, position) => ({
      name,
      position,
      settings: JSON.stringify({ name, title: name }),
    }))
    for (const row of rows.reverse()) await db.insertInto('brands').values(row).execute()
    const own = (rules?: object) => (rules ? JSON.stringify(rules) : null)
    await db
      .insertInto('groups')
      .values({ id: 1, name: 'Staff', policy: own(group) })
      .execute()
    const wiki = { id: 5, name: 'Wiki', connector: 'saml', visible: 1, settings: '{}' }
    await db
      .insertInto('apps')
      .values({ ...wiki, policy: own(app) })
      .execute()
    return accountStoreSql(db)
  })
}
