/** AssumeRoleWithSAML: an unsigned form to STS, from this very machine, so that AWS sees where its person is. */
import type { AwsCredentials } from './cache.ts'
import { CliFault } from './fault.ts'
import { paths, readJson, writeIfPossible } from './home.ts'
import { send } from './http.ts'
import { stsEndpoint } from './region.ts'

export interface RoleWish {
  roleArn: string
  providerArn: string
  samlResponse: string
  seconds: number
  region: string
}

/** A refusal of STS, by its own name. */
class StsRefusal extends Error {
  override readonly name = 'StsRefusal'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** What every role allows. */
const HOUR_SECONDS = 3600
const TOO_LONG = /exceeds the MaxSessionDuration/i

const unescaped = (text: string): string =>
  text.replace(/&(lt|gt|quot|apos|amp);/g, (_all, name: string) => ENTITIES[name]!)
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

/** The text of the first element of this name; STS answers with elements that hold text or elements, never both. */
const textIn = (xml: string, name: string): string =>
  unescaped(new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]?.trim() ?? '')

/** What people can do about a refusal. */
const WORDS: Readonly<Record<string, string>> = {
  ExpiredTokenException:
    'AWS says that the sign-in is too old; check the clock of this machine and of the server',
  InvalidIdentityToken:
    'AWS does not take what the server signed; an administrator should upload its metadata to IAM again',
  IDPRejectedClaim: 'AWS does not take what the server signed',
  AccessDenied: 'AWS does not let you take this role; an administrator should look at its trust policy',
  RegionDisabledException: 'this region is not enabled in that AWS account; choose another with --region',
  PackedPolicyTooLarge: 'the session tags are too large for AWS',
}

function faultOf({ code, message }: StsRefusal): CliFault {
  const what = WORDS[code] ?? 'AWS refused'
  return new CliFault('aws', `${what} (${code}: ${message})`)
}

async function assumeOnce(wish: RoleWish, seconds: number): Promise<AwsCredentials> {
  const url = stsEndpoint(wish.roleArn, wish.region)
  const form = new URLSearchParams({
    Action: 'AssumeRoleWithSAML',
    Version: '2011-06-15',
    RoleArn: wish.roleArn,
    PrincipalArn: wish.providerArn,
    SAMLAssertion: wish.samlResponse,
    DurationSeconds: String(seconds),
  })
  const { status, text } = await send(`${url}/`, () => ({
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
    repeatable: true,
  }))
  if (status !== 200) {
    const code = textIn(text, 'Code')
    if (code === '')
      throw new CliFault(
        'network',
        `${new URL(url).host}: answered ${status}, and not as AWS does; is a proxy in between?`,
      )
    throw new StsRefusal(code, textIn(text, 'Message'))
  }
  const arn = textIn(text, 'Arn')
  const credentials = {
    accessKeyId: textIn(text, 'AccessKeyId'),
    secretAccessKey: textIn(text, 'SecretAccessKey'),
    sessionToken: textIn(text, 'SessionToken'),
    expiration: new Date(textIn(text, 'Expiration') || NaN),
  }
  if (credentials.accessKeyId === '' || Number.isNaN(credentials.expiration.getTime()))
    throw new CliFault('aws', 'AWS answered without credentials')
  return {
    ...credentials,
    expiration: credentials.expiration.toISOString().replace(/\.\d{3}Z$/, 'Z'),
    accountId: arn.split(':')[4] ?? wish.roleArn.split(':')[4] ?? '',
    roleArn: wish.roleArn,
  }
}

const longest = (): Record<string, number> =>
  (readJson(paths.durations()) as Record<string, number> | undefined) ?? {}

/**
 * Takes a role. One that allows less than was asked for is asked once more for an hour, with the same assertion, and that
 * is remembered. @throws CliFault `aws`, `network`
 */
export async function assumeRole(wish: RoleWish): Promise<AwsCredentials> {
  const seconds = Math.min(wish.seconds, longest()[wish.roleArn] ?? wish.seconds)
  try {
    return await assumeOnce(wish, seconds).catch(async (error: unknown) => {
      const isTooLong = error instanceof StsRefusal && TOO_LONG.test(error.message)
      if (!isTooLong || seconds <= HOUR_SECONDS) throw error
      const credentials = await assumeOnce(wish, HOUR_SECONDS)
      writeIfPossible(paths.durations(), { ...longest(), [wish.roleArn]: HOUR_SECONDS })
      return credentials
    })
  } catch (error) {
    throw error instanceof StsRefusal ? faultOf(error) : error
  }
}
