import { documentStoreContract } from './document-store.contract.ts'
import { openDirectory } from './open-directory.ts'

documentStoreContract('SQLite', { open: () => openDirectory() })
