import type { AccountStore } from './account-store.ts'
import type { Policy } from './policy.ts'
import type { User } from './user.ts'

/** The rules that hold for a person on the way to an app, or to none. The one place that is asked for them. */
export async function policyFor(
  d: { account: Pick<AccountStore, 'account'> },
  _about: { user: User; appId?: number | undefined },
): Promise<Policy> {
  return (await d.account.account()).policy
}
