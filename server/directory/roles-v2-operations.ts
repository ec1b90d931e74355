/** Roles of `/api/2`, as the API's document shows them. */
import { z } from 'zod'
import { id, partly } from '../http/api-schema.ts'
import { operations, type OperationDoc } from '../http/operation.ts'
import { roleAppSchema, roleUserSchema, roleV2Schema } from './directory-schema.ts'
import { ROLE, ROLE_APP, ROLE_USER, ROLE_V2 } from './operation-examples.ts'

const params = { id: ROLE.id }
const named = z.strictObject({ id })
const gone: OperationDoc['answers'] = [{ means: 'Done; there is no body.', status: 204 }]

export const ROLE_V2_OPERATIONS = operations('Roles, version 2', {
  getRolesV2: {
    summary: 'List roles with their people and apps',
    example: { query: { limit: 1 } },
    answers: [
      {
        means: 'A page of roles; `After-Cursor` in the headers leads on.',
        schema: z.array(partly(roleV2Schema)),
        example: [ROLE_V2],
      },
    ],
    refusals: [],
  },
  getRoleV2: {
    summary: 'Get a role with its people and apps',
    example: { params },
    answers: [{ means: 'The role.', schema: roleV2Schema, example: ROLE_V2 }],
    refusals: ['not_found'],
  },
  createRole: {
    summary: 'Create a role',
    example: { body: { name: 'Night shift', apps: [501], users: [7, 8] } },
    answers: [{ means: 'Its id.', status: 201, schema: z.array(named).length(1), example: [{ id: 13 }] }],
    refusals: ['conflict', 'not_found'],
  },
  updateRole: {
    summary: 'Update a role',
    description: 'Lists that are given take the place of those there were.',
    example: { params, body: { name: 'AWS builders' } },
    answers: [{ means: 'Its id.', schema: named, example: { id: 10 } }],
    refusals: ['conflict', 'not_found'],
  },
  deleteRole: {
    summary: 'Delete a role',
    description: 'People lose it; apps that only it opened open for nobody.',
    example: { params },
    answers: gone,
    refusals: ['not_found'],
  },
  getRoleUsers: {
    summary: 'List the people of a role',
    example: { params, query: { name: 'bob' } },
    answers: [
      {
        means: 'A page of people; `After-Cursor` in the headers leads on.',
        schema: z.array(partly(roleUserSchema)),
        example: [ROLE_USER],
      },
    ],
    refusals: ['not_found'],
  },
  addRoleUsers: {
    summary: 'Give a role to people',
    example: { params, body: [8, 9] },
    answers: [{ means: 'The people.', schema: z.array(named), example: [{ id: 8 }, { id: 9 }] }],
    refusals: ['not_found'],
  },
  removeRoleUsers: {
    summary: 'Take a role from people',
    example: { params, body: [8] },
    answers: gone,
    refusals: ['not_found'],
  },
  getRoleApps: {
    summary: 'List the apps of a role',
    example: { params },
    answers: [{ means: 'The apps that it opens.', schema: z.array(roleAppSchema), example: [ROLE_APP] }],
    refusals: ['not_found'],
  },
  setRoleApps: {
    summary: 'Set the apps of a role',
    description: 'The list takes the place of the one there was.',
    example: { params, body: [500, 501] },
    answers: [{ means: 'The apps.', schema: z.array(named), example: [{ id: 500 }, { id: 501 }] }],
    refusals: ['not_found'],
  },
})
