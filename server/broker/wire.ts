/** The broker's sessions, roles and tokens as JSON. */
import { displayName, type User } from '../directory/user.ts'
import { isoTime } from '../platform/clock.ts'
import { partitionOf } from '../saml/app-config.ts'
import type { HeldRole, Missing } from './aws-roles.ts'
import type { BrokerSession } from './broker-session-store.ts'
import { ACCESS_SECONDS } from './broker-tokens.ts'
import { SCOPE } from './client.ts'
import type { Granted } from './grants.ts'
import type { Minted } from './mint.ts'

/** A session as its own command line and its person's others see it. */
export const toSession = (session: BrokerSession, user: User, company: string) => ({
  id: String(session.id),
  user: { id: user.id, name: displayName(user), email: user.email },
  company,
  device_name: session.deviceName,
  key_storage: session.keyStorage,
  created_at: isoTime(session.createdAt),
  auth_time: isoTime(session.authTime),
  ends_at: isoTime(session.endsAt),
  idle_ends_at: isoTime(session.idleEndsAt),
  amr: session.amr,
  address: session.address,
})

/** RFC 6749 section 5.1, with the type of RFC 9449 section 5. */
export const toTokenReply = ({ accessToken, refreshToken, session, user }: Granted, company: string) => ({
  access_token: accessToken,
  token_type: 'DPoP',
  expires_in: ACCESS_SECONDS,
  refresh_token: refreshToken,
  scope: SCOPE,
  session: toSession(session, user, company),
})

/** A session as administrators see it. */
export const toListedSession = (session: BrokerSession) => ({
  id: session.id,
  user_id: session.userId,
  device_name: session.deviceName,
  key_storage: session.keyStorage,
  amr: session.amr,
  ipaddr: session.address,
  last_ipaddr: session.lastAddress,
  user_agent: session.userAgent,
  created_at: isoTime(session.createdAt),
  last_used_at: isoTime(session.lastUsedAt),
  idle_ends_at: isoTime(session.idleEndsAt),
  ends_at: isoTime(session.endsAt),
})

/** `arn:aws:iam::<account>:role/<path/name>` */
export function toRole({ app, awsRole }: HeldRole, missing: Missing | undefined) {
  const { role_arn: roleArn, provider_arn: providerArn, name, session_seconds: seconds } = awsRole
  const [, , , , account = '', path = ''] = roleArn.split(':')
  return {
    app: { id: app.id, name: app.name },
    role_arn: roleArn,
    provider_arn: providerArn,
    account_id: account,
    role_name: path.slice(path.lastIndexOf('/') + 1),
    name: name ?? null,
    partition: partitionOf(roleArn),
    session_seconds: seconds,
    needs_login: missing?.is === 'sign_in' ? missing.fresh : null,
  }
}

export const toAssertion = (
  { samlResponse, awsRole, seconds, sessionEndsAt }: Minted,
  requestId: string,
) => ({
  saml_response: samlResponse,
  role_arn: awsRole.role_arn,
  provider_arn: awsRole.provider_arn,
  duration_seconds: seconds,
  session_ends_at: isoTime(sessionEndsAt),
  source_identity: awsRole.source_identity === true,
  session_tag: awsRole.session_tag === true,
  request_id: requestId,
})
