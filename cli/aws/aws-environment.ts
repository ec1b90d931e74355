/** What a program finds in its environment to be this role, and what must not be there beside it. */
import type { AwsCredentials } from './cache.ts'

type Variables = Record<string, string | undefined>

/** Any of these would win, or lead to another role. */
const OTHERS: Variables = {
  AWS_PROFILE: undefined,
  AWS_DEFAULT_PROFILE: undefined,
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_SESSION_TOKEN: undefined,
  AWS_SECURITY_TOKEN: undefined,
  AWS_CREDENTIAL_EXPIRATION: undefined,
  AWS_CONTAINER_CREDENTIALS_FULL_URI: undefined,
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: undefined,
  AWS_CONTAINER_AUTHORIZATION_TOKEN: undefined,
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: undefined,
  AWS_WEB_IDENTITY_TOKEN_FILE: undefined,
  AWS_ROLE_ARN: undefined,
}

/** Version 1 of the AWS CLI reads the one name, everything else the other. */
const inRegion = (region: string): Variables => ({ AWS_REGION: region, AWS_DEFAULT_REGION: region })

export const keyVariables = (credentials: AwsCredentials, region: string): Variables => ({
  ...OTHERS,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_SESSION_TOKEN: credentials.sessionToken,
  AWS_CREDENTIAL_EXPIRATION: credentials.expiration,
  ...inRegion(region),
})

/** Credentials that are asked for over HTTP. One address and one token: SDKs do not agree on which of two counts. */
export const containerVariables = (
  { url, token }: { url: string; token: string },
  region: string,
): Variables => ({
  ...OTHERS,
  AWS_CONTAINER_CREDENTIALS_FULL_URI: url,
  AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
  ...inRegion(region),
})
