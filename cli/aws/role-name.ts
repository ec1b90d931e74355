/** AWS roles by the names that people give them. Small: the way past everything else reads it too. */

/** A role as the server lists it. */
export interface AwsRole {
  app: { id: number; name: string }
  role_arn: string
  provider_arn: string
  account_id: string
  role_name: string
  /** What the company calls it. */
  name: string | null
  partition: string
  session_seconds: number
  needs_login: { max_age?: number; acr_values?: string } | null
}

/** What is known of a session's roles on this machine. */
export interface KnownRoles {
  roles: AwsRole[]
  /** When each was used last, ms, by its ARN. */
  used: Record<string, number>
}

export type Aliases = Readonly<Record<string, string>>

/** What a name stands for: one role, or those among which it does not decide. */
export type Named = { is: 'one'; role: AwsRole } | { is: 'none' } | { is: 'many'; roles: AwsRole[] }

const oneOf = (roles: AwsRole[]): Named | undefined => {
  const [first, ...others] = roles
  if (!first) return undefined
  return others.length === 0 ? { is: 'one', role: first } : { is: 'many', roles }
}

/** By alias, ARN, the company's name for it, `account/role`, or the role's own name: the first of these that fits. */
export function roleNamed(wanted: string, roles: readonly AwsRole[], aliases: Aliases): Named {
  const name = Object.hasOwn(aliases, wanted) ? aliases[wanted]! : wanted
  const lower = name.toLowerCase()
  const ways: ((role: AwsRole) => boolean)[] = [
    (role) => role.role_arn === name,
    (role) => role.name?.toLowerCase() === lower,
    (role) => `${role.account_id}/${role.role_name}`.toLowerCase() === lower,
    (role) => role.role_name.toLowerCase() === lower,
  ]
  for (const fits of ways) {
    const found = oneOf(roles.filter(fits))
    if (found) return found
  }
  return { is: 'none' }
}

/** How a role is shown, and can be typed. */
export const shownName = (role: AwsRole): string => role.name ?? `${role.account_id}/${role.role_name}`

/** The last used first, then by name. */
export const recentFirst = ({ roles, used }: KnownRoles): AwsRole[] =>
  roles.toSorted(
    (a, b) =>
      (used[b.role_arn] ?? 0) - (used[a.role_arn] ?? 0) || shownName(a).localeCompare(shownName(b), 'en'),
  )
