/** Roles, groups and apps, as the API's document shows them. */
import { z } from 'zod'
import { envelopeOf, one, page, pageOf, partly } from '../http/api-schema.ts'
import { operations } from '../http/operation.ts'
import { appSchema, appV2Schema, groupSchema, roleSchema } from './directory-schema.ts'
import { APP, APP_V2, GROUP, ROLE } from './operation-examples.ts'

export const ROLE_OPERATIONS = operations('Roles', {
  getRoles: {
    summary: 'List roles',
    example: { query: { name: 'AWS*', limit: 1 } },
    answers: [{ means: 'A page of roles.', schema: page(roleSchema), example: pageOf(ROLE) }],
    refusals: [],
  },
  getRole: {
    summary: 'Get a role',
    example: { params: { id: ROLE.id } },
    answers: [{ means: 'The role.', schema: one(roleSchema), example: envelopeOf([ROLE]) }],
    refusals: ['not_found'],
  },
})

export const GROUP_OPERATIONS = operations('Groups', {
  getGroups: {
    summary: 'List groups',
    example: {},
    answers: [{ means: 'A page of groups.', schema: page(groupSchema), example: pageOf(GROUP) }],
    refusals: [],
  },
  getGroup: {
    summary: 'Get a group',
    example: { params: { id: GROUP.id } },
    answers: [{ means: 'The group.', schema: one(groupSchema), example: envelopeOf([GROUP]) }],
    refusals: ['not_found'],
  },
})

export const APP_OPERATIONS = operations('Apps', {
  getApps: {
    summary: 'List apps',
    example: { query: { limit: 1 } },
    answers: [{ means: 'A page of apps.', schema: page(appSchema), example: pageOf(APP) }],
    refusals: [],
  },
  getAppsV2: {
    summary: 'List apps, version 2',
    example: { query: { limit: 1 } },
    answers: [
      {
        means: 'A page of apps; `After-Cursor` in the headers leads on.',
        schema: z.array(partly(appV2Schema)),
        example: [APP_V2],
      },
    ],
    refusals: [],
  },
  getEmbedApps: {
    summary: "List a person's apps for another site, as XML",
    description:
      'The embed token of the account proves the caller. A wrong one, a person nobody knows and a person without apps get one answer: `<apps />`.',
    example: { query: { token: 'dw_embed_token', email: 'bob@acme.test' } },
    answers: [
      {
        means: 'The apps.',
        type: 'text/xml',
        schema: z.string(),
        example:
          '<apps><app><id>500</id><icon></icon><name>AWS</name><provisioned>0</provisioned><extension_required>false</extension_required><personal>false</personal><login_id></login_id></app></apps>',
      },
    ],
    refusals: [],
  },
})
