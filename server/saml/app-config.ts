import { z } from 'zod'
import { keptByObject } from '../platform/kept.ts'
import { isSignerCertificate } from './signer-certificate.ts'

/** Fields of a person that an app may be sent. Everything else about a person stays in the house. */
// prettier-ignore
export const SENDABLE_FIELDS = [
  'id', 'email', 'username', 'firstname', 'lastname', 'phone', 'title', 'company', 'department',
  'external_id', 'samaccountname', 'userprincipalname', 'distinguished_name', 'member_of',
  'group_id', 'locale_code', 'roles',
] as const

/** A sendable field, or `custom_attributes.<name>`. */
const userField = z.union([z.enum(SENDABLE_FIELDS), z.string().regex(/^custom_attributes\.[\w-]{1,64}$/)])

const isLoopback = (host: string) => ['localhost', '127.0.0.1', '[::1]'].includes(host)

/** Https, or http on this machine; nothing that a browser and we could read differently. */
function isSafeAcsUrl(value: string): boolean {
  if (!/^https?:\/\/[\x21-\x7e]+$/.test(value) || /[\\"<>^`{|}#]/.test(value) || !URL.canParse(value))
    return false
  const url = new URL(value)
  if (url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || isLoopback(url.hostname)
}

const acsUrl = z
  .string()
  .max(1024)
  .refine(isSafeAcsUrl, 'must be an https address (http only on localhost) without credentials or fragment')

const entityId = z.string().min(1).max(1024) // SAML core 8.3.6: at most 1024 characters

// A comma may stand in an IAM role name but parts the two ARNs of the Role attribute, so it is refused here.
const ARN = String.raw`^arn:(aws[a-z-]*):iam::\d{12}:`
const roleArn = z
  .string()
  .max(2048)
  .regex(new RegExp(String.raw`${ARN}role/[\w+=.@/-]{1,576}$`), 'must be the ARN of an IAM role')
const providerArn = z
  .string()
  .max(2048)
  .regex(
    new RegExp(String.raw`${ARN}saml-provider/[\w.-]{1,128}$`),
    'must be the ARN of an IAM SAML provider',
  )

const awsRole = z.strictObject({
  role_arn: roleArn,
  provider_arn: providerArn,
  /** Ids of the directory roles that hold this AWS role. */
  directory_roles: z.array(z.int().positive()),
  session_seconds: z.int().min(900).max(43_200).default(3600),
  /** What people call it. */
  name: z.string().trim().min(1).max(64).optional(),
  /** Seconds after the last proof of who it is, password or factor, from which on a command line needs a new one for this role. */
  max_auth_age: z.int().min(60).max(86_400).optional(),
  /** What that sign-in must have proved, in the names of RFC 8176: `mfa`, `hwk`, `otp`… */
  required_amr: z
    .array(z.string().regex(/^[a-z]{2,16}$/, 'must be names of RFC 8176, such as mfa or hwk'))
    .max(5)
    .optional(),
  broker_session_hours: z.int().min(1).max(24).optional(),
  broker_idle_hours: z.int().min(1).max(24).optional(),
  /** The role's trust policy allows sts:SetSourceIdentity: say who it is for good. */
  source_identity: z.boolean().optional(),
  /** The role's trust policy allows sts:TagSession: name the broker session, so that one alone can be shut out. */
  session_tag: z.boolean().optional(),
})

/** Whether programs may have this app's samlAssertion for a password (`/api/{1,2}/saml_assertion`). */
const samlAssertionApi = z.boolean().optional()

/** The partition of an ARN: `aws`, `aws-us-gov`, `aws-cn`… */
export const partitionOf = (arn: string): string => arn.split(':', 2)[1]!

/** Where AWS takes a Response, by partition; the audience is the same address. Others must be named in the app. */
export const SIGN_IN_BY_PARTITION: Readonly<Record<string, string>> = {
  aws: 'https://signin.aws.amazon.com/saml',
  'aws-us-gov': 'https://signin.amazonaws-us-gov.com/saml',
  'aws-cn': 'https://signin.amazonaws.cn/saml',
}

/** The `aws` block of an app. One app is one partition, because one Response has one recipient. */
export const awsAppConfig = z
  .strictObject({
    roles: z.array(awsRole).min(1),
    acs_url: acsUrl.optional(),
    audience: entityId.optional(),
    saml_assertion_api: samlAssertionApi,
  })
  .superRefine((config, context) => {
    const partitions = new Set(
      config.roles.flatMap((r) => [partitionOf(r.role_arn), partitionOf(r.provider_arn)]),
    )
    if (partitions.size > 1) {
      context.addIssue({ code: 'custom', path: ['roles'], message: 'all ARNs must be of one AWS partition' })
    }
    if (new Set(config.roles.map((r) => `${r.role_arn},${r.provider_arn}`)).size < config.roles.length) {
      context.addIssue({ code: 'custom', path: ['roles'], message: 'an AWS role is listed twice' })
    }
    const known = [...partitions].every((partition) => partition in SIGN_IN_BY_PARTITION)
    if (!known && (config.acs_url === undefined || config.audience === undefined)) {
      context.addIssue({
        code: 'custom',
        path: ['acs_url'],
        message: 'this AWS partition needs acs_url and audience',
      })
    }
  })

/** What the AWS app is told by the directory. */
export type AwsAppConfig = z.infer<typeof awsAppConfig>

/** The `aws` block of an app that has one. */
export const awsConfigOf = ({ settings }: { settings: unknown }): AwsAppConfig => readAws(settings)
const readAws = keptByObject((settings: unknown) => awsAppConfig.parse(settings))
export type AwsRole = AwsAppConfig['roles'][number]

/** The `saml` block of an app. Takes `acs_url` for one address or `acs_urls` for several; gives `acs_urls`. */
export const samlAppConfig = z
  .strictObject({
    entity_id: entityId,
    acs_url: acsUrl.optional(),
    /** The first one is where a sign-in goes that the service provider did not ask for. */
    acs_urls: z.array(acsUrl).min(1).optional(),
    name_id: z.enum(['email', 'username', 'id', 'external_id']).default('email'),
    /** SAML attribute name -> field of the person. */
    attributes: z.record(z.string().min(1).max(256), userField).default({}),
    /** Who signs this service provider's requests. With one, every request of it has to be signed. */
    request_certificates: z
      .array(
        z
          .string()
          .max(16_384)
          .refine(isSignerCertificate, 'must be a certificate in PEM with an RSA key of at least 2048 bits'),
      )
      .max(5)
      .default([]),
    /** Where it takes the answer to its LogoutRequests. */
    slo_url: acsUrl.optional(),
    saml_assertion_api: samlAssertionApi,
  })
  .refine(
    ({ slo_url: url, request_certificates: certificates }) => url === undefined || certificates.length > 0,
    {
      path: ['slo_url'],
      message:
        'needs request_certificates: a LogoutRequest that nobody signed would let any link sign people out',
    },
  )
  .refine((config) => (config.acs_url === undefined) !== (config.acs_urls === undefined), {
    path: ['acs_url'],
    message: 'give either acs_url or acs_urls',
  })
  .transform(({ acs_url: one, acs_urls: several, ...rest }) => ({ ...rest, acs_urls: several ?? [one!] }))

/** What an ordinary SAML app is told by the directory. */
export type SamlAppConfig = z.infer<typeof samlAppConfig>

/** The `saml` block of an app that has one. */
export const samlConfigOf = ({ settings }: { settings: unknown }): SamlAppConfig => readSaml(settings)
const readSaml = keptByObject((settings: unknown) => samlAppConfig.parse(settings))
