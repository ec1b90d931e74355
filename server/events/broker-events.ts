/** What happens to command lines, under the type ids of OneLogin that come nearest. */
import { displayName, type User } from '../directory/user.ts'
import type { EventDraft, Origin } from './event-store.ts'

type Who = Pick<User, 'id' | 'firstname' | 'lastname' | 'email' | 'username'>
type Named = { id: number; name: string }
/** A broker session as events name it. */
export interface NamedSession {
  id: number
  deviceName: string
}

const about = (
  typeId: number,
  origin: Origin,
  user: Who,
  session: NamedSession,
  what: string,
): EventDraft => ({
  typeId,
  origin,
  user: { id: user.id, name: displayName(user) },
  notes: `broker session ${session.id} on ${session.deviceName}: ${what}`,
})

export const brokerSessionBegun = (origin: Origin, user: Who, session: NamedSession) =>
  about(122, origin, user, session, 'began')
export const brokerSessionRefreshed = (origin: Origin, user: Who, session: NamedSession) =>
  about(515, origin, user, session, 'renewed')
/** A token or code came a second time: somebody else may have it. */
export const brokerTokenReused = (origin: Origin, user: Who, session: NamedSession, error: string) => ({
  ...about(522, origin, user, session, 'ended'),
  error,
})
/** By its person. */
export const brokerSessionEnded = (origin: Origin, user: Who, session: NamedSession, why: string) =>
  about(7, origin, user, session, why)
/** By an administrator. */
export const brokerSessionEndedByAdmin = (origin: Origin, user: Who, session: NamedSession) =>
  about(516, origin, user, session, 'ended')

const MAX_NOTES = 255

export const awsRoleGiven = (
  origin: Origin,
  user: Who,
  given: { session: NamedSession; app: Named; roleArn: string; seconds: number; assertionId: string },
): EventDraft => {
  const { session, app, roleArn, seconds, assertionId } = given
  const what = `${roleArn} for ${seconds} s, assertion ${assertionId}`
  return { ...about(78, origin, user, session, what), app: { id: app.id, name: app.name } }
}

export const awsRoleRefused = (
  origin: Origin,
  user: Who,
  refused: { session: NamedSession; roleArn: string; error: string },
): EventDraft => ({
  ...about(77, origin, user, refused.session, refused.roleArn.slice(0, MAX_NOTES)),
  error: refused.error.slice(0, MAX_NOTES),
})
