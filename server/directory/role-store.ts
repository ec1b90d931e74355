import type { ListPage, ListQuery } from '../platform/listing.ts'

/** What people hold and apps are given to. */
export interface DirectoryRole {
  id: number
  name: string
}

export interface RoleStore {
  list(query: ListQuery<'id' | 'name'>): Promise<ListPage<DirectoryRole>>
  find(id: number): Promise<DirectoryRole | undefined>
  /** Those of `ids` that exist, in id order. */
  named(ids: readonly number[]): Promise<DirectoryRole[]>
  /** The ids of all roles, in id order. */
  ids(): Promise<number[]>
  /** The new role's id; `undefined` when another has this name. */
  create(name: string): Promise<number | undefined>
  /** False when another has this name. */
  rename(id: number, name: string): Promise<boolean>
  /** Takes the role away from everybody and every app. */
  remove(id: number): Promise<void>
  /** Whom each of these roles belongs to, in id order. */
  members(ids: readonly number[]): Promise<Map<number, { userIds: number[]; appIds: number[] }>>
  /** The role has these apps and no others from now on. */
  setApps(id: number, appIds: readonly number[]): Promise<void>
}
