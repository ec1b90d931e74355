import { sha256 } from '../platform/master-key.ts'
import type { NewRow } from '../platform/database/schema.ts'
import type { GivenApp, GivenCredential, GivenGroup, GivenLegacyKey } from './document.ts'
import type { Plan } from './document-check.ts'
import { differing } from './document-lists.ts'
import type { Match } from './document-match.ts'
import type { DirectoryWriter, Snapshot } from './document-store.ts'
import { policySchema } from './policy.ts'

/** How many rows an import made, changed, and found to be as the document wants them. */
export interface Tally {
  created: number
  updated: number
  unchanged: number
}

export const newTally = (): Tally => ({ created: 0, updated: 0, unchanged: 0 })

/** Writes all of the plan but the people. */
export async function applySettings(rows: DirectoryWriter, plan: Plan, stored: Snapshot, now: number) {
  await applyAccount(rows, plan, stored)
  for (const name of plan.customAttributes) await rows.addCustomAttribute(name)
  return {
    brands: await applyBrands(rows, plan.brands),
    groups: await applyNamed(rows, 'groups', plan.groups, groupColumns),
    roles: await applyNamed(rows, 'roles', plan.roles, ({ name }) => ({ name })),
    apps: await applyNamed(rows, 'apps', plan.apps, appColumns, { visible: 1 }),
    api_credentials: await applyNamed(rows, 'apiCredentials', plan.apiCredentials, credentialColumns, {
      scope: 'Authentication Only',
      enabled: 1,
      createdAt: now,
    }),
    legacy_keys: await applyNamed(rows, 'legacyKeys', plan.legacyKeys, legacyKeyColumns, {
      scope: 'Authentication Only',
      enabled: 1,
      createdAt: now,
    }),
  }
}

async function applyAccount(rows: DirectoryWriter, plan: Plan, stored: Snapshot): Promise<void> {
  if (!stored.account)
    throw new Error('The database has no account yet: the master key must be checked first')
  const { subdomain, name, policy } = stored.account
  const embed = plan.account?.embed_token_hash
  const merged = { ...(JSON.parse(policy) as object), ...plan.policy }
  const given = Object.entries(merged).filter(([, value]) => value !== null && value !== undefined)
  const patch = {
    subdomain: plan.account?.subdomain ?? subdomain,
    name: plan.account?.name ?? name,
    policy: JSON.stringify(policySchema.parse(Object.fromEntries(given))),
    ...(embed !== undefined && { embedTokenHash: embed?.hash ?? null }),
  }
  await rows.update('account', stored.account.id, differing(stored.account, patch))
}

async function applyBrands(rows: DirectoryWriter, brands: Plan['brands']): Promise<Tally> {
  const tally = newTally()
  for (const { brand, existing } of brands) {
    const settings = JSON.stringify(brand)
    if (existing?.settings === settings) tally.unchanged++
    else {
      await rows.putBrand(brand.name, settings)
      tally[existing ? 'updated' : 'created']++
    }
  }
  return tally
}

const policyColumn = (given: object | null | undefined) => given && JSON.stringify(given)

const groupColumns = ({ name, reference, policy }: GivenGroup) => ({
  name,
  reference,
  policy: policyColumn(policy),
})

const flag = (given: boolean | undefined) => (given === undefined ? undefined : given ? 1 : 0)

function appColumns(given: GivenApp) {
  const block = given.aws ?? given.saml
  return {
    name: given.name,
    connector: given.connector,
    icon: given.icon,
    visible: flag(given.visible),
    settings: block && JSON.stringify(block),
    policy: policyColumn(given.policy),
  }
}

function credentialColumns(given: GivenCredential) {
  const secret = given.client_secret
  return {
    name: given.name,
    clientId: given.client_id,
    clientSecretHash: secret === undefined ? given.client_secret_hash?.hash : sha256(secret),
    scope: given.scope,
    ownerUserId: given.owner_user_id,
    enabled: flag(given.enabled),
    createdAt: given.created_at,
  }
}

const legacyKeyColumns = (given: GivenLegacyKey) => ({
  name: given.name,
  keyHash: given.key_hash?.hash,
  scope: given.scope,
  ownerUserId: given.owner_user_id,
  enabled: flag(given.enabled),
  createdAt: given.created_at,
})

type NamedTable = 'groups' | 'roles' | 'apps' | 'apiCredentials' | 'legacyKeys'
interface NamedRow {
  id: number
  name: string
  clientId?: string
  keyHash?: string
  roleIds?: number[]
}
type NamedMatch<G> = Match<G & { id?: number | undefined; roles?: number[] | undefined }, NamedRow>
type Columns = Record<string, string | number | null | undefined>

/** Entries with an id come first, so that no row which may pick its id takes one that is spoken for. */
const inInsertOrder = <M extends Match<{ id?: number | undefined }, unknown>>(matches: readonly M[]): M[] => [
  ...matches.filter((match) => match.given.id !== undefined),
  ...matches.filter((match) => match.given.id === undefined),
]

async function applyNamed<G>(
  rows: DirectoryWriter,
  table: NamedTable,
  matches: readonly NamedMatch<G>[],
  columns: (given: G) => Columns,
  defaults: Columns = {},
): Promise<Tally> {
  const tally = newTally()
  await freeNames(rows, table, matches, columns)
  for (const { given, existing } of inInsertOrder(matches)) {
    const patch = differing<Columns>(existing && { ...existing, roleIds: undefined }, columns(given))
    const roleIds = given.roles?.toSorted((a, b) => a - b)
    if (existing) {
      const rolesChange = roleIds !== undefined && roleIds.join() !== existing.roleIds?.join()
      await rows.update(table, existing.id, patch)
      if (rolesChange) await rows.setRoles('app', existing.id, roleIds)
      tally[rolesChange || Object.keys(patch).length > 0 ? 'updated' : 'unchanged']++
    } else {
      const row = { ...(given.id !== undefined && { id: given.id }), ...defaults, ...patch }
      const id = await rows.insert(table, row as NewRow<NamedTable>)
      if (roleIds) await rows.setRoles('app', id, roleIds)
      tally.created++
    }
  }
  return tally
}

/** Two rows may swap their names: each first lets go of the one it loses. */
async function freeNames<G>(
  rows: DirectoryWriter,
  table: NamedTable,
  matches: readonly NamedMatch<G>[],
  columns: (given: G) => Columns,
): Promise<void> {
  for (const { given, existing } of matches) {
    if (!existing) continue
    const { name, clientId, keyHash } = differing<Columns>(
      { ...existing, roleIds: undefined },
      columns(given),
    )
    const parting = `(renaming ${existing.id})`
    const patch = {
      ...(name !== undefined && { name: parting }),
      ...(clientId !== undefined && { clientId: parting }),
      ...(keyHash !== undefined && { keyHash: parting }),
    }
    await rows.update(table, existing.id, patch)
  }
}
