import { open, rename, rm } from 'node:fs/promises'
import { Command } from 'commander'
import { loadConfig } from '../../server/config.ts'
import { openDirectory } from '../../server/context.ts'
import { documentText, exportDocument } from '../../server/directory/export-document.ts'
import { hexToken } from '../../server/platform/random.ts'

/** `doorward export`: writes the whole directory as one document. */
export const exportCommand = (): Command =>
  new Command('export')
    .description('write the whole directory, with password hashes and factor secrets, as one JSON document')
    .option('-o, --output <file>', 'where to; only its owner may read the file; - is standard output', '-')
    .action(async ({ output }: { output: string }) => {
      const directory = await openDirectory(loadConfig())
      try {
        const text = documentText(await exportDocument(directory))
        await (output === '-' ? print(text) : writeWhole(output, text, hexToken(directory.random, 8)))
      } finally {
        await directory.db.destroy()
      }
    })

const print = (text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stdout.once('error', reject)
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()))
  })

/** Writes beside the file first, so that nobody ever finds half a document, or somebody else's file mode, under its name. */
async function writeWhole(path: string, text: string, unique: string): Promise<void> {
  const draft = `${path}.${unique}.tmp`
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(text)
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
