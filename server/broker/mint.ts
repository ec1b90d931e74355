import { awsRoleGiven, awsRoleRefused } from '../events/broker-events.ts'
import type { Origin } from '../events/event-store.ts'
import { refusalText } from '../http/api-wire.ts'
import { OauthProblem } from '../http/oauth-wire.ts'
import { isoTime, MINUTE, SECOND } from '../platform/clock.ts'
import type { AwsRole } from '../saml/app-config.ts'
import { issueResponse, type IssueDeps } from '../saml/issue-response.ts'
import { heldRoles, refuseMissing, termsFor, type HeldRole, type RoleDeps } from './aws-roles.ts'
import type { BrokerCaller } from './live-session.ts'

export type MintDeps = RoleDeps & IssueDeps

/** What a command line wishes. */
export interface Wish {
  roleArn: string
  appId?: number | undefined
  /** How long the credentials are to live; without it as long as the role says. */
  seconds?: number | undefined
}

/** A signed Response with one role in it, and how long credentials from it may live. */
export interface Minted {
  samlResponse: string
  awsRole: AwsRole
  seconds: number
  sessionEndsAt: number
}

/** STS gives nothing shorter. */
const LEAST_SECONDS = 900

async function roleOf(d: MintDeps, { user }: BrokerCaller, { roleArn, appId }: Wish): Promise<HeldRole> {
  const all = await heldRoles(d, user.roleIds)
  const held = all.find(
    ({ app, awsRole }) => awsRole.role_arn === roleArn && (appId === undefined || app.id === appId),
  )
  if (!held) throw new OauthProblem('access_denied', 'You do not hold this AWS role')
  return held
}

/** Least of what is asked, what the role allows, what is left of the session. @throws OauthProblem `session_ends_soon` */
function lifetime(now: number, endsAt: number, { session_seconds: most }: AwsRole, wished = most): number {
  const left = Math.floor((endsAt - now) / SECOND)
  if (left < LEAST_SECONDS)
    throw new OauthProblem(
      'session_ends_soon',
      `The session ends in ${Math.max(0, Math.floor((endsAt - now) / MINUTE))} min, and AWS gives nothing shorter than 15: sign in again`,
      { extra: { ends_at: isoTime(endsAt) } },
    )
  return Math.min(wished, most, left)
}

async function minted(d: MintDeps, caller: BrokerCaller, wish: Wish, origin: Origin): Promise<Minted> {
  const { session, user } = caller
  const held = await roleOf(d, caller, wish)
  const { missing, endsAt } = await termsFor(d, caller, held)
  refuseMissing(missing)
  const { app, awsRole } = held
  const now = d.clock()
  const seconds = lifetime(now, endsAt, awsRole, wish.seconds)
  const { samlResponse } = await issueResponse(d, {
    user,
    app,
    authTime: session.authTime,
    // STS holds the credentials to it even if the command line asks for more.
    sessionEndsAt: now + seconds * SECOND,
    origin,
    oneRole: {
      roleArn: awsRole.role_arn,
      sourceIdentity: awsRole.source_identity,
      brokerSession: awsRole.session_tag ? String(session.id) : undefined,
    },
    noted: (assertionId) =>
      awsRoleGiven(origin, user, { session, app, roleArn: awsRole.role_arn, seconds, assertionId }),
  })
  return { samlResponse, awsRole, seconds, sessionEndsAt: endsAt }
}

/**
 * Makes a samlAssertion for one AWS role without asking anybody anything: person, app, role, rules, session and its age
 * are looked at anew each time, and what came of it is noted. @throws OauthProblem
 */
export async function mint(d: MintDeps, caller: BrokerCaller, wish: Wish, origin: Origin): Promise<Minted> {
  try {
    return await minted(d, caller, wish, origin)
  } catch (error) {
    if (!(error instanceof OauthProblem)) throw error
    const { session, user } = caller
    const refused = { session, roleArn: wish.roleArn, error: refusalText(error) }
    await d.events.append(awsRoleRefused(origin, user, refused))
    throw error
  }
}
