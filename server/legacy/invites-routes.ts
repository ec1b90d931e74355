import { z } from 'zod'
import { isFailure } from '../directory/administrator.ts'
import { inviteEmail, personalEmail } from '../directory/invite-input.ts'
import { sendInvitation, type InviteDeps } from '../directory/invite.ts'
import { inviteFailed } from '../events/directory-events.ts'
import { refusalText, successStatus } from '../http/api-wire.ts'
import { endpoint, type Guard, type Route } from '../http/endpoint.ts'
import { originOf, type RequestFacts } from '../http/request.ts'
import { MANAGE_ALL_SCOPES } from '../oauth/scope.ts'
import { legacyKeyInBody, type KeyGuardDeps } from './key-guard.ts'
import type { LegacyCaller } from './legacy-key.ts'

export type LegacyInviteDeps = InviteDeps & KeyGuardDeps

const mayInvite = (d: LegacyInviteDeps): Guard<RequestFacts, LegacyCaller> => ({
  ...legacyKeyInBody(d, MANAGE_ALL_SCOPES),
  async refused(error, { caller, request }) {
    if (!isFailure(error)) return
    await d.events.append(inviteFailed(originOf(request, caller.clientId), undefined, refusalText(error)))
  },
})

/** The same letter, with an API key. */
export const legacyInviteRoutes = (d: LegacyInviteDeps): Route<RequestFacts>[] => [
  endpoint({
    method: 'post',
    path: '/api/v3/invites/send_invite_link',
    guard: mayInvite(d),
    input: { body: z.looseObject({ email: inviteEmail, personal_email: personalEmail }) },
    async handle({ body }, { caller, request }) {
      const wish = { email: body.email, personalEmail: body.personal_email }
      const to = await sendInvitation(d, caller, wish, originOf(request, caller.clientId))
      return { json: { status: successStatus(`Email sent successfully to ${to}`) } }
    },
  }),
]
