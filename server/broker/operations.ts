/** The administrators' operations on broker sessions as the API's document shows them. */
import { z } from 'zod'
import { DONE, done, id, page, pageOf, time } from '../http/api-schema.ts'
import { operations } from '../http/operation.ts'
import { KEY_STORAGES } from './key-storage.ts'

const listed = z
  .strictObject({
    id,
    user_id: z.int().describe('Whose it is.'),
    device_name: z.string().describe('What the device says that it is called.'),
    key_storage: z.enum(KEY_STORAGES).describe('Where the device says that it keeps its key.'),
    amr: z.array(z.string()).describe('What was proved at the sign-in, in the names of RFC 8176.'),
    ipaddr: z.string().describe('Where it began.'),
    last_ipaddr: z.string().describe('Where it was used last.'),
    user_agent: z.string(),
    created_at: time,
    last_used_at: time,
    idle_ends_at: time.describe('Over then if it is not used.'),
    ends_at: time.describe('Over then, whatever happens.'),
  })
  .meta({ id: 'BrokerSession' })

export const BROKER_SESSION_FIELDS = Object.keys(listed.shape)

const EXAMPLE = {
  id: 3,
  user_id: 8,
  device_name: 'bobs-laptop',
  key_storage: 'keychain',
  amr: ['pwd', 'otp', 'mfa'],
  ipaddr: '192.0.2.7',
  last_ipaddr: '192.0.2.7',
  user_agent: 'doorward-cli/0.1.0',
  created_at: '2026-03-02T09:00:00.000Z',
  last_used_at: '2026-03-02T11:00:00.000Z',
  idle_ends_at: '2026-03-02T15:00:00.000Z',
  ends_at: '2026-03-02T19:00:00.000Z',
}

export const BROKER_OPERATIONS = operations('Broker sessions', {
  getBrokerSessions: {
    summary: 'List broker sessions',
    description: 'Those that are alive: command lines that fetch AWS credentials without asking again.',
    example: { query: { user_id: '8' } },
    answers: [{ means: 'A page of sessions.', schema: page(listed), example: pageOf(EXAMPLE) }],
    refusals: [],
  },
  endBrokerSession: {
    summary: 'End a broker session',
    description: 'It gets no new credentials. Those that AWS has given already run out by themselves.',
    example: { params: { id: 3 } },
    answers: [{ means: 'It is over.', schema: done, example: DONE }],
    refusals: ['not_found'],
  },
  endBrokerSessionsOfUser: {
    summary: "End all of a person's broker sessions",
    example: { params: { id: 8 } },
    answers: [{ means: 'They are over.', schema: done, example: DONE }],
    refusals: ['not_found'],
  },
})
