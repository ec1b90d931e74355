import type { User } from '../directory/user.ts'
import type { Authenticator } from '../factors/authenticator-store.ts'
import type { FactorKind } from '../factors/factor-kind.ts'
import type { FactorChoice } from './factor-view.ts'

/** `sally@acme.test` -> `s•••y@acme.test`: enough to know which mailbox, too little to learn the address. */
export function maskedEmail(email: string): string {
  const at = email.lastIndexOf('@')
  if (at < 1) return '•••'
  const [first = ''] = email
  const last = at > 2 ? email.slice(at - 1, at) : ''
  return `${first}•••${last}${email.slice(at)}`
}

const HINT: Record<FactorKind, (user: User) => string> = {
  totp: () => '',
  email: (user) => maskedEmail(user.email),
}

/** An authenticator as the page shows it to its owner. */
export const factorChoice = ({ id, factor, label }: Authenticator, user: User): FactorChoice => ({
  id: String(id),
  kind: factor,
  label,
  hint: HINT[factor](user),
})
