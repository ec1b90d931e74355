import { z } from 'zod'
import { isStorable } from '../http/api-input.ts'

const MAX_IDS = 1000
const MAX_NAME = 255

const ID_LIST = { type: 'array', items: { type: 'integer', minimum: 1 }, maxItems: MAX_IDS }

const isId = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0

/** A list of ids, as a body or a part of one. */
export const idList = (name: string) =>
  z
    .unknown()
    .transform((value, ctx): number[] => {
      const given = Array.isArray(value) ? (value as unknown[]) : undefined
      if (given?.every(isId) && given.length <= MAX_IDS) return given
      const message =
        given && given.length > MAX_IDS
          ? `${name} is too long. It may have ${MAX_IDS} ids`
          : `${name} should be -> array of positive integers`
      ctx.addIssue({ code: 'custom', message, params: { plain: true } })
      return z.NEVER
    })
    .meta(ID_LIST)

/** What says something about a role. Keys nobody knows are passed over. */
export const roleBody = ({ named }: { named: boolean }) =>
  z
    .looseObject({
      name: z.unknown().meta({ type: ['string', 'null'], maxLength: MAX_NAME, required: named }),
      apps: z.unknown().meta(ID_LIST),
      users: z.unknown().meta(ID_LIST),
      admins: z.unknown().meta({ ...ID_LIST, maxItems: 0 }),
    })
    .partial()
    .transform((body, ctx) => {
      const refuse = (message: string): void => {
        ctx.addIssue({ code: 'custom', message, params: { plain: true } })
      }
      const ids = (key: 'apps' | 'users' | 'admins') => {
        if (body[key] === undefined || body[key] === null) return undefined
        const read = idList(key).safeParse(body[key])
        if (!read.success) refuse(read.error.issues[0]!.message)
        return read.data
      }
      const { name } = body
      const isName = typeof name === 'string' && name.trim() !== '' && name.length <= MAX_NAME
      if (name === undefined || name === null ? named : !isName || !isStorable(name))
        refuse(`name should be -> string of at most ${MAX_NAME} characters`)
      if (ids('admins')?.length) refuse('admins of single roles are not supported')
      return { name: isName ? name : undefined, apps: ids('apps'), users: ids('users') }
    })
