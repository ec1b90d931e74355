import { Problem } from '../errors.ts'
import type { EventDraft, Origin } from '../events/event-store.ts'
import { passwordSetInClear, passwordSetWithSalt } from '../events/directory-events.ts'
import {
  passwordFits,
  saltedSha256,
  type PasswordHasher,
  type StoredPassword,
} from '../platform/password-hash.ts'
import type { Stores } from '../stores.ts'
import type { AccountStore } from './account-store.ts'
import { findUser } from './find-user.ts'
import type { AccessDeps } from './manage-access.ts'
import { withUser } from './manage-users.ts'
import { passwordFault, passwordRules, type PasswordFault } from './password-rules.ts'
import { requiredAttribute, wrongType, type Body } from './user-input.ts'
import { USER_STATUS, type User } from './user.ts'

export interface PasswordDeps extends AccessDeps {
  account: Pick<AccountStore, 'account' | 'brands'>
  hasher: PasswordHasher
}

const MAX_SALT = 40
/** People who only waited for a password. */
const WAITING: readonly number[] = [
  USER_STATUS.unactivated,
  USER_STATUS.passwordExpired,
  USER_STATUS.awaitingPasswordReset,
  USER_STATUS.passwordPending,
]

const plain = (message: string) => new Problem('invalid_request', { message })

function text(body: Body, name: string): string {
  const value = body[name]
  if (value === undefined || value === null || value === '') throw requiredAttribute(name, 'put')
  if (typeof value !== 'string') throw wrongType(name, 'string')
  return value
}

function confirmed(body: Body): string {
  const password = text(body, 'password')
  if (password !== text(body, 'password_confirmation'))
    throw plain('password and password_confirmation must be same')
  return password
}

function wantsPolicy({ validate_policy: value }: Body): boolean {
  if (value === undefined || value === null || value === false || value === 'false') return false
  if (value === true || value === 'true') return true
  throw wrongType('validate_policy', 'boolean')
}

/** Keeps a new password of a person who is held, and ends every session, half-done attempt and link of theirs. */
export async function storePassword(
  { userDirectory }: Pick<Stores, 'userDirectory'>,
  user: User,
  passwordHash: StoredPassword,
  now: number,
): Promise<void> {
  await userDirectory.update(user.id, {
    passwordHash,
    passwordChangedAt: now,
    updatedAt: now,
    ...(WAITING.includes(user.status) && {
      status: USER_STATUS.active,
      activatedAt: user.activatedAt ?? now,
    }),
  })
  await userDirectory.endSessions(user.id)
}

const setPassword = (
  d: PasswordDeps,
  id: number,
  passwordHash: StoredPassword,
  eventOf: (user: User) => EventDraft,
): Promise<void> =>
  withUser(d, id, async (stores, user) => {
    await storePassword(stores, user, passwordHash, d.clock())
    await stores.events.append(eventOf(user))
  })

/** What programs are told about a password that the policy does not take. */
const FAULTS: Record<PasswordFault, (minLength: number) => string> = {
  too_short: (minLength) => `Password is too short (minimum is ${minLength} characters)`,
  too_long: () => 'Password is too long (maximum is 1024 bytes)',
  not_typeable: () => 'Password has characters that are not allowed',
  common: () => 'Password is too common',
  about_you: () => 'Password is made of names of the user or the company',
}

async function checkPolicy(d: PasswordDeps, user: User, password: string): Promise<void> {
  const rules = await passwordRules(d, user)
  const fault = await passwordFault(password, rules)
  if (!fault) return
  throw new Problem('conflict', { message: `Validation failed: ${FAULTS[fault](rules.minLength)}` })
}

/** Sets a password that comes in clear text. It is held against the policy when that is asked for. */
export async function setClearPassword(
  d: PasswordDeps,
  id: number,
  body: Body,
  origin: Origin,
): Promise<void> {
  const password = confirmed(body)
  if (!passwordFits(password)) throw plain('password is too long. It may have 1024 bytes')
  const byPolicy = wantsPolicy(body)
  const user = await findUser(d.users, id) // nobody computes a hash for nobody
  if (byPolicy) await checkPolicy(d, user, password)
  await setPassword(d, id, await d.hasher.hash(password), (held) => passwordSetInClear(origin, held))
}

/** Sets a password that comes as SHA-256 of salt and password; the next sign-in replaces it by a better form. */
export async function setSaltedPassword(
  d: PasswordDeps,
  id: number,
  body: Body,
  origin: Origin,
): Promise<void> {
  const hex = confirmed(body)
  if (text(body, 'password_algorithm') !== 'salt+sha256')
    throw plain('password_algorithm should be -> salt+sha256')
  if (!/^[0-9a-f]{64}$/i.test(hex)) throw plain('password should be -> SHA-256 in hexadecimal digits')
  wantsPolicy(body) // nothing to look at in a digest
  const salt = body.password_salt ?? ''
  if (typeof salt !== 'string') throw wrongType('password_salt', 'string')
  if (salt.length > MAX_SALT) throw plain(`password_salt is too long. It may have ${MAX_SALT} characters`)
  const stored = saltedSha256(salt.trim() === '' ? '' : salt, hex)
  await setPassword(d, id, stored, (user) => passwordSetWithSalt(origin, user))
}
