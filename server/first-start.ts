import { openSetup } from './account/setup.ts'
import { ConfigError } from './config.ts'
import type { Context } from './context.ts'
import { demoDocument } from './directory/demo.ts'
import { demoNotice } from './directory/demo-notice.ts'
import { DirectoryNotEmpty, importDirectory } from './directory/import-document.ts'
import { Problem } from './errors.ts'

const nowhereToKeepIt = (cause: unknown): never => {
  if (!(cause instanceof Problem) || cause.code !== 'unavailable') throw cause
  const why =
    'Redis does not answer there, and the address where the first administrator sets up is kept in it'
  throw new ConfigError(`REDIS_URL: ${why}`, { cause })
}

/**
 * What the terminal shows when nobody can sign in yet: a demo company and how to get in, or, in production, the one-time
 * address where the first administrator sets the portal up. `undefined` once there is a directory.
 * @throws ConfigError in production, when there is nowhere to keep that address
 */
export async function firstStart(ctx: Context): Promise<string | undefined> {
  if (!(await ctx.store.isEmpty())) return undefined
  if (ctx.config.NODE_ENV === 'production') {
    const token = await openSetup(ctx).catch(nowhereToKeepIt)
    return [
      '',
      'Nobody can sign in yet. Open this address within a day to make the first administrator; it works once:',
      '',
      `  ${ctx.publicUrl}/setup/${token}`,
      '',
      '',
    ].join('\n')
  }
  const demo = demoDocument(ctx.random)
  try {
    await importDirectory(ctx, demo.document, { onlyIfEmpty: true })
  } catch (error) {
    if (error instanceof DirectoryNotEmpty) return undefined // another process was first
    throw error
  }
  return demoNotice(demo, ctx.publicUrl)
}
