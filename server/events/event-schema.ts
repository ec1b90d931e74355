/** Events as the API's document shows them. */
import { z } from 'zod'
import { id, time } from '../http/api-schema.ts'

const number = z.int().nullable()
const text = z.string().nullable()

export const eventSchema = z
  .strictObject({
    id,
    created_at: time,
    account_id: z.int(),
    user_id: number.describe('Whom it is about.'),
    event_type_id: z.int().describe('One of `GET /api/1/events/types`.'),
    notes: text,
    ipaddr: text.describe('Where the request came from.'),
    actor_user_id: number.describe('Who did it.'),
    assuming_acting_user_id: number,
    role_id: number,
    app_id: number,
    group_id: number,
    otp_device_id: number,
    policy_id: number,
    actor_system: text,
    custom_message: text,
    role_name: text,
    app_name: text,
    group_name: text,
    actor_user_name: text,
    user_name: text,
    policy_name: text,
    otp_device_name: text,
    operation_name: text,
    directory_sync_run_id: number,
    directory_id: number,
    resolution: text,
    client_id: text.describe('The API credential that called.'),
    resource_type_id: number,
    error_description: text.describe('Why it failed.'),
    proxy_ip: text,
    risk_score: number,
    risk_reasons: text,
    risk_cookie_id: text,
    browser_fingerprint: text,
  })
  .meta({ id: 'Event', description: 'Something that happened. What Doorward never knows is null.' })

/** The names of an event's attributes, in OneLogin's order. */
export const EVENT_FIELDS = Object.keys(eventSchema.shape)

export const eventTypeSchema = z
  .strictObject({ name: z.string(), description: z.string(), id })
  .meta({ id: 'EventType', description: '`%user%` and the like stand for the names of an event.' })
