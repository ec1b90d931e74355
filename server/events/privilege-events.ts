/** What happens to privileges: one function an event, with OneLogin's event type ids. */
import type { EventDraft, Origin } from './event-store.ts'

type Named = { id: number; name: string }
type Holder = { user: Named } | { role: Named }

export const privilegeCreated = (origin: Origin, privilege: string): EventDraft => ({
  typeId: 70,
  origin,
  notes: `created: ${privilege}`,
})
export const privilegeUpdated = (origin: Origin, privilege: string): EventDraft => ({
  typeId: 70,
  origin,
  notes: `updated: ${privilege}`,
})
export const privilegeDeleted = (origin: Origin, privilege: string): EventDraft => ({
  typeId: 71,
  origin,
  notes: `deleted: ${privilege}`,
})
/** To people and, which OneLogin has no type of its own for, to roles. */
export const privilegeGranted = (origin: Origin, privilege: string, holder: Holder): EventDraft => ({
  typeId: 72,
  origin,
  ...holder,
  notes: privilege,
})
export const privilegeRevoked = (origin: Origin, privilege: string, holder: Holder): EventDraft => ({
  typeId: 73,
  origin,
  ...holder,
  notes: privilege,
})
