import type { Privilege } from './privileges.ts'

/** What a privilege can be given to. */
export type HolderKind = 'user' | 'role'

/** Privileges, and who holds them. */
export interface PrivilegesStore {
  /** In the order they were made. */
  list(): Promise<Privilege[]>
  find(id: string): Promise<Privilege | undefined>
  create(privilege: Privilege, now: number): Promise<void>
  /** False when there is none with this id. */
  update(privilege: Privilege): Promise<boolean>
  /** Takes it from all who hold it, too. Of racing calls exactly one gets true. */
  remove(id: string): Promise<boolean>
  /** Ids of its people or roles, in order. */
  holders(id: string, kind: HolderKind): Promise<number[]>
  /** Which of these people or roles do not exist. */
  unknownHolders(kind: HolderKind, ids: readonly number[]): Promise<number[]>
  /** Gives it to more people or roles, who must exist. Those that hold it already keep it. */
  grant(id: string, kind: HolderKind, holderIds: readonly number[]): Promise<void>
  /** False when it was not held. */
  withdraw(id: string, kind: HolderKind, holderId: number): Promise<boolean>
  /** What a person holds, by themselves or by their roles. */
  heldBy(userId: number): Promise<Privilege[]>
  /** What any of these roles holds. */
  heldByRoles(roleIds: readonly number[]): Promise<Privilege[]>
}
