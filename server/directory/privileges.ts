import { z } from 'zod'

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
type ActionOn<C extends Class> = `${C}:${(typeof CLASSES)[C][number]}`

/** What one may do to people. */
export type UserAction = ActionOn<'users'>
/** What one may do. `events:Create` is in none of OneLogin's lists, so only the action `*` allows it. */
export type Action = { [C in Class]: ActionOn<C> }[Class] | 'events:Create'

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

/** What an action may be done to: everything, or what is named and, of people and apps, what belongs to these roles. */
export type Reach = 'everything' | { ids: readonly string[]; roleIds: readonly number[] }
export const NO_REACH: Reach = { ids: [], roleIds: [] }

/** Far more names than a privilege has; what one person's privileges name beyond that is not covered. */
const MOST_NAMED = 10_000

/** The ids among these texts: numbers that a database can compare with. */
export const idsAmong = (texts: readonly string[]): number[] =>
  texts.filter((text) => /^[1-9]\d{0,14}$/.test(text)).map(Number)

/** All that the statements of these privileges allow the action on. */
export function reachOf(privileges: readonly Pick<Privilege, 'privilege'>[], action: Action): Reach {
  const statements = privileges.flatMap(({ privilege }) => privilege.Statement)
  const allowing = statements.filter(({ Action }) => Action.some((one) => one === '*' || one === action))
  const scopes = new Set(allowing.flatMap(({ Scope }) => Scope))
  if (scopes.has('*')) return 'everything'
  const named = (kind: string) =>
    [...scopes]
      .filter((scope) => scope.startsWith(`${kind}/`))
      .map((scope) => scope.slice(kind.length + 1))
      .slice(0, MOST_NAMED)
  return { ids: named(classOf(action)), roleIds: idsAmong(named('roles')) }
}

/** What an action is about; `undefined`: something that does not exist yet, or everything. */
export type ActionTarget = { id: number | string; roleIds?: readonly number[] } | undefined

export function covers(reach: Reach, target: ActionTarget): boolean {
  if (reach === 'everything') return true
  if (!target) return false
  return (
    reach.ids.includes(String(target.id)) ||
    (target.roleIds?.some((id) => reach.roleIds.includes(id)) ?? false)
  )
}

export const coversSomething = (reach: Reach): boolean =>
  reach === 'everything' || reach.ids.length + reach.roleIds.length > 0

/** Whether any of the statements of these privileges allows the action on this target. */
export const allows = (
  privileges: readonly Pick<Privilege, 'privilege'>[],
  action: Action,
  target: ActionTarget,
): boolean => covers(reachOf(privileges, action), target)
