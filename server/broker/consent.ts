import { policyFor } from '../directory/policy-for.ts'
import type { PageRequest } from '../http/request.ts'
import type { SignedInPerson } from '../signin/signed-in.ts'
import { heldRoles, type RoleDeps } from './aws-roles.ts'
import type { ConsentFacts } from './consent-view.ts'
import { absoluteEnd } from './live-session.ts'

/** What a person agrees to, whichever way it was asked for: as whom, until when, with how many roles. */
export async function consentFacts(
  d: RoleDeps,
  request: PageRequest,
  { user, session }: SignedInPerson,
): Promise<Pick<ConsentFacts, 'page' | 'person' | 'endsAt' | 'now' | 'idleHours' | 'roles'>> {
  const policy = await policyFor(d, { user })
  return {
    page: request.page(),
    person: user.email || user.username,
    endsAt: absoluteEnd(session, policy),
    now: d.clock(),
    idleHours: policy.broker_idle_hours,
    roles: (await heldRoles(d, user.roleIds)).length,
  }
}
