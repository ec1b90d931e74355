import { Problem } from '../errors.ts'
import { partitionOf, SIGN_IN_BY_PARTITION, type AwsAppConfig, type AwsRole } from './app-config.ts'
import { ATTRIBUTE_NAME_FORMAT, NAME_ID_FORMAT } from './names.ts'
import type { NameId, SamlAttribute } from './response.ts'

/** What AWS is told of a person. An e-mail address names one person only, whatever its case. */
export interface AwsPerson {
  id: number
  email?: string | null | undefined
}

/** The part of a Response that depends on the app. */
export interface AppStatement {
  recipient: string
  audience: string
  nameId: NameId
  attributes: SamlAttribute[]
}

/** One AWS role alone, and what else its trust policy is ready to be told. */
export interface OneRole {
  roleArn: string
  /** Name the person so that role chaining does not lose it (`sts:SetSourceIdentity`). */
  sourceIdentity?: boolean | undefined
  /** The session tag `BrokerSession` (`sts:TagSession`). */
  brokerSession?: string | undefined
}

const PREFIX = 'https://aws.amazon.com/SAML/Attributes/'
const ROLE_SESSION_NAME_MAX = 64

/**
 * What AWS needs to let `person` take the AWS roles that their directory roles hold. Values come from the directory alone.
 *
 * `only` asks for a single AWS role, so that a stolen Response opens no other. Refuses with `app_not_assigned` when
 * no role is held, or not the one that was asked for.
 */
export function awsStatement(
  person: AwsPerson,
  app: AwsAppConfig,
  directoryRoleIds: readonly number[],
  only?: OneRole,
): AppStatement {
  const held = heldAwsRoles(app, directoryRoleIds).filter(
    (r) => only === undefined || r.role_arn === only.roleArn,
  )
  if (held.length === 0) throw new Problem('app_not_assigned', { message: 'No AWS role is held' })
  const signIn = SIGN_IN_BY_PARTITION[partitionOf(held[0]!.role_arn)]!
  return {
    recipient: app.acs_url ?? signIn,
    audience: app.audience ?? signIn,
    // Lasting and not a name: CloudTrail logs it, and trust policies may ask for it (SAML:sub).
    nameId: { value: String(person.id), format: NAME_ID_FORMAT.persistent },
    attributes: [
      awsAttribute(
        'Role',
        held.map((r) => `${r.role_arn},${r.provider_arn}`),
      ),
      awsAttribute('RoleSessionName', [roleSessionName(person)]),
      awsAttribute('SessionDuration', [String(Math.min(...held.map((r) => r.session_seconds)))]),
      ...(only?.sourceIdentity ? [awsAttribute('SourceIdentity', [roleSessionName(person)])] : []),
      ...(only?.brokerSession === undefined
        ? []
        : [awsAttribute('PrincipalTag:BrokerSession', [only.brokerSession])]),
    ],
  }
}

/** The AWS roles of the app that any of these directory roles holds. */
export function heldAwsRoles(app: AwsAppConfig, directoryRoleIds: readonly number[]): AwsRole[] {
  return app.roles.filter((awsRole) => awsRole.directory_roles.some((id) => directoryRoleIds.includes(id)))
}

/**
 * The name of the AWS session: `[a-zA-Z_0-9+=,.@-]{2,64}`, and never the same for two people.
 *
 * An e-mail address that fits stands as it is. A changed or shortened one ends in `-<user id>`, and so does one that
 * looks as if it did, so that nobody can choose an address that reads like another person's cleaned one.
 */
export function roleSessionName({ id, email }: AwsPerson): string {
  const wanted = email ?? ''
  if (/^[\w+=,.@-]{2,64}$/.test(wanted) && !/-\d+$/.test(wanted)) return wanted
  const suffix = `-${id}`
  const cleaned = wanted.replace(/[^\w+=,.@-]+/g, '') || 'user'
  return cleaned.slice(0, ROLE_SESSION_NAME_MAX - suffix.length) + suffix
}

const awsAttribute = (name: string, values: string[]): SamlAttribute => ({
  name: PREFIX + name,
  values,
  nameFormat: ATTRIBUTE_NAME_FORMAT.uri,
})
