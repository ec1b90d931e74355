/** What a shell or a program reads off the exit code. */
export const EXIT = { ok: 0, usage: 2, login: 3, denied: 4, network: 5, aws: 6, clock: 7 } as const
export type Failure = Exclude<keyof typeof EXIT, 'ok'>

/** Why a command came to nothing, in one line: more the AWS CLI does not show of a credential process. */
export class CliFault extends Error {
  override readonly name = 'CliFault'
  readonly failure: Failure
  /** For who watches, below that line. */
  readonly more: readonly string[]

  constructor(failure: Failure, line: string, more: readonly string[] = []) {
    super(line.replaceAll(/\s+/g, ' ').trim())
    this.failure = failure
    this.more = more
  }
}

/** How to sign in again, in words to copy. */
export const loginHint = (session: string, role?: string): string =>
  [
    'doorward aws login',
    session === 'default' ? '' : ` --session ${session}`,
    role ? ` --role ${role}` : '',
  ].join('')
