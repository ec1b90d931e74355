import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Problem } from '../../server/errors.ts'
import { awsStatement, roleSessionName } from '../../server/saml/aws-attributes.ts'
import { anAwsApp, providerArn, roleArn } from './aws-examples.ts'

const sally = { id: 7, email: 'sally@acme.test' }
const PREFIX = 'https://aws.amazon.com/SAML/Attributes/'

function valuesOf(statement: ReturnType<typeof awsStatement>, name: string): readonly string[] | undefined {
  return statement.attributes.find((a) => a.name === PREFIX + name)?.values
}

describe('the AWS statement', () => {
  test('lists the AWS roles of the directory roles that the person holds, and no other', () => {
    const statement = awsStatement(sally, anAwsApp(), [10, 12, 99])
    expect(valuesOf(statement, 'Role')).toEqual([
      `${roleArn('Dev')},${providerArn()}`,
      `${roleArn('Audit')},${providerArn()}`,
    ])
  })

  test.each([
    ['holds no directory role', [], undefined],
    ['holds directory roles without an AWS role', [1, 99], undefined],
    ['asks for an AWS role that they do not hold', [10], { roleArn: roleArn('Admin') }],
    ['asks for an AWS role of another account', [10], { roleArn: 'arn:aws:iam::999988887777:role/Dev' }],
    ['asks for an AWS role in another spelling', [10], { roleArn: roleArn('dev') }],
  ])('is refused as app_not_assigned when the person %s', (_why, held, only) => {
    expect(refusal(() => awsStatement(sally, anAwsApp(), held, only))).toBe('app_not_assigned')
  })

  test('holds exactly one AWS role when one is asked for, with the time of that role', () => {
    const statement = awsStatement(sally, anAwsApp(), [10, 11, 12], { roleArn: roleArn('Dev') })
    expect(valuesOf(statement, 'Role')).toEqual([`${roleArn('Dev')},${providerArn()}`])
    expect(valuesOf(statement, 'SessionDuration')).toEqual(['7200'])
  })

  test('lasts as long as the shortest of the AWS roles that are held', () => {
    expect(valuesOf(awsStatement(sally, anAwsApp(), [10]), 'SessionDuration')).toEqual(['7200'])
    expect(valuesOf(awsStatement(sally, anAwsApp(), [10, 11]), 'SessionDuration')).toEqual(['3600'])
    expect(valuesOf(awsStatement(sally, anAwsApp(), [10, 11, 12]), 'SessionDuration')).toEqual(['900'])
  })

  test.each([
    ['aws', 'https://signin.aws.amazon.com/saml'],
    ['aws-us-gov', 'https://signin.amazonaws-us-gov.com/saml'],
    ['aws-cn', 'https://signin.amazonaws.cn/saml'],
  ])('goes to the sign-in address of the partition %s', (partition, address) => {
    const statement = awsStatement(sally, anAwsApp({}, partition), [10])
    expect([statement.recipient, statement.audience]).toEqual([address, address])
  })

  test('goes to the address and audience of the app where it names them', () => {
    const app = anAwsApp({
      acs_url: 'https://eu-west-1.signin.aws.amazon.com/saml',
      audience: 'urn:amazon:webservices',
    })
    const { recipient, audience } = awsStatement(sally, app, [10])
    expect([recipient, audience]).toEqual([app.acs_url, app.audience])
  })

  test('sends no tag and no source identity, which would break roles whose trust policy does not allow them', () => {
    const names = awsStatement(sally, anAwsApp(), [10]).attributes.map((a) => a.name)
    expect(names.sort()).toEqual(['Role', 'RoleSessionName', 'SessionDuration'].map((n) => PREFIX + n))
  })

  test('names the person by id toward CloudTrail', () => {
    expect(awsStatement(sally, anAwsApp(), [10]).nameId.value).toBe('7')
  })
})

describe('a RoleSessionName', () => {
  test.each<[string, string | null | undefined, string]>([
    ['keeps an address that fits', 'sally@acme.test', 'sally@acme.test'],
    ['keeps every sign that AWS allows', 'a_B+9=,.@-x', 'a_B+9=,.@-x'],
    ['keeps 64 characters', 'x'.repeat(64), 'x'.repeat(64)],
    ['drops an apostrophe and adds the id', "o'brien@acme.test", 'obrien@acme.test-7'],
    ['drops accents and spaces and adds the id', 'jos\u00e9 x@acme.test', 'josx@acme.test-7'],
    ['shortens 65 characters and adds the id', 'x'.repeat(65), `${'x'.repeat(62)}-7`],
    ['adds the id to an address that looks like a cleaned one', 'obrien@acme.test-9', 'obrien@acme.test-9-7'],
    ['adds the id to a single character', 'x', 'x-7'],
    ['is made of the id when nothing is left', '\u4f60\u597d', 'user-7'],
    ['is made of the id when there is no address', null, 'user-7'],
    ['is made of the id when the address is not known', undefined, 'user-7'],
    ['does not take a line feed at the end for the end', 'sally@acme.test\n', 'sally@acme.test-7'],
  ])('%s', (_does, email, want) => {
    expect(roleSessionName({ id: 7, email })).toBe(want)
  })

  test('is allowed by AWS and differs between any two people', () => {
    const local = fc.stringMatching(/^[a-z'\u00e9 -]{0,6}(-[0-9]{1,2})?$/)
    const long = fc.constantFrom('', 'x'.repeat(60), 'x'.repeat(64), 'x'.repeat(80))
    const email = fc.tuple(long, local).map((parts) => parts.join(''))
    const id = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }))
    const people = fc.tuple(fc.record({ id, email }), fc.record({ id, email }))
    fc.assert(
      fc.property(people, ([a, b]) => {
        expect(roleSessionName(a)).toMatch(/^[a-zA-Z_0-9+=,.@-]{2,64}$/)
        if (a.id !== b.id && a.email !== b.email) expect(roleSessionName(a)).not.toBe(roleSessionName(b))
      }),
      { numRuns: 5000 },
    )
  })
})

function refusal(attempt: () => unknown): string | undefined {
  try {
    attempt()
  } catch (error) {
    if (error instanceof Problem) return error.code
    throw error
  }
  return undefined
}
