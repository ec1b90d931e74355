import { open, rename, rm } from 'node:fs/promises'
import { Command } from 'commander'
import { loadConfig } from '../../server/config.ts'
import { openDirectory } from '../../server/context.ts'
import { exportDocument } from '../../server/directory/export-document.ts'
import { hexToken } from '../../server/platform/random.ts'
import { openProgressBar } from '../progress-bar.ts'

type Write = (text: string) => Promise<void>

/** `doorward export`: writes the whole directory as one document. */
export const exportCommand = (): Command =>
  new Command('export')
    .description('write the whole directory, with password hashes and factor secrets, as one JSON document')
    .option('-o, --output <file>', 'where to; only its owner may read the file; - is standard output', '-')
    .action(async ({ output }: { output: string }) => {
      const directory = await openDirectory(loadConfig())
      const bar = await openProgressBar()
      const all = (write: Write) =>
        exportDocument(directory, write, (done, total) => bar.show('exporting', done, total))
      try {
        await (output === '-' ? all(print) : writeWhole(output, hexToken(directory.random, 8), all))
      } finally {
        bar.end()
        await directory.db.destroy()
      }
    })

/** Waits until whoever reads has taken it. */
const print: Write = (text) =>
  new Promise((resolve, reject) => {
    process.stdout.once('error', reject)
    process.stdout.write(text, (error) => {
      process.stdout.off('error', reject)
      if (error) reject(error)
      else resolve()
    })
  })

/** Writes beside the file first, so that nobody ever finds half a document, or somebody else's file mode, under its name. */
async function writeWhole(path: string, unique: string, all: (write: Write) => Promise<void>): Promise<void> {
  const draft = `${path}.${unique}.tmp`
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await all((text) => file.writeFile(text))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
