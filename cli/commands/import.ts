import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { Command } from 'commander'
import { loadConfig } from '../../server/config.ts'
import { openDirectory } from '../../server/context.ts'
import { importDocument, type ImportSummary } from '../../server/directory/import-document.ts'
import { COMMAND_LINE } from '../../server/events/event-store.ts'
import { documentImported } from '../../server/events/events.ts'

/** `doorward import FILE`: brings the directory to what a document says, or leaves it untouched. */
export const importCommand = (): Command =>
  new Command('import')
    .description('change the directory to what a document (JSON or YAML) says: all of it or nothing')
    .argument('<file>', 'the document; - reads standard input')
    .action(async (file: string) => {
      const config = loadConfig()
      const text = decode(file === '-' ? await buffer(process.stdin) : await readFile(file))
      const directory = await openDirectory(config)
      try {
        const summary = summaryLine(await importDocument(directory, text))
        await directory.transact(({ events }) => events.append(documentImported(COMMAND_LINE, summary)))
        console.log(summary)
      } finally {
        await directory.db.destroy()
      }
    })

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new Error('The document is not UTF-8 text.', { cause })
  }
}

/** `Imported: users 3 created, 1 updated; roles 2 unchanged`, without what did not occur. */
function summaryLine(summary: ImportSummary): string {
  const parts = Object.entries(summary).flatMap(([list, tally]) => {
    const counts = Object.entries(tally).filter(([, count]) => count > 0)
    const text = counts.map(([what, count]) => `${count} ${what}`).join(', ')
    return text === '' ? [] : [`${list} ${text}`]
  })
  return `Imported: ${parts.join('; ') || 'no list entries'}`
}
