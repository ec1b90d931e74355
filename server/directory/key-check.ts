import type { Database } from '../platform/database/database.ts'
import type { Sealer } from '../platform/sealing.ts'
import { policySchema } from './policy.ts'

const PLACE = 'account:key-check'
const CONSTANT = 'doorward'
const ACCOUNT_ID = 1

/**
 * Makes sure that this database was made with our master key; a database without an account is given one and is from
 * then on bound to the key. Nothing that is sealed must be read or written before.
 */
export async function checkMasterKey(db: Database, sealer: Sealer): Promise<void> {
  await db
    .insertInto('account')
    .values({
      id: ACCOUNT_ID,
      subdomain: 'doorward',
      name: 'Doorward',
      policy: JSON.stringify(policySchema.parse({})),
      keyCheck: sealer.seal(CONSTANT, PLACE),
    })
    .onConflict((conflict) => conflict.column('id').doNothing()) // another process may be first
    .execute()
  const { keyCheck } = await db
    .selectFrom('account')
    .select('keyCheck')
    .where('id', '=', ACCOUNT_ID)
    .executeTakeFirstOrThrow()
  if (!opens(sealer, keyCheck)) {
    throw new Error(
      'This database was made with another master key. Set MASTER_KEY to that key, or put the master.key that ' +
        'belongs to it into DATA_DIR; with any other key nobody could sign in.',
    )
  }
}

function opens(sealer: Sealer, keyCheck: string): boolean {
  try {
    return sealer.open(keyCheck, PLACE) === CONSTANT
  } catch {
    return false
  }
}
