/** What programs do to the directory: one function an event, with OneLogin's event type ids. */
import { displayName, type User } from '../directory/user.ts'
import type { EventDraft, Origin } from './event-store.ts'

type Who = Pick<User, 'id' | 'firstname' | 'lastname' | 'email' | 'username'>
type Named = { id: number; name: string }

const about = (typeId: number, origin: Origin, user: Who): EventDraft => ({
  typeId,
  origin,
  user: { id: user.id, name: displayName(user) },
})
const named = ({ id, name }: Named): Named => ({ id, name })

export const userCreatedViaApi = (origin: Origin, user: Who): EventDraft => about(533, origin, user)
/** `changed`: names of attributes, never their values. */
export const userUpdatedViaApi = (origin: Origin, user: Who, changed: readonly string[]): EventDraft => ({
  ...about(529, origin, user),
  notes: changed.join(', '),
})
export const userDestroyedViaApi = (origin: Origin, user: Who): EventDraft => about(530, origin, user)
export const userLockedViaApi = (origin: Origin, user: Who): EventDraft => about(531, origin, user)
export const passwordSetWithSalt = (origin: Origin, user: Who): EventDraft => about(510, origin, user)
export const passwordSetInClear = (origin: Origin, user: Who): EventDraft => about(511, origin, user)
export const customAttributesSet = (origin: Origin, user: Who, names: readonly string[]): EventDraft => ({
  ...about(512, origin, user),
  notes: names.join(', '),
})
export const loggedOutViaApi = (origin: Origin, user: Who): EventDraft => about(516, origin, user)
export const roleAddedToUser = (origin: Origin, user: Who, role: Named): EventDraft => ({
  ...about(513, origin, user),
  role: named(role),
})
export const roleRemovedFromUser = (origin: Origin, user: Who, role: Named): EventDraft => ({
  ...about(514, origin, user),
  role: named(role),
})
export const userInvited = (origin: Origin, user: Who): EventDraft => about(115, origin, user)
/** OneLogin tells getting a link and sending one by the same type. */
export const inviteLinkMade = (origin: Origin, user: Who): EventDraft => about(535, origin, user)
export const appAddedToRole = (origin: Origin, app: Named, role: Named): EventDraft => ({
  typeId: 1,
  origin,
  app: named(app),
  role: named(role),
})
export const appRemovedFromRole = (origin: Origin, app: Named, role: Named): EventDraft => ({
  typeId: 2,
  origin,
  app: named(app),
  role: named(role),
})

/** Why somebody was refused this, in the words that they were told; whom it was about, when there is such a person. */
const failure =
  (typeId: number) =>
  (origin: Origin, user: Who | undefined, error: string): EventDraft => ({
    ...(user ? about(typeId, origin, user) : { typeId, origin }),
    error,
  })
export const saltedPasswordFailed = failure(517)
export const clearPasswordFailed = failure(518)
export const customAttributesFailed = failure(519)
export const addRolesFailed = failure(520)
export const removeRolesFailed = failure(521)
export const logOutFailed = failure(523)
export const deletionFailed = failure(524)
export const inviteFailed = failure(525)
export const lockFailed = failure(526)
export const updateFailed = failure(532)
export const creationFailed = failure(534)

/** OneLogin has no type of its own for what happens to roles themselves; they are settings of the account. */
const roleSetting = (origin: Origin, role: Named, what: string): EventDraft => ({
  typeId: 197,
  origin,
  role: named(role),
  notes: `role ${what}`,
})
export const roleCreated = (origin: Origin, role: Named): EventDraft => roleSetting(origin, role, 'created')
export const roleRenamed = (origin: Origin, role: Named): EventDraft => roleSetting(origin, role, 'renamed')
export const roleDeleted = (origin: Origin, role: Named): EventDraft => roleSetting(origin, role, 'deleted')
