/** Apps on OneLogin's wire. */
import type { App } from './app-store.ts'

/** OneLogin's numbers of the connectors that ours are like: AWS with several roles, and any SAML service provider. */
const CONNECTOR_ID: Record<string, number> = { aws: 50534, saml: 110016 }
/** OneLogin's number of SAML 2.0. */
const AUTH_METHOD_SAML = 2

const iconUrl = (origin: string, picture: string): string | null => (picture === '' ? null : origin + picture)

export const toAppV1 = (app: App, origin: string, picture: string) => ({
  id: app.id,
  connector_id: CONNECTOR_ID[app.connector] ?? null,
  name: app.name,
  extension: false,
  icon: iconUrl(origin, picture),
  visible: app.visible,
  provisioning: false,
})

export const toAppV2 = (app: App, origin: string, picture: string) => ({
  id: app.id,
  connector_id: CONNECTOR_ID[app.connector] ?? null,
  name: app.name,
  description: null,
  icon_url: iconUrl(origin, picture),
  visible: app.visible,
  auth_method: AUTH_METHOD_SAML,
})

/** An app as one person has it. */
export const toUserApp = (app: App, origin: string, picture: string) => ({
  id: app.id,
  name: app.name,
  icon: iconUrl(origin, picture),
  provisioned: null,
  extension: false,
  login_id: null,
  personal: false,
})

/** An app as a role has it. */
export const toRoleApp = (app: App, origin: string, picture: string) => ({
  id: app.id,
  name: app.name,
  icon_url: iconUrl(origin, picture),
})
