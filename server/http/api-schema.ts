/** The shapes that answers of the API share, for its document. The values themselves are made in `api-wire.ts`. */
import { z } from 'zod'
import type { RefusalShape } from './api-wire.ts'

export const time = z.string().meta({ format: 'date-time' })
export const id = z.int().min(1)

const success = z
  .strictObject({
    error: z.literal(false),
    code: z.literal(200),
    type: z.literal('success'),
    message: z.string().describe('`Success`, unless the operation says otherwise.'),
  })
  .meta({ id: 'Success', description: 'How it went. Clients compare `type` and `message` literally.' })

const pending = success.extend({ type: z.literal('pending') }).meta({
  id: 'Pending',
  description: 'The person has yet to answer. There is no `data` beside it.',
})

const cursor = z.string().nullable()
const pagination = z
  .strictObject({
    before_cursor: cursor,
    after_cursor: cursor.describe('Null on the last page.'),
    previous_link: cursor,
    next_link: cursor.describe('The next page as an address that is ready to ask.'),
  })
  .meta({ id: 'Pagination', description: 'The way to the neighbouring pages.' })

/** `{ status }`: it is done, and there is nothing more to say. */
export const done = z.strictObject({ status: success })
export const stillPending = z.strictObject({ status: pending })
export const enveloped = (data: z.ZodType) => z.strictObject({ status: success, data })
/** One resource is a list of one. */
export const one = (item: z.ZodType) => enveloped(z.array(item).length(1))
/** A list of numbers or names lies in a list of its own. */
export const nested = (item: z.ZodType) => enveloped(z.array(z.array(item)).length(1))

const nothing = z.array(z.array(z.never()).max(0)).length(1).describe('An empty list is `[[]]`.')
/** A list without pages. */
export const all = (item: z.ZodType) => enveloped(z.union([z.array(item).min(1), nothing]))

/** A resource of which `fields` may have left only some attributes. */
export const partly = (item: z.ZodObject) =>
  item
    .partial()
    .required({ id: true })
    .meta({
      id: `Listed${item.meta()?.id ?? ''}`,
      description: 'All attributes, or those that `fields` named.',
    })

/** One page of a list. */
export const page = (item: z.ZodObject) =>
  z.strictObject({ status: success, pagination, data: z.union([z.array(partly(item)).min(1), nothing]) })

const refusal = z
  .strictObject({
    status: z.strictObject({
      error: z.literal(true),
      code: z.int().describe('The HTTP status again.'),
      type: z.string(),
      message: z.union([z.string(), z.strictObject({ description: z.string(), attribute: z.string() })]),
    }),
  })
  .meta({
    id: 'Refusal',
    description: 'Why the call was refused. `attribute` names the input that is wrong.',
  })

const flatRefusal = z
  .strictObject({ statusCode: z.int(), name: z.string(), message: z.string() })
  .meta({ id: 'FlatRefusal', description: 'Why the call was refused.' })

export const REFUSAL_SCHEMAS: Record<RefusalShape, z.ZodType> = {
  envelope: refusal,
  flat: flatRefusal,
  service: flatRefusal,
}

/** Examples of the same. */
export const DONE = { status: { error: false, code: 200, type: 'success', message: 'Success' } }
export const LAST_PAGE = { before_cursor: null, after_cursor: null, previous_link: null, next_link: null }
export const envelopeOf = (data: unknown, message = 'Success') => ({
  status: { ...DONE.status, message },
  data,
})
export const pageOf = (...data: unknown[]) => ({ ...DONE, pagination: LAST_PAGE, data })
