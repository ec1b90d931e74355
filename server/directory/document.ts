import { z } from 'zod'
import { brandSchema } from '../branding/brand.ts'
import { SCOPES } from '../oauth/scope.ts'
import { awsAppConfig, samlAppConfig } from '../saml/app-config.ts'
import { attributeName, idSchema, timeSchema, userSchema } from './document-user.ts'
import { policyOverridesSchema, policySchema } from './policy.ts'
import { statementsSchema } from './privileges.ts'

const name = z.string().max(255).regex(/\S/, 'must not be blank').optional()

type Given<S extends z.ZodObject> = { [K in keyof z.output<S>]?: z.output<S>[K] | null | undefined }

/** The same object with every key optional and no default filled in; null takes a key back to its default. */
function givenOnly<S extends z.ZodObject>(schema: S): z.ZodType<Given<S>, Given<S>> {
  const shape = Object.entries(schema.shape as Record<string, z.ZodType>).map(([key, field]) => {
    const inner = field instanceof z.ZodDefault ? (field.unwrap() as z.ZodType) : field
    return [key, inner.nullish()]
  })
  return z.strictObject(Object.fromEntries(shape) as z.ZodRawShape) as unknown as z.ZodType<
    Given<S>,
    Given<S>
  >
}

/** What was drawn at random needs no slow hash. */
const digestSchema = z.strictObject({
  algorithm: z.literal('sha256'),
  hash: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits'),
})

const accountSchema = z.strictObject({
  subdomain: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be lower-case letters, digits and hyphens')
    .optional(),
  name,
  /** Of the token that shows people's apps to other sites; null: none does. */
  embed_token_hash: digestSchema.nullish(),
})

const groupSchema = z.strictObject({
  id: idSchema.optional(),
  name,
  reference: z.string().max(255).nullish(),
  /** Rules of its own; replace those it has, null takes them away. */
  policy: policyOverridesSchema.nullish(),
})

const roleSchema = z.strictObject({ id: idSchema.optional(), name })

/** Apps say what they are by `connector` and by the block of that name. */
const appSchema = z.strictObject({
  id: idSchema.optional(),
  name,
  connector: z.enum(['aws', 'saml']).optional(),
  icon: z
    .string()
    .max(100)
    .regex(/^[a-z0-9][a-z0-9._-]*\.(svg|png|webp|jpg)$/, 'must be the name of an svg, png, webp or jpg file')
    .nullish(),
  visible: z.boolean().optional(),
  /** Ids of the directory roles that have the app; replaces those it has. */
  roles: z.array(idSchema).max(10_000).optional(),
  /** Rules of its own; replace those it has, null takes them away. */
  policy: policyOverridesSchema.nullish(),
  aws: awsAppConfig.optional(),
  saml: samlAppConfig.optional(),
})

const credentialSchema = z
  .strictObject({
    id: idSchema.optional(),
    name,
    client_id: z
      .string()
      .regex(/^[\x21-\x39\x3b-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters without a colon')
      .optional(),
    /** In clear text; stored as SHA-256. */
    client_secret: z
      .string()
      .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters')
      .optional(),
    client_secret_hash: digestSchema.optional(),
    scope: z.enum(SCOPES).optional(),
    /** Whose privileges bound what it may do; null: its scope alone does. */
    owner_user_id: idSchema.nullable().optional(),
    enabled: z.boolean().optional(),
    created_at: timeSchema.optional(),
  })
  .refine((given) => given.client_secret === undefined || given.client_secret_hash === undefined, {
    path: ['client_secret_hash'],
    error: 'cannot be given beside client_secret',
  })

const legacyKeySchema = z.strictObject({
  id: idSchema.optional(),
  name,
  key_hash: digestSchema.optional(),
  scope: z.enum(SCOPES).optional(),
  owner_user_id: idSchema.nullable().optional(),
  enabled: z.boolean().optional(),
  created_at: timeSchema.optional(),
})

const privilegeSchema = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'must be a UUID in lower case'),
  name,
  description: z.string().max(1024).nullish(),
  privilege: statementsSchema.optional(),
  /** Who holds it; each list replaces the one it has. */
  roles: z.array(idSchema).max(10_000).optional(),
  users: z.array(idSchema).max(10_000).optional(),
  created_at: timeSchema.optional(),
})

/** What each list of the document holds. */
export const ENTRY_SCHEMAS = {
  brands: givenOnly(brandSchema),
  custom_attributes: attributeName,
  groups: groupSchema,
  roles: roleSchema,
  apps: appSchema,
  users: userSchema,
  api_credentials: credentialSchema,
  legacy_keys: legacyKeySchema,
  privileges: privilegeSchema,
} as const
export type ListName = keyof typeof ENTRY_SCHEMAS
export const LIST_NAMES = Object.keys(ENTRY_SCHEMAS) as ListName[]

/** The single blocks of the document. */
export const BLOCK_SCHEMAS = { account: accountSchema, policy: givenOnly(policySchema) } as const

export type GivenBrand = z.output<(typeof ENTRY_SCHEMAS)['brands']>
export type GivenGroup = z.output<typeof groupSchema>
export type GivenRole = z.output<typeof roleSchema>
export type GivenApp = z.output<typeof appSchema>
export type GivenCredential = z.output<typeof credentialSchema>
export type GivenLegacyKey = z.output<typeof legacyKeySchema>
export type GivenPrivilege = z.output<typeof privilegeSchema>

type Lists = { [K in ListName]?: z.input<(typeof ENTRY_SCHEMAS)[K]>[] | undefined }
type Blocks = { [K in keyof typeof BLOCK_SCHEMAS]?: z.input<(typeof BLOCK_SCHEMAS)[K]> | undefined }

/** A whole directory as people and programs write it: JSON or YAML, every key optional. */
export interface DirectoryDocument extends Blocks, Lists {}
export type DocumentUser = z.input<typeof userSchema>
export type DocumentApp = z.input<typeof appSchema>
export type DocumentCredential = z.input<typeof credentialSchema>
export type DocumentLegacyKey = z.input<typeof legacyKeySchema>
export type DocumentPrivilege = z.input<typeof privilegeSchema>
