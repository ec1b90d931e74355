import { Problem } from '../errors.ts'
import type { EventDraft, Origin } from '../events/event-store.ts'
import { passwordSetInClear, passwordSetWithSalt } from '../events/directory-events.ts'
import {
  passwordFits,
  saltedSha256,
  type PasswordHasher,
  type StoredPassword,
} from '../platform/password-hash.ts'
import { findUser } from './find-user.ts'
import type { AccessDeps } from './manage-access.ts'
import { withUser } from './manage-users.ts'
import { requiredAttribute, wrongType, type Body } from './user-input.ts'
import { USER_STATUS, type User } from './user.ts'

export interface PasswordDeps extends AccessDeps {
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

const setPassword = (
  d: PasswordDeps,
  id: number,
  passwordHash: StoredPassword,
  eventOf: (user: User) => EventDraft,
): Promise<void> =>
  withUser(d, id, async ({ userDirectory, events }, user) => {
    const now = d.clock()
    await userDirectory.update(id, {
      passwordHash,
      passwordChangedAt: now,
      updatedAt: now,
      ...(WAITING.includes(user.status) && {
        status: USER_STATUS.active,
        activatedAt: user.activatedAt ?? now,
      }),
    })
    await userDirectory.endSessions(id)
    await events.append(eventOf(user))
  })

/** Sets a password that comes in clear text. Its length is checked against the policy when asked for. */
export async function setClearPassword(
  d: PasswordDeps,
  id: number,
  body: Body,
  origin: Origin,
): Promise<void> {
  const password = confirmed(body)
  if (!passwordFits(password)) throw plain('password is too long. It may have 1024 bytes')
  if (wantsPolicy(body)) {
    const { policy } = await d.account.account()
    const min = policy.password_min_length
    if (Array.from(password).length < min) {
      const message = `Validation failed: Password is too short (minimum is ${min} characters)`
      throw new Problem('conflict', { message })
    }
  }
  await findUser(d.users, id) // nobody computes a hash for nobody
  await setPassword(d, id, await d.hasher.hash(password), (user) => passwordSetInClear(origin, user))
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
