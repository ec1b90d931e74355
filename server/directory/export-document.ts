import { brandSchema } from '../branding/brand.ts'
import { authenticatorPlace } from '../factors/authenticator-store.ts'
import { readPasskey } from '../factors/webauthn-ceremony.ts'
import { DOCUMENT_KINDS, type FactorKind } from '../factors/factor-kind.ts'
import type { Scope } from '../oauth/scope.ts'
import { isoTime } from '../platform/clock.ts'
import type { Row } from '../platform/database/schema.ts'
import type { Sealer } from '../platform/sealing.ts'
import type { AwsAppConfig } from '../saml/app-config.ts'
import type {
  DirectoryDocument,
  DocumentApp,
  DocumentCredential,
  DocumentLegacyKey,
  DocumentPrivilege,
  DocumentUser,
} from './document.ts'
import { PLAIN_FIELDS, TIME_FIELDS } from './document-apply-users.ts'
import { toPasswordHashForm } from './document-password.ts'
import type { DocumentStore, Snapshot, StoredApp, StoredPerson, StoredPrivilege } from './document-store.ts'
import { policyOverridesSchema, policySchema } from './policy.ts'
import { statementsSchema } from './privileges.ts'

const PEOPLE_AT_ONCE = 500

/**
 * Writes the whole directory as a document whose import makes the same directory, and the same bytes again. It holds
 * every secret that people prove themselves with. References to what has been deleted are left out. People come page
 * by page, out of one snapshot, as fast as `write` takes them.
 */
export async function exportDocument(
  d: { store: DocumentStore; sealer: Sealer },
  write: (text: string) => Promise<void> | void,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<void> {
  await d.store.read(async (rows) => {
    const stored = await rows.snapshot()
    const known: Known = {
      groups: new Set(stored.groups.map((row) => row.id)),
      roles: new Set(stored.roles.map((row) => row.id)),
      attributes: stored.customAttributes,
    }
    const total = await rows.countPeople()
    await write(opened(settingsOf(stored, known)))
    let done = 0
    for (let after = 0; ;) {
      const people = await rows.peopleAfter(after, PEOPLE_AT_ONCE)
      const texts = people.map((person) => `\n    ${indented(toUser(person, known, d.sealer), '    ')}`)
      if (texts.length > 0) await write((done > 0 ? ',' : '') + texts.join())
      onProgress((done += people.length), total)
      if (people.length < PEOPLE_AT_ONCE) break
      after = people.at(-1)!.row.id
    }
    await write(`${done > 0 ? '\n  ' : ''}],\n${closed(stored)}\n`)
  })
}

/** JSON as `doorward export` writes it, where it stands inside something. A text in JSON has no line breaks of its own. */
const indented = (value: unknown, by: string): string =>
  JSON.stringify(value, null, 2).replaceAll('\n', `\n${by}`)

/** The document behind the last person: what may speak of people. */
const closed = ({ apiCredentials, legacyKeys, privileges }: Snapshot): string =>
  JSON.stringify(
    {
      api_credentials: apiCredentials.map(toCredential),
      legacy_keys: legacyKeys.map(toLegacyKey),
      privileges: privileges.map(toPrivilege),
    } satisfies DirectoryDocument,
    null,
    2,
  ).slice(2)

/** The document as far as the first person. */
const opened = (settings: DirectoryDocument): string =>
  `${JSON.stringify(settings, null, 2).slice(0, -2)},\n  "users": [`

interface Known {
  groups: ReadonlySet<number>
  roles: ReadonlySet<number>
  attributes: readonly string[]
}

/** Without the keys that say nothing, so that a row reads the same whether a field is null, empty or was never set. */
const said = <T extends object>(fields: T): T =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined && value !== ''),
  ) as T

function settingsOf(stored: Snapshot, known: Known): DirectoryDocument {
  const { subdomain, name, policy, embedTokenHash } = stored.account ?? {}
  return {
    ...(stored.account && {
      account: { subdomain, name, ...(embedTokenHash && { embed_token_hash: digest(embedTokenHash) }) },
    }),
    ...(policy !== undefined && { policy: policySchema.parse(JSON.parse(policy)) }),
    brands: stored.brands.map((row) => brandSchema.parse(JSON.parse(row.settings))),
    custom_attributes: stored.customAttributes,
    groups: stored.groups.map(({ id, name, reference, policy }) =>
      said({ id, name, reference, policy: ownPolicy(policy) }),
    ),
    roles: stored.roles.map(({ id, name }) => ({ id, name })),
    apps: stored.apps.map((app) => toApp(app, known)),
  }
}

const ownPolicy = (policy: string | null) =>
  policy === null ? undefined : policyOverridesSchema.parse(JSON.parse(policy))

function toApp(
  { id, name, connector, icon, visible, roleIds, settings, policy }: StoredApp,
  known: Known,
): DocumentApp {
  const block = JSON.parse(settings) as object
  return said({
    id,
    name,
    connector: connector as 'aws' | 'saml',
    icon,
    visible: visible === 1,
    roles: roleIds,
    policy: ownPolicy(policy),
    [connector]: connector === 'aws' ? withKnownRoles(block as AwsAppConfig, known) : block,
  })
}

const withKnownRoles = (block: AwsAppConfig, known: Known): AwsAppConfig => ({
  ...block,
  roles: block.roles.map((awsRole) => ({
    ...awsRole,
    directory_roles: awsRole.directory_roles.filter((id) => known.roles.has(id)),
  })),
})

const digest = (hash: string) => ({ algorithm: 'sha256' as const, hash })

const toCredential = (row: Row<'apiCredentials'>): DocumentCredential => ({
  id: row.id,
  name: row.name,
  client_id: row.clientId,
  client_secret_hash: digest(row.clientSecretHash),
  scope: row.scope as Scope,
  ...(row.ownerUserId !== null && { owner_user_id: row.ownerUserId }),
  enabled: row.enabled === 1,
  created_at: isoTime(row.createdAt),
})

const toLegacyKey = (row: Row<'legacyKeys'>): DocumentLegacyKey => ({
  id: row.id,
  name: row.name,
  key_hash: digest(row.keyHash),
  scope: row.scope as Scope,
  ...(row.ownerUserId !== null && { owner_user_id: row.ownerUserId }),
  enabled: row.enabled === 1,
  created_at: isoTime(row.createdAt),
})

const toPrivilege = (row: StoredPrivilege): DocumentPrivilege => ({
  id: row.id,
  name: row.name,
  ...(row.description !== null && { description: row.description }),
  privilege: statementsSchema.parse(JSON.parse(row.statements)),
  roles: row.roleIds,
  users: row.userIds,
  created_at: isoTime(row.createdAt),
})

function toUser({ row, roleIds, authenticators }: StoredPerson, known: Known, sealer: Sealer): DocumentUser {
  const plain = Object.entries(PLAIN_FIELDS).map(([field, column]) => [field, row[column]])
  const times = Object.entries(TIME_FIELDS).map(([field, column]) => {
    const time = row[column]
    return [field, time === null ? null : isoTime(time)]
  })
  const user = said<DocumentUser>({
    id: row.id,
    email: row.email,
    username: row.username,
    firstname: row.firstname,
    lastname: row.lastname,
    status: row.status as DocumentUser['status'],
    state: row.state as DocumentUser['state'],
    comment: row.comment,
    ...(Object.fromEntries(plain) as DocumentUser),
    invalid_login_attempts: row.invalidLoginAttempts || null,
    ...(Object.fromEntries(times) as DocumentUser),
    password_hash: row.passwordHash === null ? null : toPasswordHashForm(row.passwordHash),
  })
  if (!known.groups.has(row.groupId ?? 0)) delete user.group_id
  return {
    ...user,
    custom_attributes: attributesOf(row, known),
    roles: roleIds,
    // Not those that wait for their first answer: an import would make them good.
    factors: authenticators.filter(isShown).map((row) => toFactor(row, sealer)),
  }
}

/** In the order in which the attributes are defined. */
function attributesOf(row: Row<'users'>, { attributes }: Known): Record<string, string> {
  const values = JSON.parse(row.customAttributes) as Record<string, string>
  return Object.fromEntries(
    attributes.flatMap((name) => (Object.hasOwn(values, name) && values[name] ? [[name, values[name]]] : [])),
  )
}

const isShown = ({ active, factor }: Row<'authenticators'>): boolean =>
  active === 1 && DOCUMENT_KINDS.some((kind) => kind === factor)

function toFactor(row: Row<'authenticators'>, sealer: Sealer): NonNullable<DocumentUser['factors']>[number] {
  return said({
    id: row.id,
    type: row.factor as FactorKind,
    label: row.label,
    secret: row.factor === 'totp' ? kept(row, sealer) : undefined,
    number: row.factor === 'sms' || row.factor === 'voice' ? kept(row, sealer) : undefined,
    passkey: row.factor === 'webauthn' ? readPasskey(kept(row, sealer) ?? '') : undefined,
    default: row.isDefault === 1,
    created_at: isoTime(row.createdAt),
    last_used_at: row.lastUsedAt === null ? null : isoTime(row.lastUsedAt),
  })
}

function kept({ id, sealedSecret }: Row<'authenticators'>, sealer: Sealer): string | undefined {
  if (sealedSecret === null) return undefined
  try {
    return sealer.open(sealedSecret, authenticatorPlace(id))
  } catch (cause) {
    throw new Error(
      `The secret of factor ${id} does not open: it was changed, or sealed for another row or under another key.`,
      { cause },
    )
  }
}
