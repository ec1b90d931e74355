import { Command } from 'commander'

/** `doorward serve`: the server; loaded only here, so that the other commands start without it. */
export const serveCommand = (): Command =>
  new Command('serve').description('serve the portal and its API').action(async () => {
    const { serve } = await import('../../server/main.ts')
    await serve()
  })
