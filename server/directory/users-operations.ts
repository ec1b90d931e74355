/** Reading people, as the API's document shows it. */
import { z } from 'zod'
import { all, envelopeOf, nested, one, page, pageOf } from '../http/api-schema.ts'
import { operations } from '../http/operation.ts'
import { userAppSchema } from './directory-schema.ts'
import { BOB, USER_APP } from './operation-examples.ts'
import { userSchema } from './user-schema.ts'

const bob = { params: { id: BOB.id } }

export const READ_USERS_OPERATIONS = operations('Users', {
  getUsers: {
    summary: 'List people',
    description:
      'Follow `next_link`, or ask again with `after_cursor`, until it is null. Any page costs what the first costs.',
    example: { query: { email: '*@acme.test', limit: 1, sort: '-id' } },
    answers: [{ means: 'A page of people.', schema: page(userSchema), example: pageOf(BOB) }],
    refusals: [],
  },
  getUser: {
    summary: 'Get a person',
    example: bob,
    answers: [{ means: 'The person.', schema: one(userSchema), example: envelopeOf([BOB]) }],
    refusals: ['not_found'],
  },
  getUserApps: {
    summary: "List a person's apps",
    example: bob,
    answers: [
      {
        means: 'The apps that their roles open.',
        schema: all(userAppSchema),
        example: envelopeOf([USER_APP]),
      },
    ],
    refusals: ['not_found'],
  },
  getUserAppsV2: {
    summary: "List a person's apps, version 2",
    example: bob,
    answers: [
      { means: 'The apps that their roles open.', schema: z.array(userAppSchema), example: [USER_APP] },
    ],
    refusals: ['not_found'],
  },
  getUserRoles: {
    summary: "List a person's roles",
    example: bob,
    answers: [
      {
        means: 'The ids of the roles, in a list of their own.',
        schema: nested(z.int()),
        example: envelopeOf([[10, 12]]),
      },
    ],
    refusals: ['not_found'],
  },
  getCustomAttributes: {
    summary: 'List the custom attributes of the account',
    example: {},
    answers: [
      {
        means: 'Their short names, in a list of their own.',
        schema: nested(z.string()),
        example: envelopeOf([['branch_name']]),
      },
    ],
    refusals: [],
  },
})
