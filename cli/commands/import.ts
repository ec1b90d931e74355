import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { Command } from 'commander'
import { loadConfig } from '../../server/config.ts'
import { openDirectory } from '../../server/context.ts'
import { importDocument, type ImportSummary } from '../../server/directory/import-document.ts'
import { COMMAND_LINE } from '../../server/events/event-store.ts'
import { documentImported } from '../../server/events/events.ts'
import { openProgressBar, type ProgressBar } from '../progress-bar.ts'

/** `doorward import FILE`: brings the directory to what a document says, or leaves it untouched. */
export const importCommand = (): Command =>
  new Command('import')
    .description('change the directory to what a document (JSON or YAML) says: all of it or nothing')
    .argument('<file>', 'the document; - reads standard input')
    .action(async (path: string) => {
      const config = loadConfig()
      const file = path === '-' ? undefined : await open(path)
      const directory = await openDirectory(config)
      const bar = await openProgressBar()
      try {
        const onProgress = (at: { doing: string; done: number; total: number }) =>
          bar.show(at.doing, at.done, at.total)
        const summary = summaryLine(await importDocument(directory, textOf(file, bar), { onProgress }))
        await directory.transact(({ events }) => events.append(documentImported(COMMAND_LINE, summary)))
        bar.end()
        console.log(summary)
      } finally {
        bar.end()
        await file?.close()
        await directory.db.destroy()
      }
    })

const PIECE = 1_048_576

/** The document piece by piece. How much a stream holds is not known before its end, so it has no bar. */
async function* textOf(file: FileHandle | undefined, bar: ProgressBar): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const total = file && (await file.stat()).size
  const bytes = file ? file.createReadStream({ highWaterMark: PIECE, autoClose: false }) : process.stdin
  let done = 0
  for await (const piece of bytes as AsyncIterable<Buffer>) {
    done += piece.length
    if (total) bar.show('reading', done, total)
    yield decode(decoder, piece)
  }
  yield decode(decoder)
}

function decode(decoder: InstanceType<typeof TextDecoder>, bytes?: Buffer): string {
  try {
    return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode()
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
