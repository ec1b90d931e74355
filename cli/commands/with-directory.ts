import { loadConfig } from '../../server/config.ts'
import { openDirectory, type Directory } from '../../server/context.ts'

/** Opens the directory that the settings name, for one piece of work. */
export async function withDirectory<T>(work: (directory: Directory) => Promise<T>): Promise<T> {
  const directory = await openDirectory(loadConfig())
  try {
    return await work(directory)
  } finally {
    await directory.db.destroy()
  }
}
