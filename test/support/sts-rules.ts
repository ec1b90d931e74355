import { createHash } from 'node:crypto'
import { StsError, type Claims } from './sts-saml.ts'

/** A SAML provider as it was registered in IAM: by uploading metadata. */
export interface StsProvider {
  providerArn: string
  entityId: string
  metadataXml: string
}

/** A role as IAM has it: which provider it trusts, for how long, and what its trust policy allows. */
export interface StsRole {
  roleArn: string
  providerArn: string
  /** Seconds; IAM's default is 3600. */
  maxSessionDuration: number
  /** The trust policy has `sts:TagSession`. */
  allowTags: boolean
  /** The trust policy has `sts:SetSourceIdentity`. */
  allowSourceIdentity: boolean
  /** `SAML:aud` of the trust policy, which is compared with the Recipient. */
  audiences?: string[]
}

/** What an AssumeRoleWithSAML call asks for. */
export interface RoleRequest {
  roleArn: string
  principalArn: string
  durationSeconds: number
}

const SIGN_IN = 'https://signin.aws.amazon.com/saml'
const SESSION_NAME = /^[a-zA-Z_0-9+=,.@-]{2,64}$/
const FIVE_MINUTES_MS = 5 * 60 * 1000

const invalid = (message: string) => new StsError('InvalidIdentityToken', message)
const denied = () => new StsError('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithSAML', 403)

/** Checks the parameters of the call, before the samlAssertion is looked at. */
export function readRoleRequest(form: URLSearchParams): RoleRequest {
  const roleArn = form.get('RoleArn') ?? ''
  const principalArn = form.get('PrincipalArn') ?? ''
  const duration = form.get('DurationSeconds') ?? '3600'
  if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/[\x21-\x7e]+$/.test(roleArn)) {
    throw new StsError('ValidationError', 'Request ARN is invalid')
  }
  if (!/^arn:aws[a-z-]*:iam::\d{12}:saml-provider\/[\w.-]+$/.test(principalArn)) {
    throw new StsError('ValidationError', 'Principal ARN is invalid')
  }
  const durationSeconds = /^\d+$/.test(duration) ? Number(duration) : 0
  if (durationSeconds < 900 || durationSeconds > 43_200) {
    const bound = durationSeconds < 900 ? 'greater than or equal to 900' : 'less than or equal to 43200'
    throw new StsError(
      'ValidationError',
      `1 validation error detected: Value '${duration}' at 'durationSeconds' failed to satisfy constraint: Member must have value ${bound}`,
    )
  }
  return { roleArn, principalArn, durationSeconds }
}

/** Checks the claims against the role's trust policy. Gives the session's name and how long it lasts. */
export function judgeClaims(
  claims: Claims,
  request: RoleRequest,
  role: StsRole | undefined,
  nowMs: number,
): { sessionName: string; sourceIdentity: string | undefined; expiresAtMs: number } {
  checkTimes(claims, nowMs)
  checkAudience(claims, role)
  const sessionName = checkSessionName(claims)
  if (!claims.nameId || role?.providerArn !== request.principalArn) throw denied()
  if (!holdsRole(claims, request)) throw denied()
  checkTags(claims, role)
  const sourceIdentity = checkSourceIdentity(claims, role)
  if (request.durationSeconds > role.maxSessionDuration) {
    throw new StsError(
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    )
  }
  return { sessionName, sourceIdentity, expiresAtMs: expiry(claims, request, nowMs) }
}

function checkTimes(claims: Claims, nowMs: number): void {
  if (nowMs < claims.notBeforeMs) throw invalid('Response is not valid yet')
  if (nowMs - claims.issueInstantMs > FIVE_MINUTES_MS || nowMs >= claims.notOnOrAfterMs) {
    throw new StsError('ExpiredTokenException', 'Token must be redeemed within 5 minutes of issuance')
  }
}

/** `SAML:aud` is the Recipient; the Audience must be AWS too. */
function checkAudience({ recipient, audiences }: Claims, role: StsRole | undefined): void {
  const trusted = role?.audiences ?? [SIGN_IN]
  if (!audiences.some((audience) => [...trusted, 'urn:amazon:webservices'].includes(audience))) {
    throw invalid('Response does not contain the required audience')
  }
  if (!trusted.includes(recipient)) throw denied()
}

function checkSessionName({ attributes }: Claims): string {
  const names = attributes.get('RoleSessionName') ?? []
  if (names.length !== 1) throw invalid('RoleSessionName is required in AuthnResponse')
  if (!SESSION_NAME.test(names[0]!)) {
    throw invalid('RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}')
  }
  return names[0]!
}

/** AWS takes the two ARNs of a value in either order. */
function holdsRole({ attributes }: Claims, request: RoleRequest): boolean {
  const pairs = (attributes.get('Role') ?? []).map((value) => value.split(',').map((arn) => arn.trim()))
  return pairs.some(
    (pair) => pair.length === 2 && pair.includes(request.roleArn) && pair.includes(request.principalArn),
  )
}

function checkTags({ attributes }: Claims, role: StsRole): void {
  const tags = [...attributes].filter(([name]) => name.startsWith('PrincipalTag:'))
  if (tags.length > 0 && !role.allowTags) throw denied()
  const sound = tags.every(
    ([name, values]) => name.length - 13 <= 128 && values.length === 1 && values[0]!.length <= 256,
  )
  if (tags.length > 50 || !sound) throw new StsError('PackedPolicyTooLarge', 'Session tags exceed the limits')
}

function checkSourceIdentity({ attributes }: Claims, role: StsRole): string | undefined {
  const [identity, ...more] = attributes.get('SourceIdentity') ?? []
  if (identity === undefined) return undefined
  if (more.length > 0 || !SESSION_NAME.test(identity) || identity.startsWith('aws:')) {
    throw invalid('Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with aws:')
  }
  if (!role.allowSourceIdentity) throw denied()
  return identity
}

/** The shortest of what was asked for, SessionDuration and SessionNotOnOrAfter. */
function expiry({ attributes, sessionNotOnOrAfterMs }: Claims, request: RoleRequest, nowMs: number): number {
  const ends = [nowMs + request.durationSeconds * 1000, sessionNotOnOrAfterMs ?? Infinity]
  const given = attributes.get('SessionDuration')
  if (given) {
    const seconds = given.length === 1 && /^\d+$/.test(given[0]!) ? Number(given[0]) : 0
    if (seconds < 900 || seconds > 43_200) throw invalid('SessionDuration must be between 900 and 43200')
    ends.push(nowMs + seconds * 1000)
  }
  const end = Math.min(...ends)
  if (end <= nowMs)
    throw new StsError('ExpiredTokenException', 'The session of the identity provider is over')
  return end
}

/** base64(SHA1(issuer + account id + "/" + friendly name of the provider)). */
export function nameQualifier(issuer: string, providerArn: string): string {
  const [account, name] = [providerArn.split(':')[4]!, providerArn.split('/')[1]!]
  return createHash('sha1').update(`${issuer}${account}/${name}`).digest('base64')
}
