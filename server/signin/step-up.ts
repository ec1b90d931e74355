import type { Policy } from '../directory/policy.ts'
import type { User } from '../directory/user.ts'
import { Problem } from '../errors.ts'
import type { Reply } from '../http/reply.ts'
import type { PageRequest } from '../http/request.ts'
import { openAttempt, passedSchema, rememberedSchema, type Attempt } from './attempt.ts'
import type { BrowserSession } from './browser-sessions.ts'
import { loginPath } from './login-path.ts'
import type { SignedInPerson } from './signed-in.ts'
import { stepOf, type SignInDeps } from './sign-in.ts'
import { stepPage } from './step-pages.ts'

/** The app that a signed-in person wants to enter, and where to go on once they may. */
export interface Entry {
  appId: number
  returnTo: string
}

/** How well a session was proved, wherever it is kept. */
type Proved = Pick<
  BrowserSession,
  'userId' | 'epoch' | 'passed' | 'amr' | 'authTime' | 'factorAt' | 'remembered'
>

// What a session of an older version holds and this one does not know is worth nothing.
const passedOrPassword = passedSchema.catch(['password'])
const rememberedOrNot = rememberedSchema.optional().catch(undefined)

/** The sign-in that a session came from, as if it stood before this app. */
const attemptFor = (session: Proved, appId: number): Attempt => ({
  door: 'portal',
  userId: session.userId,
  epoch: session.epoch,
  passed: passedOrPassword.parse(session.passed),
  amr: session.amr.filter((name) => name !== 'pwd' && name !== 'mfa'),
  known: true,
  passwordAt: session.authTime,
  factorAt: session.factorAt,
  remembered: rememberedOrNot.parse(session.remembered),
  holder: '',
  appId,
})

/**
 * What the rules of an app ask beyond a session that has no page to ask on: `factor`, or nothing that could be asked.
 * `undefined`: it may enter. Tells the rules, too.
 */
export async function missingFor(
  d: SignInDeps,
  session: Proved,
  user: User,
  appId: number,
): Promise<{ missing: 'factor' | 'refused' | undefined; policy: Policy }> {
  const { step, policy } = await stepOf(d, attemptFor(session, appId), user)
  if (step.step === 'factor' || step.step === 'enrol') return { missing: 'factor', policy }
  return { missing: step.step === 'refused' ? 'refused' : undefined, policy }
}

/**
 * An app may ask for more than its visitor's sign-in has proved: then they prove what is missing now, and get a new
 * session id with it. `undefined`: they may enter. Asked before anything is handed out to an app.
 */
export async function stepUp(
  d: SignInDeps,
  request: PageRequest,
  person: SignedInPerson,
  entry: Entry,
): Promise<Reply | undefined> {
  const { appId, returnTo } = entry
  const attempt = { ...attemptFor(person.session, appId), holder: request.browser, returnTo }
  const { step, policy } = await stepOf(d, attempt, person.user)
  switch (step.step) {
    case 'factor':
    case 'enrol': {
      // Without the cookie that holds attempts this browser could not go on with one.
      if (request.browser === '') return { redirect: loginPath(returnTo, { fresh: true }) }
      const open = { ...(await openAttempt(d, attempt)), user: person.user, policy, step }
      return stepPage(d, request, open)
    }
    case 'refused':
      if (step.refusal === 'no_usable_factor') throw new Problem('no_usable_factor')
      return undefined
    case 'done':
    case 'new_password': // is asked for at the next sign-in
    case 'password':
      return undefined
  }
}
