import { availableParallelism } from 'node:os'
import type { Config } from '../../server/config.ts'
import { documentStoreSql } from '../../server/directory/document-store-sql.ts'
import type { DocumentStore } from '../../server/directory/document-store.ts'
import { checkMasterKey } from '../../server/directory/key-check.ts'
import { systemClock, type Clock } from '../../server/platform/clock.ts'
import { openDatabase, type Database } from '../../server/platform/database/database.ts'
import { loadMasterKey } from '../../server/platform/master-key.ts'
import { passwordHasher, type PasswordHasher } from '../../server/platform/password-hash.ts'
import { systemRandom, type Random } from '../../server/platform/random.ts'
import { aesSealer, type Sealer } from '../../server/platform/sealing.ts'
import { workQueue } from '../../server/platform/work-queue.ts'

/** What a command needs to work on the directory without a server. */
export interface OpenDirectory {
  db: Database
  store: DocumentStore
  sealer: Sealer
  hasher: PasswordHasher
  clock: Clock
  random: Random
  close(): Promise<void>
}

/** Opens the database of the settings, once its master key is known to be the right one. */
export async function openDirectory(config: Config): Promise<OpenDirectory> {
  const random = systemRandom
  const key = loadMasterKey(config.MASTER_KEY, config.DATA_DIR, random)
  const sealer = aesSealer(key.derive('sealing'), random)
  // Nobody else waits here: all that a command hashes may stand in line.
  const queue = workQueue(availableParallelism(), Number.POSITIVE_INFINITY)
  const hasher = passwordHasher(key.derive('password-pepper'), queue)
  const db = await openDatabase(config.DATABASE_URL)
  try {
    await checkMasterKey(db, sealer)
  } catch (error) {
    await db.destroy()
    throw error
  }
  return {
    db,
    store: documentStoreSql(db),
    sealer,
    hasher,
    clock: systemClock,
    random,
    close: () => db.destroy(),
  }
}
