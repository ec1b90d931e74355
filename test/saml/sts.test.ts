import { afterAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../server/platform/clock.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { awsStatement } from '../../server/saml/aws-attributes.ts'
import { metadataXml } from '../../server/saml/metadata.ts'
import { signResponse, type SamlResponseInput } from '../../server/saml/response.ts'
import { generateSigningKey } from '../../server/saml/signing-key.ts'
import { awsCli, type AwsCli } from '../support/aws-cli.ts'
import { startSts, type Sts } from '../support/sts.ts'
import { anAwsApp, providerArn, roleArn } from './aws-examples.ts'
import { aResponse, testKey } from './examples.ts'

const entityId = 'https://login.acme.test/saml/metadata/500'
const nextKey = await generateSigningKey({ commonName: 'Next', nowMs: Date.now(), random: systemRandom })
const strangerKey = await generateSigningKey({
  commonName: 'Stranger',
  nowMs: Date.now(),
  random: systemRandom,
})
const metadata = metadataXml({
  entityId,
  ssoRedirectUrl: 'https://login.acme.test/a',
  ssoPostUrl: 'https://login.acme.test/b',
  wantsSignedRequests: false,
  signingKeys: [testKey, nextKey],
})
const role = (name: string, changed: object = {}) => ({
  roleArn: roleArn(name),
  providerArn: providerArn(),
  maxSessionDuration: 7200,
  allowTags: false,
  allowSourceIdentity: false,
  ...changed,
})

let nowMs = Date.now()
const sts: Sts = await startSts({
  now: () => nowMs,
  providers: [{ providerArn: providerArn(), entityId, metadataXml: metadata }],
  roles: [
    role('Dev'),
    role('Admin'),
    role('Other', { providerArn: providerArn().replace('Doorward', 'Else') }),
    role('Tagged', { allowTags: true, allowSourceIdentity: true }),
    role('Regional', { audiences: ['https://eu-west-1.signin.aws.amazon.com/saml'] }),
  ],
})
beforeEach(() => {
  nowMs = Date.now()
  sts.calls.length = 0
})
afterAll(() => sts.close())

const statement = awsStatement({ id: 7, email: 'sally@acme.test' }, anAwsApp(), [10], {
  roleArn: roleArn('Dev'),
})
const input = (changed: Partial<SamlResponseInput> = {}) =>
  aResponse({ issuer: entityId, issueInstantMs: nowMs, authnInstantMs: nowMs, ...statement, ...changed })
const encoded = (xml: string) => Buffer.from(xml).toString('base64')
const aws = (name: string, ...values: string[]) => ({
  name: `https://aws.amazon.com/SAML/Attributes/${name}`,
  values,
})
/** The statement with some attributes put in place of its own. */
const withAttributes = (...changed: ReturnType<typeof aws>[]) => {
  const names = changed.map((a) => a.name)
  return input({ attributes: [...statement.attributes.filter((a) => !names.includes(a.name)), ...changed] })
}
const pairOf = (name: string) => aws('Role', `${roleArn(name)},${providerArn()}`)

async function post(form: Record<string, string>, headers: Record<string, string> = {}) {
  const response = await fetch(sts.url, { method: 'POST', body: new URLSearchParams(form), headers })
  const xml = await response.text()
  const value = (tag: string) => new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1]
  return { status: response.status, value }
}
const assumeForm = (samlAssertion: string, changed: Record<string, string> = {}) => ({
  Action: 'AssumeRoleWithSAML',
  Version: '2011-06-15',
  RoleArn: roleArn('Dev'),
  PrincipalArn: providerArn(),
  SAMLAssertion: samlAssertion,
  ...changed,
})
async function assume(given: SamlResponseInput, changed: Record<string, string> = {}) {
  const { status, value } = await post(assumeForm(encoded(signResponse(given, testKey)), changed))
  if (status !== 200) return `${status} ${value('Code') ?? ''}: ${value('Message') ?? ''}`
  return Math.round((Date.parse(value('Expiration')!) - nowMs) / SECOND)
}

describe('AWS STS in tests takes', () => {
  test('our Response, and grants the default of one hour', async () => {
    expect(await assume(input())).toBeCloseTo(3600, -1)
    expect(sts.calls).toMatchObject([
      { action: 'AssumeRoleWithSAML', outcome: 'ok', roleArn: roleArn('Dev') },
    ])
  })

  test('a Response of the next key that the metadata publishes', async () => {
    const { status } = await post(assumeForm(encoded(signResponse(input(), nextKey))))
    expect(status).toBe(200)
  })

  test('the two ARNs in either order', async () => {
    expect(await assume(withAttributes(aws('Role', `${providerArn()}, ${roleArn('Dev')}`)))).toBeCloseTo(
      3600,
      -1,
    )
  })

  test.each<[string, Partial<SamlResponseInput> | undefined, string, number]>([
    ['what was asked for', undefined, '5400', 5400],
    ['SessionDuration', undefined, '7200', 7200],
    [
      'the end of the session at the identity provider',
      { sessionNotOnOrAfterMs: Date.now() + HOUR },
      '7200',
      3600,
    ],
  ])('a longer life, but no longer than %s', async (_what, changed, asked, want) => {
    expect(Math.abs(Number(await assume(input(changed), { DurationSeconds: asked })) - want)).toBeLessThan(60)
  })

  test('tags and a source identity where the role allows them', async () => {
    const tagged = withAttributes(
      pairOf('Tagged'),
      aws('PrincipalTag:Team', 'x'),
      aws('SourceIdentity', 'sally'),
    )
    expect(await assume(tagged, { RoleArn: roleArn('Tagged') })).toBeCloseTo(3600, -1)
  })

  test('a regional address where the role trusts it', async () => {
    const url = 'https://eu-west-1.signin.aws.amazon.com/saml'
    const regional = { ...withAttributes(pairOf('Regional')), recipient: url, audience: url }
    expect(await assume(regional, { RoleArn: roleArn('Regional') })).toBeCloseTo(3600, -1)
  })
})

const DENIED = '403 AccessDenied: Not authorized to perform sts:AssumeRoleWithSAML'
const EXPIRED = '400 ExpiredTokenException: Token must be redeemed within 5 minutes of issuance'
const NAME = '400 InvalidIdentityToken: RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}'
const NO_NAME = '400 InvalidIdentityToken: RoleSessionName is required in AuthnResponse'
const AUDIENCE = '400 InvalidIdentityToken: Response does not contain the required audience'
const SOURCE =
  '400 InvalidIdentityToken: Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with aws:'
const MAXIMUM =
  '400 ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.'

type Refusal = [why: string, given: () => SamlResponseInput, form: Record<string, string>, answer: string]
const REFUSED: Refusal[] = [
  ['a role that the Response does not name', input, { RoleArn: roleArn('Admin') }, DENIED],
  ['a role that does not exist', () => withAttributes(pairOf('Ghost')), { RoleArn: roleArn('Ghost') }, DENIED],
  ['a role that trusts another provider', () => withAttributes(pairOf('Other')), { RoleArn: roleArn('Other') }, DENIED],
  ['a role that is no ARN', input, { RoleArn: 'Administrator-role-ARN' }, '400 ValidationError: Request ARN is invalid'],
  ['a provider that is no ARN', input, { PrincipalArn: roleArn('DevDevDev') }, '400 ValidationError: Principal ARN is invalid'],
  ['a provider that was not registered', input, { PrincipalArn: providerArn().replace('Doorward', 'Nobody') },
    "400 InvalidIdentityToken: Specified provider doesn't exist"],
  ['more time than the role allows', input, { DurationSeconds: '7201' }, MAXIMUM],
  ['an old Response', () => input({ issueInstantMs: nowMs - 5 * MINUTE - SECOND }), {}, EXPIRED],
  ['a Response of the future', () => input({ issueInstantMs: nowMs + 3 * MINUTE }), {},
    '400 InvalidIdentityToken: Response is not valid yet'],
  ['another issuer', () => input({ issuer: `${entityId}1` }), {},
    '400 InvalidIdentityToken: Issuer not present in specified provider'],
  ['another audience', () => input({ audience: 'https://wiki.acme.test/' }), {}, AUDIENCE],
  ['another recipient', () => input({ recipient: 'https://wiki.acme.test/' }), {}, DENIED],
  ['no RoleSessionName', () => withAttributes(aws('RoleSessionName')), {}, NO_NAME],
  ['two RoleSessionNames', () => withAttributes(aws('RoleSessionName', 'ab', 'cd')), {}, NO_NAME],
  ['a RoleSessionName with an apostrophe', () => withAttributes(aws('RoleSessionName', "o'brien")), {}, NAME],
  ['a RoleSessionName of 65 characters', () => withAttributes(aws('RoleSessionName', 'x'.repeat(65))), {}, NAME],
  ['tags that the role does not allow', () => withAttributes(aws('PrincipalTag:Team', 'x')), {}, DENIED],
  ['a source identity that the role does not allow', () => withAttributes(aws('SourceIdentity', 'sally')), {}, DENIED],
  ['a source identity of AWS', () => withAttributes(aws('SourceIdentity', 'aws:x')), {}, SOURCE],
  ['a session at the identity provider that is over', () => input({ sessionNotOnOrAfterMs: nowMs - 1 }), {},
    '400 ExpiredTokenException: The session of the identity provider is over'],
] // prettier-ignore

describe('AWS STS in tests refuses', () => {
  test.each(REFUSED)('%s', async (_why, given, form, answer) => {
    expect(await assume(given(), form)).toBe(answer)
  })

  test.each(['899', '43201', 'x'])('a life of %s seconds', async (asked) => {
    expect(await assume(input(), { DurationSeconds: asked })).toMatch(
      /^400 ValidationError: 1 validation error/,
    )
  })

  const bad = '400 InvalidIdentityToken: Response signature invalid'
  test.each<[string, (xml: string) => string, string]>([
    ['a changed role', (xml) => xml.replace('role/Dev', 'role/Admin'), bad],
    ['a changed status', (xml) => xml.replace('status:Success', 'status:Other'), bad],
    ['a Response without signatures', (xml) => xml.replace(/<ds:Signature .*?<\/ds:Signature>/g, ''), bad],
    ['two assertions', (xml) => xml.replace(/(<saml:Assertion.*<\/saml:Assertion>)/, '$1$1'), bad],
    ['a second assertion without a signature', (xml) => forgeBeside(xml), bad],
    ['a wrapped assertion', wrap, bad],
    ['a DTD', (xml) => `<!DOCTYPE x>${xml}`, '400 InvalidIdentityToken: Invalid SAML response'],
    ['an assertion without its Response', (xml) => /<saml:Assertion.*<\/saml:Assertion>/.exec(xml)![0],
      '400 InvalidIdentityToken: Invalid SAML response'],
    ['a Response over 100,000 characters', (xml) => xml + ' '.repeat(100_000),
      '400 InvalidIdentityToken: Invalid base64 SAMLResponse'],
  ])('%s', async (_what, change, answer) => {
    const { status, value } = await post(assumeForm(encoded(change(signResponse(input(), testKey)))))
    expect(`${status} ${value('Code')!}: ${value('Message')!}`).toBe(answer)
  }) // prettier-ignore

  test('the signature of a key that the metadata does not publish', async () => {
    const { value } = await post(assumeForm(encoded(signResponse(input(), strangerKey))))
    expect(value('Message')).toBe('Response signature invalid')
  })

  test('a signed AssumeRoleWithSAML, and a GET', async () => {
    const form = assumeForm(encoded(signResponse(input(), testKey)))
    expect((await post(form, { authorization: 'AWS4-HMAC-SHA256 x' })).status).toBe(400)
    expect((await fetch(`${sts.url}/?${new URLSearchParams(form).toString()}`)).status).toBe(400)
  })

  test('what it was told to refuse, once', async () => {
    sts.failNext({ code: 'Throttling', message: 'Rate exceeded', status: 400 })
    sts.failNext('hang_up')
    expect(await assume(input())).toBe('400 Throttling: Rate exceeded')
    await expect(assume(input())).rejects.toThrow()
    expect(await assume(input())).toBeCloseTo(3600, -1)
  })

  test('metadata of another entity', async () => {
    const wrong = [{ providerArn: providerArn(), entityId: 'x', metadataXml: metadata }]
    await expect(startSts({ now: () => nowMs, providers: wrong, roles: [] })).rejects.toThrow('not of x')
  })
})

const SIGNATURE = /<ds:Signature .*?<\/ds:Signature>/

/** A forged assertion before the signed one; the signature of the whole, which would tell, is taken away. */
function forgeBeside(xml: string): string {
  const genuine = /<saml:Assertion.*<\/saml:Assertion>/.exec(xml)![0]
  const forged = genuine.replace(SIGNATURE, '').replace('ID="_a1"', 'ID="_evil"')
  return xml.replace(SIGNATURE, '').replace(genuine, forged + genuine)
}

/** The signed assertion hidden inside of a forged one that stands in its place. */
function wrap(xml: string): string {
  const genuine = /<saml:Assertion.*<\/saml:Assertion>/.exec(xml)![0]
  const forged = genuine.replace('ID="_a1"', 'ID="_evil"').replaceAll('role/Dev', 'role/Admin')
  return xml.replace(genuine, forged.replace('</saml:Assertion>', `${genuine}</saml:Assertion>`))
}

describe('the AWS CLI', () => {
  function laptop(): AwsCli {
    const aws = awsCli(sts.url)
    onTestFinished(() => aws.remove())
    return aws
  }

  /** Arguments with a samlAssertion of this moment. */
  const assumeRole = (aws: AwsCli): string[] => [
    'assume-role-with-saml',
    '--role-arn',
    roleArn('Dev'),
    '--principal-arn',
    providerArn(),
    '--saml-assertion',
    aws.file('assertion.b64', encoded(signResponse(input(), testKey))),
  ]

  async function credentials(aws: AwsCli): Promise<Record<string, string>> {
    const given = (await aws.sts(assumeRole(aws))).Credentials as Record<string, string>
    return {
      AWS_ACCESS_KEY_ID: given.AccessKeyId!,
      AWS_SECRET_ACCESS_KEY: given.SecretAccessKey!,
      AWS_SESSION_TOKEN: given.SessionToken!,
    }
  }

  test('turns our Response into credentials, and is known by them until they end', async () => {
    const aws = laptop()
    const given = await credentials(aws)
    expect(await aws.sts(['get-caller-identity'], given)).toMatchObject({
      Account: '111122223333',
      Arn: 'arn:aws:sts::111122223333:assumed-role/Dev/sally@acme.test',
    })
    nowMs += HOUR + SECOND
    await expect(aws.sts(['get-caller-identity'], given)).rejects.toThrow('(ExpiredToken)')
    expect(sts.calls.map((c) => `${c.action} ${c.outcome}`)).toEqual([
      'AssumeRoleWithSAML ok',
      'GetCallerIdentity ok',
      'GetCallerIdentity ExpiredToken',
    ])
  }, 120_000)

  test('is not known by an access key that was never given, nor by a wrong secret', async () => {
    const aws = laptop()
    const given = await credentials(aws)
    const unknown = { ...given, AWS_ACCESS_KEY_ID: 'ASIAAAAAAAAAAAAAAAAA' }
    await expect(aws.sts(['get-caller-identity'], unknown)).rejects.toThrow('(InvalidClientTokenId)')
    const wrong = { ...given, AWS_SECRET_ACCESS_KEY: 'x'.repeat(40) }
    await expect(aws.sts(['get-caller-identity'], wrong)).rejects.toThrow('(SignatureDoesNotMatch)')
  }, 120_000)

  test('shows the words of AWS when a Response is redeemed too late', async () => {
    const aws = laptop()
    const asked = assumeRole(aws)
    nowMs += 5 * MINUTE + SECOND
    await expect(aws.sts(asked)).rejects.toThrow(
      /\(ExpiredTokenException\) when calling the AssumeRoleWithSAML operation( \(reached max retries: 0\))?: Token must be redeemed within 5 minutes/,
    )
  }, 120_000)
})
