/** What a shell or a program reads off the exit code. */
export const EXIT = { ok: 0, usage: 2, login: 3, denied: 4, network: 5, aws: 6, clock: 7 } as const
export type Failure = Exclude<keyof typeof EXIT, 'ok'>

interface FaultFacts {
  more?: readonly string[]
  role?: string | undefined
}

/** Why a command came to nothing, in one line: more the AWS CLI does not show of a credential process. */
export class CliFault extends Error {
  override readonly name = 'CliFault'
  readonly failure: Failure
  /** For who watches, below that line. */
  readonly more: readonly string[]
  /** The role that a new sign-in has to be for, where it has to be for one. */
  readonly role: string | undefined

  constructor(failure: Failure, line: string, { more = [], role }: FaultFacts = {}) {
    super(line.replaceAll(/\s+/g, ' ').trim())
    this.failure = failure
    this.more = more
    this.role = role
  }
}

/** How to sign in again, in words to copy. */
export const loginHint = (session: string, role?: string): string =>
  [
    'doorward aws login',
    session === 'default' ? '' : ` --session ${session}`,
    role ? ` --role ${role}` : '',
  ].join('')
