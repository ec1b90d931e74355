/** Apps, roles and groups as the API's document shows them. */
import { z } from 'zod'
import { id } from '../http/api-schema.ts'

const icon = z.string().nullable().describe('Address of a picture.')
const connector = z.int().nullable().describe("OneLogin's number of the kind of app.")
const named = { id, name: z.string() }

export const roleSchema = z.strictObject(named).meta({ id: 'Role' })

export const groupSchema = z
  .strictObject({ ...named, reference: z.string().nullable() })
  .meta({ id: 'Group' })

export const appSchema = z
  .strictObject({
    id,
    connector_id: connector,
    name: z.string(),
    extension: z.boolean(),
    icon,
    visible: z.boolean().describe("Whether it shows on people's home page."),
    provisioning: z.boolean(),
  })
  .meta({ id: 'App' })

export const appV2Schema = z
  .strictObject({
    id,
    connector_id: connector,
    name: z.string(),
    description: z.string().nullable(),
    icon_url: icon,
    visible: z.boolean(),
    auth_method: z.int().describe('2 is SAML.'),
  })
  .meta({ id: 'AppV2' })

export const userAppSchema = z
  .strictObject({
    ...named,
    icon,
    provisioned: z.null(),
    extension: z.boolean(),
    login_id: z.null(),
    personal: z.boolean(),
  })
  .meta({ id: 'UserApp', description: 'An app as one person has it.' })

export const roleAppSchema = z
  .strictObject({ ...named, icon_url: icon })
  .meta({ id: 'RoleApp', description: 'An app as a role has it.' })

export const roleV2Schema = z
  .strictObject({
    ...named,
    apps: z.array(id),
    users: z.array(id),
    admins: z.array(id).describe('Always empty: Doorward has no administrators of single roles.'),
  })
  .meta({ id: 'RoleV2' })

export const roleUserSchema = z
  .strictObject({
    ...named,
    email: z.string(),
    username: z.string(),
    assigned: z.literal(true),
    added_by: z.null().describe('Told by events only.'),
    added_at: z.null().describe('Told by events only.'),
  })
  .meta({ id: 'RoleUser', description: 'A person as a role has them.' })
