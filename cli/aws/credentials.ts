/** The long way to AWS credentials: one process at a time mints, and the others read what it got. */
import {
  cacheName,
  freshCredentials,
  keepCredentials,
  lastCredentials,
  serverNow,
  type AwsCredentials,
  type CacheKey,
} from './cache.ts'
import { CliFault } from './fault.ts'
import { withLock } from './lock.ts'
import { regionFor } from './region.ts'
import { noteRoleUsed, requireRole } from './roles.ts'
import type { AwsRole } from './role-name.ts'
import { openSession, type Session } from './session.ts'
import { assumeRole } from './sts.ts'

export interface CredentialsWish {
  session: string
  /** Any of its names. */
  role: string
  seconds?: number | undefined
  region?: string | undefined
}

const keyOf = ({ file }: Session, { role_arn: roleArn }: AwsRole, seconds: number | undefined): CacheKey => ({
  server: file.server,
  userId: file.user.id,
  roleArn,
  seconds,
})

/** One assertion from Doorward, one role from AWS. */
async function fetched(session: Session, role: AwsRole, wish: CredentialsWish): Promise<AwsCredentials> {
  const asked = {
    role_arn: role.role_arn,
    app_id: role.app.id,
    ...(wish.seconds !== undefined && { duration_seconds: wish.seconds }),
  }
  const minted = await session.call('POST', '/broker/v1/aws/assertions', { body: asked, role: wish.role })
  return assumeRole({
    roleArn: role.role_arn,
    providerArn: String(minted.provider_arn),
    samlResponse: String(minted.saml_response),
    seconds: Number(minted.duration_seconds),
    region: regionFor(role.role_arn, wish.region),
  })
}

/** Failures that an outage explains: what is left of older credentials is better than none. */
const isOutage = (error: unknown): boolean =>
  error instanceof CliFault && (error.failure === 'network' || error.failure === 'aws')

/**
 * Credentials for a role, from the cache where they are good for a while yet, else new ones. Of any number of processes
 * at once one fetches them. @throws CliFault
 */
export async function credentialsFor(wish: CredentialsWish): Promise<AwsCredentials> {
  const session = openSession(wish.session)
  const role = await requireRole(session, wish.role)
  const key = keyOf(session, role, wish.seconds)
  const cached = () => freshCredentials(session.vault, key, serverNow(wish.session))
  const early = cached()
  if (early) return early
  return withLock(`credentials ${cacheName(key)}`, async () => {
    const late = cached()
    if (late) return late
    try {
      const credentials = await fetched(session, role, wish)
      keepCredentials(session.vault, key, credentials, serverNow(wish.session))
      noteRoleUsed(wish.session, role.role_arn)
      return credentials
    } catch (error) {
      const last = isOutage(error) ? lastCredentials(session.vault, key, serverNow(wish.session)) : undefined
      if (last) return last
      throw error
    }
  })
}
