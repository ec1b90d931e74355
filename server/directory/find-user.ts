import { Problem } from '../errors.ts'
import type { UserStore } from './user-store.ts'
import type { User } from './user.ts'

/** The person with this id. @throws Problem `not_found` */
export async function findUser(users: Pick<UserStore, 'find'>, id: number): Promise<User> {
  const user = await users.find(id)
  if (!user) throw new Problem('not_found', { message: `User for id ${id} was not found` })
  return user
}
