import type { ListPage, ListQuery } from '../platform/listing.ts'

/** Something people sign in to. `settings` is the `aws` or `saml` block of the directory document. */
export interface App {
  id: number
  name: string
  connector: string
  icon: string | null
  visible: boolean
  settings: unknown
}

export interface AppStore {
  list(query: ListQuery<'id' | 'name'>): Promise<ListPage<App>>
  find(id: number): Promise<App | undefined>
  /** What a person may open, by their directory roles, in name order. */
  listForRoles(roleIds: readonly number[]): Promise<App[]>
  /** Whether a person with these directory roles may open the app. */
  isAssigned(appId: number, roleIds: readonly number[]): Promise<boolean>
}
