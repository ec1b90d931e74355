/** AWS credentials that were fetched before, sealed, and when they are still good enough to hand out. */
import { createHash } from 'node:crypto'
import { paths, readJson, writeIfPossible } from './home.ts'
import { localNow } from './machine.ts'
import type { Vault } from './vault.ts'

export interface AwsCredentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
  /** ISO 8601, UTC. */
  expiration: string
  accountId: string
  roleArn: string
}

/** For whom and what credentials are: another server, person, role or wish has others. */
export interface CacheKey {
  server: string
  userId: number
  roleArn: string
  seconds: number | undefined
}

interface Cached {
  credentials: AwsCredentials
  /** When they were given, ms, by the server's clock. */
  givenAt: number
}

/** SDKs run the process again for every call when less than 15 minutes are left. */
const FLOOR_MS = 20 * 60_000
/** What an outage may still hand out. */
const LAST_MS = 60_000

const nameOf = ({ server, userId, roleArn, seconds }: CacheKey): string =>
  createHash('sha256')
    .update(JSON.stringify([server, userId, roleArn, seconds ?? null]))
    .digest('hex')

/** Names what is fetched, for a lock. */
export const cacheName = (key: CacheKey): string => nameOf(key).slice(0, 32)

/** By how much the server's clock is ahead of ours, ms, as far as it is known. */
export const clockOffset = (session: string): number =>
  (readJson(paths.clock(session)) as { offsetMs: number } | undefined)?.offsetMs ?? 0

/** The server's time. */
export const serverNow = (session: string): number => localNow() + clockOffset(session)

const read = (vault: Vault, key: CacheKey): Cached | undefined => {
  const kept = readJson(paths.cache(nameOf(key))) as { sealed: string } | undefined
  return kept && (vault.open(kept.sealed) as Cached | undefined)
}

/** Credentials with 20 minutes left, or a third of their life where that is shorter. */
export function freshCredentials(vault: Vault, key: CacheKey, now: number): AwsCredentials | undefined {
  const cached = read(vault, key)
  if (!cached) return undefined
  const end = Date.parse(cached.credentials.expiration)
  const enough = Math.min(FLOOR_MS, (end - cached.givenAt) / 3)
  return end - now >= enough ? cached.credentials : undefined
}

/** Credentials that are at least not over: for when no others can be had. */
export function lastCredentials(vault: Vault, key: CacheKey, now: number): AwsCredentials | undefined {
  const cached = read(vault, key)
  return cached && Date.parse(cached.credentials.expiration) - now > LAST_MS ? cached.credentials : undefined
}

export const keepCredentials = (
  vault: Vault,
  key: CacheKey,
  credentials: AwsCredentials,
  now: number,
): void =>
  writeIfPossible(paths.cache(nameOf(key)), {
    sealed: vault.seal({ credentials, givenAt: now } satisfies Cached),
  })

/** What a `credential_process` prints: `Version` is a number, or the SDKs do not take it. */
export const processOutput = (credentials: AwsCredentials): string =>
  JSON.stringify({
    Version: 1,
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    SessionToken: credentials.sessionToken,
    Expiration: credentials.expiration,
    AccountId: credentials.accountId,
  })
