import { openSetup } from './account/setup.ts'
import type { Context } from './context.ts'
import { demoDocument } from './directory/demo.ts'
import { demoNotice } from './directory/demo-notice.ts'
import { DirectoryNotEmpty, importDirectory } from './directory/import-document.ts'

/**
 * What the terminal shows when nobody can sign in yet: a demo company and how to get in, or, in production, the one-time
 * address where the first administrator sets the portal up. `undefined` once there is a directory.
 */
export async function firstStart(ctx: Context): Promise<string | undefined> {
  if (!(await ctx.store.isEmpty())) return undefined
  if (ctx.config.NODE_ENV === 'production') {
    const token = await openSetup(ctx)
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
