import type { User } from '../directory/user.ts'
import type { Authenticator } from '../factors/authenticator-store.ts'
import type { FactorKind } from '../factors/factor-kind.ts'
import type { Factor } from '../factors/factor.ts'
import type { FactorChoice } from './factor-view.ts'

/** An authenticator as the page shows it to its owner. */
export const factorChoice = (
  factors: Record<FactorKind, Factor>,
  authenticator: Authenticator,
  user: User,
): FactorChoice => ({
  id: String(authenticator.id),
  kind: authenticator.factor,
  label: authenticator.label,
  hint: factors[authenticator.factor].hint(user, authenticator),
})
