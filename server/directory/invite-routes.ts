import { z } from 'zod'
import { inviteFailed } from '../events/directory-events.ts'
import { envelope, successStatus } from '../http/api-wire.ts'
import { endpoint, type ApiRoute } from '../http/endpoint.ts'
import { originOf } from '../http/request.ts'
import { MANAGE_ALL_SCOPES } from '../oauth/scope.ts'
import { administrator, type AdministratorDeps } from './administrator.ts'
import { INVITE_OPERATIONS } from './invite-operations.ts'
import { inviteEmail, personalEmail } from './invite-input.ts'
import { invite, sendInvitation, type InviteDeps } from './invite.ts'

export type InviteRouteDeps = InviteDeps & AdministratorDeps

const mayInvite = (d: InviteRouteDeps) =>
  administrator(d, MANAGE_ALL_SCOPES, 'users:Invite', { failed: inviteFailed, anyReach: true })

const getLink = (d: InviteRouteDeps) =>
  endpoint({
    method: 'post',
    path: '/api/1/invites/get_invite_link',
    guard: mayInvite(d),
    doc: INVITE_OPERATIONS.getInviteLink,
    input: { body: z.looseObject({ email: inviteEmail }) },
    async handle({ body }, { caller, request }) {
      const { link } = await invite(d, caller, body.email, originOf(request, caller.clientId))
      return { json: envelope([link]) }
    },
  })

const sendLink = (d: InviteRouteDeps) =>
  endpoint({
    method: 'post',
    path: '/api/1/invites/send_invite_link',
    guard: mayInvite(d),
    doc: INVITE_OPERATIONS.sendInviteLink,
    input: { body: z.looseObject({ email: inviteEmail, personal_email: personalEmail }) },
    async handle({ body }, { caller, request }) {
      const wish = { email: body.email, personalEmail: body.personal_email }
      const origin = originOf(request, caller.clientId)
      const to = await sendInvitation(d, caller, wish, origin)
      return { json: { status: successStatus(`Email sent successfully to ${to}`) } }
    },
  })

/** Invitations: a link by which a person chooses their first password. */
export const inviteRoutes = (d: InviteRouteDeps): ApiRoute[] => [getLink(d), sendLink(d)]
