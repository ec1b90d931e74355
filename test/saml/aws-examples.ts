import { awsAppConfig, type AwsAppConfig } from '../../server/saml/app-config.ts'

/** An AWS role of account 111122223333 by name. */
export const roleArn = (name: string, partition = 'aws'): string =>
  `arn:${partition}:iam::111122223333:role/${name}`

/** The SAML provider of account 111122223333. */
export const providerArn = (partition = 'aws'): string =>
  `arn:${partition}:iam::111122223333:saml-provider/Doorward`

/** An AWS app: `Dev` is held by directory role 10, `Admin` by 11, `Audit` by 12. */
export const anAwsApp = (changed: Record<string, unknown> = {}, partition = 'aws'): AwsAppConfig =>
  awsAppConfig.parse({
    roles: [
      { name: 'Dev', directory_roles: [10], session_seconds: 7200 },
      { name: 'Admin', directory_roles: [11], session_seconds: 3600 },
      { name: 'Audit', directory_roles: [12], session_seconds: 900 },
    ].map(({ name, ...rest }) => ({
      role_arn: roleArn(name, partition),
      provider_arn: providerArn(partition),
      ...rest,
    })),
    ...changed,
  })
