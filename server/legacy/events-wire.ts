import type { StoredEvent } from '../events/event-store.ts'
import { element, type Xml } from '../saml/xml.ts'
import { field, offsetTime, type FieldValue } from './xml-fields.ts'

/** An event's elements, by name. */
const FIELDS: readonly (readonly [name: string, valueOf: (event: StoredEvent) => FieldValue])[] = [
  ['account-id', (event) => event.accountId],
  ['actor-system', (event) => event.actorSystem],
  ['actor-user-id', (event) => event.actorUserId],
  ['actor-user-name', (event) => event.actorUserName],
  ['app-id', (event) => event.appId],
  ['app-name', (event) => event.appName],
  ['assuming-acting-user-id', (event) => event.assumingActingUserId],
  ['client-id', (event) => event.clientId],
  ['created-at', (event) => offsetTime(event.createdAt)],
  ['custom-message', (event) => event.customMessage],
  ['directory-id', (event) => event.directoryId],
  ['directory-sync-run-id', (event) => event.directorySyncRunId],
  ['event-type-id', (event) => event.eventTypeId],
  ['group-id', (event) => event.groupId],
  ['group-name', (event) => event.groupName],
  ['id', (event) => event.id],
  ['ipaddr', (event) => event.ipaddr],
  ['notes', (event) => event.notes],
  ['otp-device-id', (event) => event.otpDeviceId],
  ['otp-device-name', (event) => event.otpDeviceName],
  ['policy-id', (event) => event.policyId],
  ['policy-name', (event) => event.policyName],
  ['resolution', (event) => event.resolution],
  ['role-id', (event) => event.roleId],
  ['role-name', (event) => event.roleName],
  ['user-id', (event) => event.userId],
  ['user-name', (event) => event.userName],
]

export const eventXml = (event: StoredEvent): Xml =>
  element('event', {}, ...FIELDS.map(([name, valueOf]) => field(name, valueOf(event))))
