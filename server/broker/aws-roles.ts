import type { App, AppStore } from '../directory/app-store.ts'
import { policyFor } from '../directory/policy-for.ts'
import { OauthProblem } from '../http/oauth-wire.ts'
import { HOUR, SECOND } from '../platform/clock.ts'
import { awsAppConfig, type AwsRole } from '../saml/app-config.ts'
import { heldAwsRoles } from '../saml/aws-attributes.ts'
import type { SignInDeps } from '../signin/sign-in.ts'
import { missingFor } from '../signin/step-up.ts'
import type { BrokerCaller } from './live-session.ts'

export type RoleDeps = SignInDeps & { apps: AppStore }

/** An AWS role that a person holds, and the app that it comes with. */
export interface HeldRole {
  app: App
  awsRole: AwsRole
}

/** What a new sign-in has to be, for a role: RFC 9470 section 4. */
export interface FreshSignIn {
  max_age?: number
  acr_values?: string
}

/** What a role asks that the session does not have. */
export type Missing = { is: 'sign_in'; why: string; fresh: FreshSignIn } | { is: 'refused'; why: string }

/** The AWS roles that a person's directory roles hold now, app by app. */
export async function heldRoles(
  { apps }: Pick<RoleDeps, 'apps'>,
  roleIds: readonly number[],
): Promise<HeldRole[]> {
  const assigned = await apps.listForRoles(roleIds)
  return assigned
    .filter(({ connector }) => connector === 'aws')
    .flatMap((app) =>
      heldAwsRoles(awsAppConfig.parse(app.settings), roleIds).map((awsRole) => ({ app, awsRole })),
    )
}

const seconds = (ms: number): number => Math.floor(ms / SECOND)

/** What a role's own rules ask beyond the session. */
function missingForRole(now: number, { session }: BrokerCaller, awsRole: AwsRole): Missing | undefined {
  const { max_auth_age: maxAge, required_amr: amr = [] } = awsRole
  const lacks = amr.some((name) => !session.amr.includes(name))
  const tooOld = maxAge !== undefined && seconds(now - (session.factorAt ?? session.authTime)) > maxAge
  if (!lacks && !tooOld) return undefined
  const fresh = {
    ...(maxAge !== undefined && { max_age: maxAge }),
    ...(lacks && { acr_values: amr.join(' ') }),
  }
  const why = lacks
    ? `This role needs a sign-in with ${amr.join(', ')}`
    : `This role needs a sign-in that is at most ${maxAge} seconds old`
  return { is: 'sign_in', why, fresh }
}

/** When the session is over for this role, by the least of all rules: ms. */
export async function endFor(
  d: Pick<RoleDeps, 'account'>,
  { session, user }: BrokerCaller,
  { app, awsRole }: HeldRole,
): Promise<{ endsAt: number; idleMs: number }> {
  const policy = await policyFor(d, { user, appId: app.id })
  const hours = Math.min(policy.broker_session_hours, awsRole.broker_session_hours ?? Infinity)
  const idleHours = Math.min(policy.broker_idle_hours, awsRole.broker_idle_hours ?? Infinity)
  return { endsAt: Math.min(session.endsAt, session.authTime + hours * HOUR), idleMs: idleHours * HOUR }
}

/** What is missing for a role: by its app's rules about signing in, by its own, by its time. `undefined`: nothing. */
export async function missingIn(
  d: RoleDeps,
  caller: BrokerCaller,
  held: HeldRole,
): Promise<Missing | undefined> {
  const now = d.clock()
  const { session, user } = caller
  const byApp = await missingFor(d, session, user, held.app.id)
  if (byApp === 'refused') return { is: 'refused', why: 'This account may not enter this app' }
  if (byApp === 'factor')
    return { is: 'sign_in', why: 'This app needs a second factor', fresh: { acr_values: 'mfa', max_age: 0 } }
  const { endsAt, idleMs } = await endFor(d, caller, held)
  const isIdle = now - session.lastUsedAt > idleMs
  if (endsAt <= now || isIdle)
    return {
      is: 'sign_in',
      why: 'For this role the session is over',
      fresh: { max_age: isIdle ? 0 : seconds(idleMs) },
    }
  return missingForRole(now, caller, held.awsRole)
}

/** @throws OauthProblem for what is missing */
export function refuseMissing(missing: Missing | undefined): void {
  if (!missing) return
  if (missing.is === 'refused') throw new OauthProblem('access_denied', missing.why)
  throw new OauthProblem('insufficient_user_authentication', missing.why, { extra: { ...missing.fresh } })
}
