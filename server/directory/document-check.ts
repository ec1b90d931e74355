import { brandSchema, type Brand } from '../branding/brand.ts'
import type {
  GivenApp,
  GivenBrand,
  GivenCredential,
  GivenGroup,
  GivenLegacyKey,
  GivenRole,
} from './document.ts'
import { faultsOf, plainWords, type Faults } from './document-faults.ts'
import { claimsOf, matchNamed, ownerInDatabase, type Match } from './document-match.ts'
import type { ReadDocument } from './document-read.ts'
import type { Snapshot, StoredApp } from './document-store.ts'
import type { Row } from '../platform/database/schema.ts'

/** What an import has to do but for people: each entry with the row it changes. */
export interface Plan {
  account: ReadDocument['account']
  policy: ReadDocument['policy']
  /** Names that are not defined yet. */
  customAttributes: string[]
  /** Complete, as they will be stored. */
  brands: { path: string; brand: Brand; existing: Row<'brands'> | undefined }[]
  groups: Match<GivenGroup, Row<'groups'>>[]
  roles: Match<GivenRole, Row<'roles'>>[]
  apps: Match<GivenApp, StoredApp>[]
  apiCredentials: Match<GivenCredential, Row<'apiCredentials'>>[]
  legacyKeys: Match<GivenLegacyKey, Row<'legacyKeys'>>[]
}

/** Holds all but the people against itself and the directory. The plan may be carried out when there is no fault. */
export function checkDocument(document: ReadDocument, stored: Snapshot, faults: Faults): Plan {
  const plan: Plan = {
    account: document.account,
    policy: document.policy,
    customAttributes: newAttributes(document, stored),
    brands: checkBrands(document, stored, faults),
    groups: matchNamed('group', document.groups, stored.groups, faults),
    roles: matchNamed('role', document.roles, stored.roles, faults),
    apps: matchNamed('app', document.apps, stored.apps, faults),
    apiCredentials: matchNamed('API credential', document.api_credentials, stored.apiCredentials, faults),
    legacyKeys: matchNamed('API key', document.legacy_keys, stored.legacyKeys, faults),
  }
  checkApps(plan.apps, faults)
  checkCredentials(plan.apiCredentials, stored, faults)
  checkLegacyKeys(plan.legacyKeys, stored, faults)
  checkAppRoles(document, stored, faults)
  return plan
}

const newAttributes = ({ custom_attributes: given }: ReadDocument, stored: Snapshot): string[] =>
  [...new Set(given.map((entry) => entry.value))].filter((name) => !stored.customAttributes.includes(name))

/** A stored brand with the given keys laid over it; null takes a key back to its default. */
function completeBrand(given: GivenBrand, existing: Row<'brands'> | undefined): unknown {
  const merged = { ...(existing ? (JSON.parse(existing.settings) as object) : {}), ...given }
  return Object.fromEntries(
    Object.entries(merged).filter(([, value]) => value !== null && value !== undefined),
  )
}

function checkBrands(document: ReadDocument, stored: Snapshot, faults: Faults): Plan['brands'] {
  const byName = new Map(stored.brands.map((row) => [row.name, row]))
  const brands = document.brands.flatMap(({ path, value }) => {
    const existing = byName.get(value.name ?? '')
    const parsed = brandSchema.safeParse(completeBrand(value, existing), { error: plainWords })
    if (!parsed.success) faults.push(...faultsOf(parsed.error, path))
    return parsed.success ? [{ path, brand: parsed.data, existing }] : []
  })
  const claimName = claimsOf('name', faults)
  const claimHost = claimsOf('host', faults)
  let first: string | undefined
  const claim = (brand: Brand, owner: string, path?: string) => {
    claimName(brand.name, owner, path && `${path}.name`)
    brand.hosts.forEach((host, i) => claimHost(host, owner, path && `${path}.hosts[${i}]`))
    if (!brand.default) return
    if (first !== undefined && path) {
      faults.push({ path: `${path}.default`, message: `cannot be true: the default brand is ${first}` })
    }
    first ??= owner
  }
  const changed = new Set(brands.map(({ existing }) => existing))
  for (const row of stored.brands) {
    if (!changed.has(row))
      claim(brandSchema.parse(JSON.parse(row.settings)), ownerInDatabase('brand', row.name))
  }
  for (const { path, brand } of brands) claim(brand, path, path)
  return brands
}

/** An app has the block that its connector names, and no other. */
function checkApps(apps: Plan['apps'], faults: Faults): void {
  for (const { path, given, existing } of apps) {
    const connector = given.connector ?? existing?.connector
    if (connector === undefined) faults.push({ path: `${path}.connector`, message: 'is missing' })
    for (const block of ['aws', 'saml'] as const) {
      if (given[block] !== undefined && connector !== undefined && connector !== block) {
        faults.push({ path: `${path}.${block}`, message: `cannot be given: the connector is ${connector}` })
      }
      if (given[block] === undefined && connector === block && existing?.connector !== block) {
        faults.push({ path: `${path}.${block}`, message: 'is missing' })
      }
    }
  }
}

function checkCredentials(credentials: Plan['apiCredentials'], stored: Snapshot, faults: Faults): void {
  const claimClient = claimsOf('client_id', faults)
  const changed = new Set(credentials.map((match) => match.existing))
  for (const row of stored.apiCredentials) {
    if (!changed.has(row)) claimClient(row.clientId, ownerInDatabase('API credential', row.id))
  }
  for (const { path, given, existing } of credentials) {
    const clientId = given.client_id ?? existing?.clientId
    if (clientId === undefined) faults.push({ path: `${path}.client_id`, message: 'is missing' })
    else claimClient(clientId, path, `${path}.client_id`)
    if (!existing && given.client_secret === undefined && given.client_secret_hash === undefined) {
      faults.push({ path: `${path}.client_secret`, message: 'is missing' })
    }
  }
}

function checkLegacyKeys(keys: Plan['legacyKeys'], stored: Snapshot, faults: Faults): void {
  const claimKey = claimsOf('key', faults)
  const changed = new Set(keys.map((match) => match.existing))
  for (const row of stored.legacyKeys) {
    if (!changed.has(row)) claimKey(row.keyHash, ownerInDatabase('API key', row.id))
  }
  for (const { path, given, existing } of keys) {
    const hash = given.key_hash?.hash ?? existing?.keyHash
    if (hash === undefined) faults.push({ path: `${path}.key_hash`, message: 'is missing' })
    else claimKey(hash, path, `${path}.key_hash`)
  }
}

/** Refuses what neither the document nor the directory has. */
export const references =
  (known: ReadonlySet<unknown>, message: string, faults: Faults) =>
  (value: number | string, path: string) => {
    if (!known.has(value)) faults.push({ path, message })
  }

/** What the document may name: what the directory has, what the document adds, and what it adds with a fault. */
export const knownIds = (list: 'roles' | 'groups', document: ReadDocument, stored: Snapshot) =>
  new Set<unknown>([
    ...stored[list].map((row) => row.id),
    ...document[list].map((entry) => entry.value.id),
    ...document.faultyIds[list],
  ])

/** Refuses lists of roles that name one twice, or one that is none. */
export function roleLists(document: ReadDocument, stored: Snapshot, faults: Faults) {
  const role = references(knownIds('roles', document, stored), 'is the id of no role', faults)
  return (given: readonly number[] | undefined, path: string) => {
    given?.forEach((id, i) => role(id, `${path}[${i}]`))
    if (given && new Set(given).size < given.length) {
      faults.push({ path, message: 'must not list a role twice' })
    }
  }
}

function checkAppRoles(document: ReadDocument, stored: Snapshot, faults: Faults): void {
  const roles = roleLists(document, stored, faults)
  for (const { path, value } of document.apps) {
    roles(value.roles, `${path}.roles`)
    value.aws?.roles.forEach((awsRole, i) => {
      roles(awsRole.directory_roles, `${path}.aws.roles[${i}].directory_roles`)
    })
  }
}
