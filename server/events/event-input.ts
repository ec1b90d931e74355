import { z } from 'zod'
import { idLike, optionalInteger, optionalText } from '../http/api-input.ts'
import type { ListModel } from '../http/api-list-model.ts'
import { EVENT_FIELDS } from './event-schema.ts'
import type { EventColumn, ForeignEvent } from './event-store.ts'
import { isEventType } from './event-types.ts'

/** What a list of events can be filtered, sorted and cut down by. */
export const EVENT_LIST: ListModel<EventColumn> = {
  model: 'event',
  path: '/api/1/events',
  fields: EVENT_FIELDS,
  filters: {
    client_id: { column: 'clientId', kind: 'text' },
    created_at: { column: 'createdAt', kind: 'integer' },
    directory_id: { column: 'directoryId', kind: 'integer' },
    event_type_id: { column: 'eventTypeId', kind: 'integer', many: true },
    id: { column: 'id', kind: 'integer', many: true },
    resolution: { column: 'resolution', kind: 'text' },
    user_id: { column: 'userId', kind: 'integer' },
  },
  sorts: {
    id: { column: 'id', key: 'number' },
    created_at: { column: 'createdAt', key: 'number' },
  },
  time: 'createdAt',
}

type RawQuery = Record<string, string | string[]>

/** Events spell two filters in their own way: a type may come several times, and a time is compared as milliseconds. */
export function asListQuery({ event_type_id: types, created_at: createdAt, ...query }: RawQuery): RawQuery {
  const time = typeof createdAt === 'string' ? Date.parse(createdAt.trim()) : NaN
  return {
    ...query,
    ...(types !== undefined && { event_type_id: [types].flat().join(',') }),
    // One that is no time, or one in milliseconds as our own links have it, is left to the list to judge.
    ...(createdAt !== undefined && {
      created_at: Number.isNaN(time) || /^\d{9,}$/.test(String(createdAt)) ? createdAt : String(time),
    }),
  }
}

const id = (name: string) => optionalInteger(name)
const text = (name: string) => optionalText(name, { max: 255 })

const shape = {
  event_type_id: idLike(
    'event_type_id',
    'event_type_id is an required attribute for post request for event',
  ).refine(isEventType, { error: 'event_type_id is not the id of an event type' }),
  account_id: id('account_id'),
  actor_system: text('actor_system'),
  actor_user_id: id('actor_user_id'),
  actor_user_name: text('actor_user_name'),
  app_id: id('app_id'),
  app_name: text('app_name'),
  assuming_acting_user_id: id('assuming_acting_user_id'),
  custom_message: optionalText('custom_message'),
  directory_sync_run_id: id('directory_sync_run_id'),
  group_id: id('group_id'),
  group_name: text('group_name'),
  ipaddr: optionalText('ipaddr', { max: 64 }),
  otp_device_id: id('otp_device_id'),
  otp_device_name: text('otp_device_name'),
  policy_id: id('policy_id'),
  policy_name: text('policy_name'),
  role_id: id('role_id'),
  role_name: text('role_name'),
  user_id: id('user_id'),
  user_name: text('user_name'),
}

/** What a program may say of an event; anything else is refused by name. */
export const eventBody = z.looseObject(shape).superRefine((body, ctx) => {
  const foreign = Object.keys(body).find((name) => !Object.hasOwn(shape, name))
  if (foreign === undefined) return
  const name = foreign.slice(0, 64)
  ctx.addIssue({ code: 'custom', path: [name], message: `${name} is not a valid attribute for event model` })
})

export type EventBody = z.output<typeof eventBody>

/** The account is always this one, whatever the program says. */
export const toForeignEvent = (body: EventBody): ForeignEvent => ({
  eventTypeId: body.event_type_id,
  actorSystem: body.actor_system ?? null,
  actorUserId: body.actor_user_id ?? null,
  actorUserName: body.actor_user_name ?? null,
  appId: body.app_id ?? null,
  appName: body.app_name ?? null,
  assumingActingUserId: body.assuming_acting_user_id ?? null,
  customMessage: body.custom_message ?? null,
  directorySyncRunId: body.directory_sync_run_id ?? null,
  groupId: body.group_id ?? null,
  groupName: body.group_name ?? null,
  ipaddr: body.ipaddr ?? null,
  otpDeviceId: body.otp_device_id ?? null,
  otpDeviceName: body.otp_device_name ?? null,
  policyId: body.policy_id ?? null,
  policyName: body.policy_name ?? null,
  roleId: body.role_id ?? null,
  roleName: body.role_name ?? null,
  userId: body.user_id ?? null,
  userName: body.user_name ?? null,
})
