import type { Post } from '../branding/post.ts'
import { addressLetter } from './letters.ts'
import { Problem } from '../errors.ts'
import type { Origin } from '../events/event-store.ts'
import { userCreatedViaApi, userDestroyedViaApi, userUpdatedViaApi } from '../events/directory-events.ts'
import type { Clock } from '../platform/clock.ts'
import type { Stores, Transact } from '../stores.ts'
import { differing } from './document-lists.ts'
import { findUser } from './find-user.ts'
import type { UserDirectoryStore } from './user-directory-store.ts'
import { readUserBody, requiredAttribute, type Body } from './user-input.ts'
import { LoginTaken, type TakenLogin, type UserChange } from './user-record.ts'
import type { UserStore } from './user-store.ts'
import { USER_STATE, USER_STATUS, type User } from './user.ts'

export interface ManageDeps {
  clock: Clock
  transact: Transact
  users: Pick<UserStore, 'find'>
  userDirectory: Pick<UserDirectoryStore, 'customAttributeNames'>
  post: Pick<Post, 'sendLater'>
}

type Login = Pick<User, 'email' | 'username'>

const TAKEN: Record<TakenLogin, string> = {
  email: 'Email must be unique',
  username: 'Username must be unique',
}
const invalid = (...reasons: string[]) =>
  new Problem('conflict', { message: `Validation failed: ${reasons.join(', ')}` })
const alreadyTaken = (taken: readonly TakenLogin[]) => invalid(...taken.map((name) => TAKEN[name]))

function checkLogin({ email, username }: Login): void {
  if (email.trim() === '' && username.trim() === '') throw invalid('Need at least an email or username')
  if (email !== '' && !/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(email)) throw invalid('Email is invalid')
}

async function checkGroup({ groups }: Stores, groupId: number | null | undefined): Promise<void> {
  if (groupId === null || groupId === undefined) return
  if (!(await groups.find(groupId))) throw invalid('Group must exist')
}

/** Another one was faster, after we had looked: the database keeps the rule. */
async function orTaken<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof LoginTaken) throw alreadyTaken(error.taken)
    throw error
  }
}

/** Works on one person whom nobody else changes meanwhile. @throws Problem `not_found` */
export const withUser = <T>(
  d: Pick<ManageDeps, 'transact'>,
  id: number,
  work: (stores: Stores, user: User) => Promise<T>,
): Promise<T> =>
  d.transact(async (stores) => {
    const user = await findUser({ find: (wanted) => stores.userDirectory.hold(wanted) }, id)
    return work(stores, user)
  })

/** Several changes as one: all of them hold, or none. */
export const together = <D extends Pick<ManageDeps, 'transact'>, T>(
  d: D,
  work: (inner: D) => Promise<T>,
): Promise<T> => d.transact((stores) => work({ ...d, ...stores, transact: (inner) => inner(stores) }))

const withoutEmpty = (attributes: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ''))

const NAMES = ['firstname', 'lastname'] as const

/** Adds a person, approved and without a password: they cannot sign in before they get one. No invitation is sent. */
export async function createUser(
  d: ManageDeps,
  body: Body,
  origin: Origin,
  { required = NAMES }: { required?: readonly (typeof NAMES)[number][] } = {},
): Promise<User> {
  const change = readUserBody(body, 'post', await d.userDirectory.customAttributeNames())
  const { firstname = '', lastname = '', email = '', username = '', customAttributes = {} } = change
  for (const name of required) if ((change[name] ?? '').trim() === '') throw requiredAttribute(name, 'post')
  checkLogin({ email, username })
  const now = d.clock()
  const create = d.transact(async (stores) => {
    const taken = await stores.userDirectory.takenLogins({ email, username })
    if (taken.length > 0) throw alreadyTaken(taken)
    await checkGroup(stores, change.groupId)
    const id = await stores.userDirectory.create({
      ...change,
      firstname,
      lastname,
      email,
      username,
      customAttributes: withoutEmpty(customAttributes),
      status: USER_STATUS.passwordPending,
      state: USER_STATE.approved,
      createdAt: now,
      updatedAt: now,
    })
    const user = { id, firstname, lastname, email, username }
    await stores.events.append(userCreatedViaApi(origin, user))
    return id
  })
  return findUser(d.users, await orTaken(create))
}

/** What of a change is one, and what follows from it. @throws Problem when it is not allowed */
async function planOf(stores: Stores, user: User, change: UserChange, now: number): Promise<UserChange> {
  const { customAttributes, ...columns } = change
  const plan: UserChange = differing<Omit<UserChange, 'customAttributes'>>(user, columns)
  if (customAttributes) {
    const merged = withoutEmpty({ ...user.customAttributes, ...customAttributes })
    if (JSON.stringify(merged) !== JSON.stringify(user.customAttributes)) plan.customAttributes = merged
  }
  if (plan.state !== undefined && user.state === USER_STATE.unlicensed)
    throw new Problem('invalid_request', { message: 'state is invalid' })
  if (plan.email !== undefined || plan.username !== undefined) {
    const login = { email: plan.email ?? user.email, username: plan.username ?? user.username }
    checkLogin(login)
    const taken = await stores.userDirectory.takenLogins(login, user.id)
    if (taken.length > 0) throw alreadyTaken(taken)
  }
  await checkGroup(stores, plan.groupId)
  if (plan.invalidLoginAttempts !== undefined)
    plan.invalidLoginSince = plan.invalidLoginAttempts > 0 ? now : null
  return plan
}

/** Changes what the body names and nothing else: of two calls about different attributes both hold. */
export async function updateUser(d: ManageDeps, id: number, body: Body, origin: Origin): Promise<User> {
  const change = readUserBody(body, 'put', await d.userDirectory.customAttributeNames())
  const update = withUser(d, id, async (stores, user) => {
    const now = d.clock()
    const plan = await planOf(stores, user, change, now)
    const changed = Object.keys(plan)
    if (changed.length === 0) return undefined
    await stores.userDirectory.update(id, { ...plan, updatedAt: now })
    if (plan.state !== undefined && plan.state !== USER_STATE.approved)
      await stores.userDirectory.endSessions(id)
    await stores.events.append(userUpdatedViaApi(origin, user, changed))
    return plan.email === undefined ? undefined : user
  })
  const before = await orTaken(update)
  const after = await findUser(d.users, id)
  if (before) tellOfAddress(d, before, after)
  return after
}

/** Whoever has the one mailbox must not lose the account to the other without a word. */
function tellOfAddress(d: Pick<ManageDeps, 'post'>, before: User, after: User): void {
  const letter = addressLetter(before.email, after.email)
  for (const to of [before, after]) d.post.sendLater(to, letter)
}

/** Takes a person away, with their factors and sessions. */
export const deleteUser = (d: ManageDeps, id: number, origin: Origin): Promise<void> =>
  withUser(d, id, async ({ userDirectory, events }, user) => {
    await userDirectory.remove(id)
    await events.append(userDestroyedViaApi(origin, user))
  })
