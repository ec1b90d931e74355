/** Privileges, as the API's document shows them. */
import { z } from 'zod'
import { id } from '../http/api-schema.ts'
import { operations, type OperationDoc } from '../http/operation.ts'
import { PRIVILEGE_ID, PRIVILEGE_SENT } from './operation-examples.ts'
import { statementsSchema } from './privileges.ts'
import type { HolderKind } from './privileges-store.ts'

const PRIVILEGE = { id: PRIVILEGE_ID, ...PRIVILEGE_SENT }
const params = { id: PRIVILEGE_ID }
const uuid = z.string().regex(/^[0-9a-f-]{36}$/)
const named = z.strictObject({ id: uuid })
const gone: OperationDoc['answers'] = [{ means: 'Done; there is no body.', status: 204 }]

const privilegeSchema = z
  .strictObject({
    id: uuid,
    name: z.string(),
    description: z.string().nullable(),
    privilege: statementsSchema.describe(
      'What it allows: actions of one class, on `*`, `users/<id>`, `roles/<id>` and the like.',
    ),
  })
  .meta({
    id: 'Privilege',
    description: 'What is not allowed by a statement of one of their privileges, nobody may do.',
  })

const HOLDERS = { beforeCursor: null, previousLink: null, afterCursor: null, nextLink: null }
const holdersSchema = (plural: string) =>
  z.strictObject({
    total: z.int(),
    [plural]: z.array(id),
    beforeCursor: z.null(),
    previousLink: z.null(),
    afterCursor: z.null(),
    nextLink: z.null(),
  })

export const PRIVILEGE_OPERATIONS = operations('Privileges', {
  listPrivileges: {
    summary: 'List privileges',
    example: {},
    answers: [{ means: 'All of them.', schema: z.array(privilegeSchema), example: [PRIVILEGE] }],
    refusals: [],
  },
  getPrivilege: {
    summary: 'Get a privilege',
    example: { params },
    answers: [{ means: 'The privilege.', schema: privilegeSchema, example: PRIVILEGE }],
    refusals: ['not_found'],
  },
  createPrivilege: {
    summary: 'Create a privilege',
    example: { body: PRIVILEGE_SENT },
    answers: [{ means: 'Its id.', status: 201, schema: named, example: { id: PRIVILEGE_ID } }],
    refusals: [],
  },
  updatePrivilege: {
    summary: 'Replace a privilege',
    example: { params, body: PRIVILEGE_SENT },
    answers: [{ means: 'Its id.', schema: named, example: { id: PRIVILEGE_ID } }],
    refusals: ['not_found'],
  },
  deletePrivilege: {
    summary: 'Delete a privilege',
    description: 'Whoever held it loses what it allowed.',
    example: { params },
    answers: gone,
    refusals: ['not_found'],
  },
})

/** The three operations about the people, or the roles, that hold a privilege. */
export function holderOperations(kind: HolderKind) {
  const [who, plural, Kind] = kind === 'user' ? ['people', 'users', 'User'] : ['roles', 'roles', 'Role']
  const holder = kind === 'user' ? 8 : 10
  const docs = operations('Privileges', {
    list: {
      summary: `List the ${who} that hold a privilege`,
      example: { params },
      answers: [
        {
          means: 'Their ids.',
          schema: holdersSchema(plural),
          example: { total: 1, [plural]: [holder], ...HOLDERS },
        },
      ],
      refusals: ['not_found'],
    },
    grant: {
      summary: `Give a privilege to ${who}`,
      example: { params, body: { [plural]: [holder] } },
      answers: [
        {
          means: 'They hold it.',
          status: 201,
          schema: z.strictObject({ success: z.literal(true) }),
          example: { success: true },
        },
      ],
      refusals: ['not_found'],
    },
    withdraw: {
      summary: kind === 'user' ? 'Take a privilege from a person' : 'Take a privilege from a role',
      example: { params: { ...params, holder_id: holder } },
      answers: gone,
      refusals: ['not_found'],
    },
  })
  return {
    list: { ...docs.list, id: `listPrivilege${Kind}s` },
    grant: { ...docs.grant, id: `grantPrivilegeTo${Kind}s` },
    withdraw: { ...docs.withdraw, id: `withdrawPrivilegeFrom${Kind}` },
  }
}
