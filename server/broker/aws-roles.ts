import type { App, AppStore } from '../directory/app-store.ts'
import { OauthProblem } from '../http/oauth-wire.ts'
import { HOUR, SECOND } from '../platform/clock.ts'
import { awsConfigOf, type AwsRole } from '../saml/app-config.ts'
import { heldAwsRoles } from '../saml/aws-attributes.ts'
import type { SignInDeps } from '../signin/sign-in.ts'
import { missingFor } from '../signin/step-up.ts'
import { absoluteEnd, longestIdle, type BrokerCaller } from './live-session.ts'

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
    .flatMap((app) => heldAwsRoles(awsConfigOf(app), roleIds).map((awsRole) => ({ app, awsRole })))
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

/** What holds of a session for one role: until when, and what it lacks. */
export interface Terms {
  /** By the least of all rules, ms. */
  endsAt: number
  missing: Missing | undefined
}

const least = (ofPolicy: number, ofRole = Infinity): number => Math.min(ofPolicy, ofRole)

/** Looks at a role for a session: its app's rules about signing in, its own, and its time. */
export async function termsFor(d: RoleDeps, caller: BrokerCaller, held: HeldRole): Promise<Terms> {
  const now = d.clock()
  const { session, user } = caller
  const { app, awsRole } = held
  const { missing: byApp, policy } = await missingFor(d, session, user, app.id)
  const hours = least(policy.broker_session_hours, awsRole.broker_session_hours)
  const idleHours = least(policy.broker_idle_hours, awsRole.broker_idle_hours)
  const endsAt = Math.min(session.endsAt, absoluteEnd(session, { broker_session_hours: hours }))
  const isOver = endsAt <= now || longestIdle(now, session) > idleHours * HOUR
  const missing =
    (byApp && MISSING[byApp]) ?? (isOver ? overFor(hours) : missingForRole(now, caller, awsRole))
  return { endsAt, missing }
}

const MISSING: Record<'factor' | 'refused', Missing> = {
  refused: { is: 'refused', why: 'This account may not enter this app' },
  factor: { is: 'sign_in', why: 'This app needs a second factor', fresh: { acr_values: 'mfa', max_age: 0 } },
}

const overFor = (hours: number): Missing => ({
  is: 'sign_in',
  why: 'For this role the session is over',
  fresh: { max_age: seconds(hours * HOUR) },
})

/** @throws OauthProblem for what is missing */
export function refuseMissing(missing: Missing | undefined): void {
  if (!missing) return
  if (missing.is === 'refused') throw new OauthProblem('access_denied', missing.why)
  throw new OauthProblem('insufficient_user_authentication', missing.why, { extra: { ...missing.fresh } })
}
