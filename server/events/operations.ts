/** The event operations as the API's document shows them. */
import { DONE, all, done, envelopeOf, one, page, pageOf } from '../http/api-schema.ts'
import { operations } from '../http/operation.ts'
import { EVENT_FIELDS, eventSchema, eventTypeSchema } from './event-schema.ts'

const EVENT = {
  ...Object.fromEntries(EVENT_FIELDS.map((name) => [name, null])),
  id: 1,
  created_at: '2026-03-02T09:00:00.000Z',
  account_id: 1,
  user_id: 8,
  event_type_id: 5,
  ipaddr: '192.0.2.7',
  user_name: 'Bob Noyce',
}

export const EVENT_OPERATIONS = operations('Events', {
  getEventTypes: {
    summary: 'List the types of events',
    description: 'The same for everybody, so no token is asked for, and the answer may be kept for a day.',
    example: {},
    answers: [
      {
        means: 'Every type.',
        schema: all(eventTypeSchema),
        example: envelopeOf([
          { name: 'APP_ADDED_TO_ROLE', description: 'App %app% added to role %role%', id: 1 },
        ]),
      },
    ],
    refusals: [],
  },
  getEvents: {
    summary: 'List events',
    example: { query: { user_id: '8', limit: 10 } },
    answers: [{ means: 'A page of events.', schema: page(eventSchema), example: pageOf(EVENT) }],
    refusals: [],
  },
  getEvent: {
    summary: 'Get an event',
    example: { params: { id: 1 } },
    answers: [{ means: 'The event.', schema: one(eventSchema), example: envelopeOf([EVENT]) }],
    refusals: ['not_found'],
  },
  createEvent: {
    summary: 'Add an event of your own',
    description:
      'The people that it names must exist. Their names, the account and the address are filled in.',
    example: { body: { event_type_id: 5, user_id: 8, custom_message: 'Signed in at the front desk' } },
    answers: [{ means: 'The event is kept.', schema: done, example: DONE }],
    refusals: [],
  },
})
