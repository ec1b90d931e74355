import { z } from 'zod'
import { Problem } from '../errors.ts'
import { inviteFailed } from '../events/directory-events.ts'
import { envelope, successStatus } from '../http/api-wire.ts'
import { endpoint, type ApiRoute } from '../http/endpoint.ts'
import { originOf } from '../http/request.ts'
import { MANAGE_ALL_SCOPES } from '../oauth/scope.ts'
import { administrator, type AdministratorDeps } from './administrator.ts'
import { INVITE_OPERATIONS } from './invite-operations.ts'
import { invite, sendInvitation, type InviteDeps } from './invite.ts'

export type InviteRouteDeps = InviteDeps & AdministratorDeps

const MAX_EMAIL = 254
const ADDRESS = /^[^\s@\p{Cc}\p{Cs}]+@[^\s@\p{Cc}\p{Cs}]+$/u

const plain = (message: string) => ({ code: 'custom' as const, message, params: { plain: true } })

const isMissing = (value: unknown): boolean => value === undefined || value === null || value === ''
const isAddress = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_EMAIL && ADDRESS.test(value)

/** An address, in the contract's words when it is none. */
const email = z
  .unknown()
  .optional()
  .transform((value, ctx): string => {
    if (isAddress(value)) return value
    ctx.addIssue(
      plain(isMissing(value) ? 'Email Parameter is missing' : 'Email Input is in incorrect format'),
    )
    return z.NEVER
  })
  .meta({ type: 'string', format: 'email', maxLength: MAX_EMAIL, required: true })
const maybeEmail = z
  .unknown()
  .optional()
  .transform((value, ctx): string | undefined => {
    if (isMissing(value) || isAddress(value)) return (value as string) || undefined
    ctx.addIssue(plain('Email Input is in incorrect format'))
    return z.NEVER
  })
  .meta({ type: ['string', 'null'], format: 'email', maxLength: MAX_EMAIL })

const mayInvite = (d: InviteRouteDeps) =>
  administrator(d, MANAGE_ALL_SCOPES, 'users:Invite', { failed: inviteFailed, anyReach: true })

const getLink = (d: InviteRouteDeps) =>
  endpoint({
    method: 'post',
    path: '/api/1/invites/get_invite_link',
    guard: mayInvite(d),
    doc: INVITE_OPERATIONS.getInviteLink,
    input: { body: z.looseObject({ email }) },
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
    input: { body: z.looseObject({ email, personal_email: maybeEmail }) },
    async handle({ body }, { caller, request }) {
      const wish = { email: body.email, personalEmail: body.personal_email }
      const origin = originOf(request, caller.clientId)
      const to = await sendInvitation(d, caller, wish, origin).catch(async (error: unknown) => {
        // The guard notes what was wrong with the call; that the letter could not be sent is no fault of it.
        if (error instanceof Problem && error.code === 'unavailable')
          await d.events.append(inviteFailed(origin, undefined, 'the letter could not be sent'))
        throw error
      })
      return { json: { status: successStatus(`Email sent successfully to ${to}`) } }
    },
  })

/** Invitations: a link by which a person chooses their first password. */
export const inviteRoutes = (d: InviteRouteDeps): ApiRoute[] => [getLink(d), sendLink(d)]
