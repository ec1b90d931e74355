import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { loadConfig } from '../../server/config.ts'

const MAX_PORT = 65_535

function port(text: string): number {
  const number = Number(text)
  if (/^\d{1,5}$/.test(text) && number <= MAX_PORT) return number
  throw new InvalidArgumentError(`It must be a number from 0 to ${MAX_PORT}.`)
}

const interrupted = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })

/** `doorward brand preview`: every page and letter with sample data; loaded only here. */
export const brandCommand = (): Command =>
  new Command('brand').description('look at brands').addCommand(
    new Command('preview')
      .description('show every page in every state, and every letter, on this machine with sample data')
      .option('--port <n>', 'where it listens on 127.0.0.1; 0 is any that is free', port, 3100)
      .option(
        '--brand-file <document>',
        'the brands of a directory document (JSON or YAML), in place of the demo’s',
      )
      .action(async (options: { port: number; brandFile?: string }) => {
        const { previewBrands } = await import('../preview/brands.ts')
        const { startPreview } = await import('../preview/server.ts')
        const brands = await previewBrands(options.brandFile)
        const pictureFolder = join(loadConfig().DATA_DIR, 'brand')
        const { url, stop } = await startPreview({ brands, port: options.port, pictureFolder })
        console.log(`Every page and letter: ${url}\nPictures come from ${pictureFolder}. Ctrl-C ends it.`)
        await interrupted()
        await stop()
      }),
  )
