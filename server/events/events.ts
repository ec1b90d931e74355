/** One function an event: the only place that knows OneLogin's event type ids. */
import { displayName, type User } from '../directory/user.ts'
import type { EventDraft, Origin } from './event-store.ts'

type Who = Pick<User, 'id' | 'firstname' | 'lastname' | 'email' | 'username'>
type Named = { id: number; name: string }

const who = (user: Who): Named => ({ id: user.id, name: displayName(user) })
const about = (typeId: number, origin: Origin, user?: Who): EventDraft => ({
  typeId,
  origin,
  ...(user && { user: who(user) }),
})

/** What answers with a temporary MFA token. */
export const TEMPORARY_TOKEN: Named = { id: 0, name: 'Temporary MFA token' }

export const signedInToPortal = (origin: Origin, user: Who): EventDraft => about(5, origin, user)
/** A name that nobody has is not noted: people type passwords into that field. */
export const portalSignInFailed = (origin: Origin, user: Who | undefined, error: string): EventDraft => ({
  ...about(6, origin, user),
  error,
})
export const signedOutOfPortal = (origin: Origin, user: Who): EventDraft => about(7, origin, user)
/** A person ended sessions of theirs from another one; OneLogin has no type of its own for that. */
export const signedOutElsewhere = (origin: Origin, user: Who, notes: string): EventDraft => ({
  ...about(7, origin, user),
  notes,
})
/** `changed`: names of attributes, never their values. */
export const profileUpdated = (origin: Origin, user: Who, changed: string): EventDraft => ({
  ...about(14, origin, user),
  notes: changed,
})
export const signedInToApp = (origin: Origin, user: Who, app: Named): EventDraft => ({
  ...about(8, origin, user),
  app: { id: app.id, name: app.name },
})
export const passwordRequested = (origin: Origin, user: Who): EventDraft => about(10, origin, user)
export const passwordChanged = (origin: Origin, user: Who): EventDraft => about(11, origin, user)
export const userUnlocked = (origin: Origin, user: Who): EventDraft => ({
  ...about(12, origin, user),
  notes: 'the lock had ended',
})
export const userCreated = (origin: Origin, user: Who): EventDraft => about(13, origin, user)
export const userActivated = (origin: Origin, user: Who): EventDraft => about(16, origin, user)
export const userLocked = (origin: Origin, user: Who): EventDraft => ({
  ...about(19, origin, user),
  notes: 'too many failed sign-ins',
})
export const authenticatedViaApi = (origin: Origin, user: Who): EventDraft => about(122, origin, user)
export const apiAuthenticationFailed = (
  origin: Origin,
  user: Who | undefined,
  error: string,
): EventDraft => ({
  ...about(123, origin, user),
  error,
})
export const sessionTokenIssued = (origin: Origin, user: Who): EventDraft => about(515, origin, user)
export const sessionTokenRefused = (origin: Origin, user: Who | undefined, error: string): EventDraft => ({
  ...about(522, origin, user),
  error,
})
export const authenticatorEnrolled = (origin: Origin, user: Who, authenticator: Named): EventDraft => ({
  ...about(22, origin, user),
  authenticator,
})
/** OneLogin has no type of its own for these; they are answered as device 0. */
export const temporaryTokenIssued = (origin: Origin, user: Who, reusable: boolean): EventDraft => ({
  ...about(22, origin, user),
  authenticator: TEMPORARY_TOKEN,
  notes: reusable ? 'temporary MFA token, reusable' : 'temporary MFA token, for one use',
})
export const authenticatorRemoved = (origin: Origin, user: Who, authenticator: Named): EventDraft => ({
  ...about(24, origin, user),
  authenticator,
})
export const factorFailed = (
  origin: Origin,
  user: Who,
  authenticator: Named | undefined,
  error: string,
): EventDraft => ({
  ...about(527, origin, user),
  ...(authenticator && { authenticator }),
  error,
})
export const factorVerified = (origin: Origin, user: Who, authenticator: Named): EventDraft => ({
  ...about(528, origin, user),
  authenticator,
})
/** A program that is known said something wrong, or asked for what it may not have. */
export const apiBadRequest = (origin: Origin, error: string): EventDraft => ({ ...about(400, origin), error })
export const apiUnauthorized = (origin: Origin, error: string): EventDraft => ({
  ...about(401, origin),
  error,
})
export const apiCredentialCreated = (origin: Origin, name: string): EventDraft => ({
  ...about(179, origin),
  notes: name,
})
export const apiCredentialDeleted = (origin: Origin, name: string): EventDraft => ({
  ...about(180, origin),
  notes: name,
})
export const apiCredentialEnabled = (origin: Origin, name: string): EventDraft => ({
  ...about(181, origin),
  notes: name,
})
export const apiCredentialDisabled = (origin: Origin, name: string): EventDraft => ({
  ...about(182, origin),
  notes: name,
})
export const embeddingEnabled = (origin: Origin): EventDraft => about(167, origin)
export const embeddingDisabled = (origin: Origin): EventDraft => about(169, origin)
/** What a document that was imported changed, in one event: a line for each of a million people helps nobody. */
export const documentImported = (origin: Origin, summary: string): EventDraft => ({
  ...about(23, origin),
  notes: summary,
})
