/** A command line's session as it is kept: what may be read, and what is sealed. */
import { paths, readJson, removeFile, writeIfPossible, writeJson } from './home.ts'
import type { Aliases, KnownRoles } from './role-name.ts'
import type { Vault } from './vault.ts'

/** Which key proves the session: one in an agent, or one of our own that is sealed here. */
export type KeyPlace = 'agent' | 'keychain' | 'file'

/** The public half of a P-256 key (RFC 7517). */
export interface PublicJwk {
  kty: 'EC'
  crv: 'P-256'
  x: string
  y: string
}

/** What only the vault shows. */
export interface SessionSecrets {
  accessToken: string
  /** By the server's clock, ms. */
  accessEndsAt: number
  refreshToken: string
  /** PKCS #8, PEM; none where an agent holds the key. */
  privateKey?: string
}

export interface SessionFile {
  server: string
  user: { id: number; name: string; email: string }
  company: string
  deviceName: string
  key: { place: KeyPlace; jwk: PublicJwk; jkt: string }
  /** ISO 8601. */
  endsAt: string
  idleEndsAt: string
  sealed: string
}

export const readSession = (name: string): SessionFile | undefined =>
  readJson(paths.session(name)) as SessionFile | undefined
export const secretsOf = (vault: Vault, { sealed }: SessionFile): SessionSecrets | undefined =>
  vault.open(sealed) as SessionSecrets | undefined
export const writeSession = (name: string, file: SessionFile): void => writeJson(paths.session(name), file)

/** Forgets a session with everything that came from it. */
export function forgetSession(name: string): void {
  for (const path of [paths.session(name), paths.clock(name), paths.roles(name), paths.cacheFolder()])
    removeFile(path)
}

export const readRoles = (name: string): KnownRoles => {
  const { roles = [], used = {} } = (readJson(paths.roles(name)) as Partial<KnownRoles> | undefined) ?? {}
  return { roles, used }
}
export const writeRoles = (name: string, known: KnownRoles): void => writeIfPossible(paths.roles(name), known)

export const readAliases = (): Aliases => (readJson(paths.aliases()) as Aliases | undefined) ?? {}
export const writeAliases = (aliases: Aliases): void => writeJson(paths.aliases(), aliases)
