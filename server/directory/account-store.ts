import type { Brand } from '../branding/brand.ts'
import type { Policy, PolicyOverrides } from './policy.ts'

export interface Account {
  id: number
  subdomain: string
  name: string
  policy: Policy
}

/** The company and how it looks. */
export interface AccountStore {
  account(): Promise<Account>
  /** The rules that a group and an app have of their own, in this order; nothing for those that have none. */
  overrides(groupId: number | null, appId: number | undefined): Promise<PolicyOverrides[]>
  /** In the order of the directory document. */
  brands(): Promise<Brand[]>
  /** SHA-256, hex, of the token that shows people's apps to other sites; null while there is none. */
  embedTokenHash(): Promise<string | null>
  /** Replaces that token; null takes it away. */
  setEmbedTokenHash(hash: string | null): Promise<void>
}
