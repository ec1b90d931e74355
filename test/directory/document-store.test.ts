import { freshDatabaseUrl } from '../support/postgres.ts'
import { documentStoreContract } from './document-store.contract.ts'
import { openDirectory } from './open-directory.ts'

documentStoreContract('SQLite', { open: () => openDirectory() })
documentStoreContract('PostgreSQL', { open: async () => openDirectory(undefined, await freshDatabaseUrl()) })
