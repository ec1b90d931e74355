import type { Brand } from '../branding/brand.ts'
import type { Policy, PolicyOverrides } from './policy.ts'

/** The rules of the account, and of those groups and apps that were asked for and have any. */
export interface Rules {
  account: Policy
  /** The group's before the app's. */
  own: PolicyOverrides[]
}

export interface Account {
  id: number
  subdomain: string
  name: string
  policy: Policy
}

/** The company and how it looks. */
export interface AccountStore {
  account(): Promise<Account>
  /** The account's rules, and those that a group and an app have of their own. */
  rules(groupId: number | null, appId: number | undefined): Promise<Rules>
  /** In the order of the directory document. */
  brands(): Promise<Brand[]>
  /** SHA-256, hex, of the token that shows people's apps to other sites; null while there is none. */
  embedTokenHash(): Promise<string | null>
  /** Replaces that token; null takes it away. */
  setEmbedTokenHash(hash: string | null): Promise<void>
}
