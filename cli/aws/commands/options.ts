import { InvalidArgumentError, Option } from 'commander'

/** Options that several commands share, each in the same words. */
export const sessionOption = () =>
  new Option('--session <name>', 'which sign-in, where there are several').default('default')
export const roleOption = () =>
  new Option('--role <role>', 'alias, name, account/role or ARN; on a terminal a menu asks without it')
export const regionOption = () => new Option('--region <region>', 'AWS region')
export const durationOption = () =>
  new Option(
    '--duration <seconds>',
    'how long credentials live, 900 to 43200; without it as long as the role says',
  ).argParser((text) => {
    const seconds = Number(text)
    if (/^\d{3,5}$/.test(text) && seconds >= 900 && seconds <= 43_200) return seconds
    throw new InvalidArgumentError('It is a number from 900 to 43200.')
  })

/** What these options are read into. */
export interface SessionOptions {
  session: string
}
export interface RoleOptions extends SessionOptions {
  role?: string
  region?: string
  duration?: number
}
