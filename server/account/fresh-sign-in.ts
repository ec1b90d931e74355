import type { BrowserSession } from '../signin/browser-sessions.ts'
import { loginPath } from '../signin/login-path.ts'
import { MINUTE, type Clock } from '../platform/clock.ts'

/** How old a sign-in may be for what changes how its person signs in: a session that was stolen is older. */
const FRESH_MS = 15 * MINUTE

/** A browser that is remembered has not shown anything just now: then a factor has to have been proved all the same. */
export const hasProved = ({ remembered, factorAt }: BrowserSession): boolean =>
  remembered === undefined || factorAt !== undefined

export const isFresh = (d: { clock: Clock }, session: BrowserSession): boolean =>
  d.clock() - session.authTime < FRESH_MS && hasProved(session)

/** Where a person signs in anew, the second factor too, before they go on to `path`. */
export const freshSignIn = (path: string): { redirect: string } => ({
  redirect: loginPath(path, { fresh: true }),
})
