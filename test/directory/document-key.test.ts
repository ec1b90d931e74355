import { expect, test } from 'vitest'
import { checkMasterKey } from '../../server/directory/key-check.ts'
import { masterKey } from '../../server/platform/master-key.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { aesSealer } from '../../server/platform/sealing.ts'
import { openDirectory } from './open-directory.ts'

test('a new database gets an account and knows its master key again', async () => {
  const { db, sealer } = await openDirectory()
  const row = await db.selectFrom('account').selectAll().executeTakeFirstOrThrow()
  expect(row).toMatchObject({ id: 1, subdomain: 'doorward', name: 'Doorward' })
  await checkMasterKey(db, sealer)
  expect(await db.selectFrom('account').selectAll().execute()).toEqual([row])
})

test('a database that was made with another master key says so and is left alone', async () => {
  const { db } = await openDirectory()
  const before = await db.selectFrom('account').selectAll().execute()
  const other = aesSealer(masterKey(Buffer.alloc(32, 8)).derive('sealing'), systemRandom)
  await expect(checkMasterKey(db, other)).rejects.toThrow(
    /made with another master key\. Set MASTER_KEY .* DATA_DIR/,
  )
  expect(await db.selectFrom('account').selectAll().execute()).toEqual(before)
})

test('a key check that was changed is not taken for our key', async () => {
  const { db, sealer } = await openDirectory()
  await db
    .updateTable('account')
    .set({ keyCheck: sealer.seal('doorward', 'elsewhere') })
    .execute()
  await expect(checkMasterKey(db, sealer)).rejects.toThrow('another master key')
})

test('secrets whose rows were swapped are refused, not handed out', async () => {
  const directory = await openDirectory()
  const secrets = ['A', 'B'].map((letter) => letter.repeat(32))
  await directory.import({
    users: secrets.map((secret, i) => ({
      id: i + 1,
      username: `u${i}`,
      factors: [{ id: i + 1, type: 'totp', secret }],
    })),
  })
  const [a, b] = await directory.db.selectFrom('authenticators').selectAll().orderBy('id').execute()
  const swap = (id: number, sealedSecret: string | null) =>
    directory.db.updateTable('authenticators').set({ sealedSecret }).where('id', '=', id).execute()
  await swap(1, b!.sealedSecret)
  await swap(2, a!.sealedSecret)
  await expect(directory.export()).rejects.toThrow('The secret of factor 1 does not open')
})
