import { tmpdir } from 'node:os'
import { onTestFinished } from 'vitest'
import { documentStoreSql } from '../../server/directory/document-store-sql.ts'
import type { DirectoryDocument } from '../../server/directory/document.ts'
import { exportDocument } from '../../server/directory/export-document.ts'
import { importDocument, type ImportSummary } from '../../server/directory/import-document.ts'
import { checkMasterKey } from '../../server/directory/key-check.ts'
import { openDatabase } from '../../server/platform/database/database.ts'
import { masterKey } from '../../server/platform/master-key.ts'
import { passwordHasher } from '../../server/platform/password-hash.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { aesSealer } from '../../server/platform/sealing.ts'
import { spoolsIn } from '../../server/platform/spool.ts'
import { workQueue } from '../../server/platform/work-queue.ts'
import { movableClock } from '../support/clock.ts'

const KEY = Buffer.alloc(32, 7)

/** An empty directory, in memory unless told otherwise, bound to `key`, and what works on it. */
export async function openDirectory(key = KEY, url = 'sqlite::memory:') {
  const clock = movableClock()
  const master = masterKey(key)
  const sealer = aesSealer(master.derive('sealing'), systemRandom)
  const cost = { memoryCost: 64, timeCost: 1, parallelism: 1 }
  const hasher = passwordHasher(master.derive('password-pepper'), workQueue(2, 1000), cost)
  const db = await openDatabase(url)
  onTestFinished(() => db.destroy().catch(() => undefined))
  await checkMasterKey(db, sealer)
  const store = documentStoreSql(db)
  const openSpool = spoolsIn(tmpdir(), systemRandom)
  const deps = { store, sealer, hasher, clock: clock.now, openSpool }
  return {
    ...deps,
    db,
    movable: clock,
    import: (document: DirectoryDocument | string): Promise<ImportSummary> =>
      importDocument(deps, [typeof document === 'string' ? document : JSON.stringify(document)]),
    export: () => exportedDirectory(deps),
    exportText: () => exportedText(deps),
    user: (id: number) => db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
  }
}

type ExportDeps = Parameters<typeof exportDocument>[0]

/** What `doorward export` writes. */
export async function exportedText(deps: ExportDeps): Promise<string> {
  let text = ''
  await exportDocument(deps, (piece) => void (text += piece))
  return text
}

export const exportedDirectory = async (deps: ExportDeps): Promise<DirectoryDocument> =>
  JSON.parse(await exportedText(deps)) as DirectoryDocument

export type TestDirectory = Awaited<ReturnType<typeof openDirectory>>

/** The faults of a refused import, as `path message`. */
export async function faultsOf(directory: TestDirectory, document: unknown): Promise<string[]> {
  const text = typeof document === 'string' ? document : JSON.stringify(document)
  try {
    await directory.import(text)
  } catch (error) {
    if (error instanceof Error && error.name === 'DocumentError') return error.message.split('\n')
    throw error
  }
  return []
}
