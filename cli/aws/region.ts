import { CliFault } from './fault.ts'
import { environment } from './machine.ts'

/** AWS is several worlds that know nothing of each other. */
interface Partition {
  /** Where a role is asked for when nobody names a region. */
  region: string
  /** Of service hosts: `sts.<region>.<suffix>`. */
  suffix: string
  signIn: string
  console: string
  regions: RegExp
}

const PARTITIONS: Readonly<Record<string, Partition>> = {
  aws: {
    region: 'us-east-1',
    suffix: 'amazonaws.com',
    signIn: 'signin.aws.amazon.com',
    console: 'console.aws.amazon.com',
    regions: /^(?!cn-|us-gov-|us-iso|eusc-)[a-z]{2}(-[a-z]+)+-\d$/,
  },
  'aws-us-gov': {
    region: 'us-gov-west-1',
    suffix: 'amazonaws.com',
    signIn: 'signin.amazonaws-us-gov.com',
    console: 'console.amazonaws-us-gov.com',
    regions: /^us-gov-/,
  },
  'aws-cn': {
    region: 'cn-north-1',
    suffix: 'amazonaws.com.cn',
    signIn: 'signin.amazonaws.cn',
    console: 'console.amazonaws.cn',
    regions: /^cn-/,
  },
  'aws-eusc': {
    region: 'eusc-de-east-1',
    suffix: 'amazonaws.eu',
    signIn: 'signin.amazonaws-eusc.eu',
    console: 'console.amazonaws-eusc.eu',
    regions: /^eusc-/,
  },
}

/** The partition of an ARN. @throws CliFault for one that this command does not know */
export function partitionOf(arn: string): Partition {
  const name = arn.split(':', 2)[1] ?? ''
  const partition = PARTITIONS[name]
  if (partition) return partition
  throw new CliFault('usage', `the AWS partition "${name}" is not known here`)
}

/** The region that was asked for, where it is one of the role's partition, else that partition's first. */
export function regionFor(roleArn: string, asked?: string): string {
  const { AWS_REGION: first, AWS_DEFAULT_REGION: second } = environment()
  const { region, regions } = partitionOf(roleArn)
  if (asked !== undefined && !regions.test(asked))
    throw new CliFault('usage', `the region ${asked} is not in the partition of this role`)
  return asked ?? [first, second].find((one) => one !== undefined && regions.test(one)) ?? region
}

/** STS of a region: a token of the global one is not good everywhere. Tools for tests put another in its place, as for the AWS CLI. */
export function stsEndpoint(roleArn: string, region: string): string {
  const { AWS_ENDPOINT_URL_STS: sts, AWS_ENDPOINT_URL: all } = environment()
  return (sts ?? all ?? `https://sts.${region}.${partitionOf(roleArn).suffix}`).replace(/\/$/, '')
}

/** Where a browser signs in with credentials, and the console that it comes to. */
export function consoleHosts(roleArn: string, region: string) {
  const { signIn, console } = partitionOf(roleArn)
  const federation = environment().DOORWARD_AWS_FEDERATION_URL ?? `https://${region}.${signIn}/federation`
  return { federation, console: `https://${region}.${console}/` }
}
