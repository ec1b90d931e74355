import { privilegesStoreSql } from '../../server/directory/privileges-store-sql.ts'
import { addPerson, STORE_ENGINES } from '../support/store-engines.ts'
import { privilegesStoreContract } from './privileges-store.contract.ts'

for (const [engine, openEmpty] of STORE_ENGINES) {
  privilegesStoreContract(engine, async () => {
    const db = await openEmpty()
    const addRole = async (name: string) =>
      (await db.insertInto('roles').values({ name }).returning('id').executeTakeFirstOrThrow()).id
    const [ada, bob] = [await addPerson(db, 'ada'), await addPerson(db, 'bob')]
    const [role, otherRole] = [await addRole('one'), await addRole('two')]
    await db.insertInto('userRoles').values({ userId: ada, roleId: role, position: 0 }).execute()
    return {
      store: privilegesStoreSql(db),
      ada,
      bob,
      role,
      otherRole,
      async deleteUser(id) {
        await db.deleteFrom('users').where('id', '=', id).execute()
      },
    }
  })
}
