import { z } from 'zod'
import type { User } from './user.ts'

const CLASSES = {
  apps: ['List', 'Get', 'Create', 'Update', 'Delete', 'ManageRoles', 'ManageUsers'],
  directories: ['List', 'Get', 'Create', 'Update', 'Delete', 'SyncUsers', 'RefreshSchema'],
  events: ['List', 'Get'],
  mappings: ['List', 'Get', 'Create', 'Update', 'Delete', 'ReapplyAll'],
  policies: [
    'List',
    'user:Get',
    'user:Create',
    'user:Update',
    'user:Delete',
    'app:Get',
    'app:Create',
    'app:Update',
    'app:Delete',
  ],
  privileges: [
    'List',
    'Get',
    'Create',
    'Update',
    'Delete',
    'ListUsers',
    'ListRoles',
    'ManageUsers',
    'ManageRoles',
  ],
  reports: ['List', 'Get', 'Create', 'Update', 'Delete', 'Run'],
  roles: ['List', 'Get', 'Create', 'Update', 'Delete', 'ManageUsers', 'ManageApps'],
  trustedidp: ['List', 'Get', 'Create', 'Update', 'Delete'],
  users: [
    'List',
    'Get',
    'Create',
    'Update',
    'Delete',
    'Unlock',
    'ResetPassword',
    'ForceLogout',
    'Invite',
    'ReapplyMappings',
    'ManageRoles',
    'ManageApps',
    'GenerateTempMfaToken',
  ],
} as const
type Class = keyof typeof CLASSES

/** What one may do to people. */
export type UserAction = `users:${(typeof CLASSES)['users'][number]}`

/** Every action that a privilege may allow, as OneLogin names it. */
export const ACTIONS: ReadonlySet<string> = new Set(
  (Object.keys(CLASSES) as Class[]).flatMap((name) => CLASSES[name].map((action) => `${name}:${action}`)),
)

const classOf = (action: string): string => action.split(':', 1)[0] ?? ''

/** `*`, `users/7`, or, for what belongs to a role, `roles/10`. */
function scopeFits(scope: string, action: string): boolean {
  if (scope === '*') return true
  const [, target] = /^([a-z]+)\/[\w-]{1,64}$/.exec(scope) ?? []
  const kind = classOf(action)
  return target !== undefined && (target === kind || (target === 'roles' && ['users', 'apps'].includes(kind)))
}

const statementSchema = z
  .strictObject({
    Effect: z.literal('Allow'),
    Action: z.array(z.string().max(64)).min(1).max(100),
    Scope: z.array(z.string().max(128)).min(1).max(1000),
  })
  .superRefine(({ Action, Scope }, ctx) => {
    const refuse = (at: 'Action' | 'Scope', message: string) =>
      ctx.addIssue({ code: 'custom', path: [at], message })
    const unknown = Action.find((action) => action !== '*' && !ACTIONS.has(action))
    if (unknown !== undefined) refuse('Action', `${unknown} is not a valid action`)
    else if (new Set(Action.map(classOf)).size > 1) refuse('Action', 'actions must be of one class')
    const foreign = Scope.find((scope) => !Action.every((action) => scopeFits(scope, action)))
    if (foreign !== undefined) refuse('Scope', `${foreign} is not a valid scope for these actions`)
  })

/** What a privilege allows, as OneLogin's API spells it. Nothing is ever denied: what no statement allows is not. */
export const statementsSchema = z.strictObject({
  Version: z.literal('2018-05-18'),
  Statement: z.array(statementSchema).min(1).max(100),
})
export type Statements = z.output<typeof statementsSchema>

/** A set of actions on a set of things, to be given to people and roles. */
export interface Privilege {
  id: string
  name: string
  description: string | null
  privilege: Statements
}

/** Whom an action is about; `undefined`: somebody who does not exist yet, or everybody. */
export type ActionTarget = Pick<User, 'id' | 'roleIds'> | undefined

/** Whether any of the statements of these privileges allows the action on this person. */
export function allows(
  privileges: readonly Pick<Privilege, 'privilege'>[],
  action: UserAction,
  target: ActionTarget,
): boolean {
  const reach = new Set(['*'])
  if (target) {
    reach.add(`users/${target.id}`)
    for (const id of target.roleIds) reach.add(`roles/${id}`)
  }
  return privileges
    .flatMap(({ privilege }) => privilege.Statement)
    .some(
      ({ Action, Scope }) =>
        Action.some((allowed) => allowed === '*' || allowed === action) &&
        Scope.some((scope) => reach.has(scope)),
    )
}
