import type { AccountStore } from './account-store.ts'
import { mergePolicies, type Policy } from './policy.ts'
import type { User } from './user.ts'

/** The rules that hold for a person on the way to an app, or to none. The one place that is asked for them. */
export async function policyFor(
  d: { account: Pick<AccountStore, 'rules'> },
  about: { user: Pick<User, 'groupId'>; appId?: number | undefined },
): Promise<Policy> {
  const { account, own } = await d.account.rules(about.user.groupId, about.appId)
  return mergePolicies(account, ...own)
}
