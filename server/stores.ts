import type { BrokerSessionStore } from './broker/broker-session-store.ts'
import type { AccountStore } from './directory/account-store.ts'
import type { AppStore } from './directory/app-store.ts'
import type { GroupStore } from './directory/group-store.ts'
import type { PasswordLinkStore } from './directory/password-link-store.ts'
import type { RoleStore } from './directory/role-store.ts'
import type { UserDirectoryStore } from './directory/user-directory-store.ts'
import type { PrivilegesStore } from './directory/privileges-store.ts'
import type { UserStore } from './directory/user-store.ts'
import type { EventStore } from './events/event-store.ts'
import type { AuthenticatorStore } from './factors/authenticator-store.ts'
import type { TemporaryTokenStore } from './factors/temporary-token-store.ts'
import type { LegacyKeyStore } from './legacy/legacy-key-store.ts'
import type { CredentialStore } from './oauth/credential-store.ts'
import type { TokenStore } from './oauth/token-store.ts'
import type { SigningKeyStore } from './saml/signing-key-store.ts'
import type { RememberedBrowserStore } from './signin/remembered-browser-store.ts'

/** Every port that the database is behind. */
export interface Stores {
  account: AccountStore
  apps: AppStore
  groups: GroupStore
  roles: RoleStore
  users: UserStore
  userDirectory: UserDirectoryStore
  passwordLinks: PasswordLinkStore
  authenticators: AuthenticatorStore
  temporaryTokens: TemporaryTokenStore
  remembered: RememberedBrowserStore
  brokerSessions: BrokerSessionStore
  privileges: PrivilegesStore
  credentials: CredentialStore
  tokens: TokenStore
  legacyKeys: LegacyKeyStore
  signingKeys: SigningKeyStore
  events: EventStore
}

/** Runs `work` in one transaction: what its stores do is kept together, or, when it throws, not at all. */
export type Transact = <T>(work: (stores: Stores) => Promise<T>) => Promise<T>
