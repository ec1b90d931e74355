import type { Cluster, Redis } from 'ioredis'
import { Problem } from '../errors.ts'
import { closeRedis, withoutArguments } from '../platform/redis.ts'
import type { PendingKind, PendingStore } from './pending-store.ts'
import { lifetimeMs, recordName } from './record.ts'

/** Scripts run alone in Redis, so nobody sees or makes a state in between. */
const SCRIPTS = {
  dwSwap: `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
return 1`,
  // The window is set whenever there is none, so that no counter can stay for ever.
  dwCount: `local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  left = tonumber(ARGV[1])
  redis.call('PEXPIRE', KEYS[1], left)
end
return { count, left }`,
  dwUncount: `local count = tonumber(redis.call('GET', KEYS[1]) or '0')
if count > 0 then return redis.call('DECR', KEYS[1]) end
return 0`,
  dwEnlist: `redis.call('SADD', KEYS[1], ARGV[1])
local left = tonumber(ARGV[2])
if redis.call('PTTL', KEYS[1]) < left then redis.call('PEXPIRE', KEYS[1], left) end
return 1`,
}

/** `unknown` because a reply is believed only after a look at it. */
interface Commands {
  set(key: string, value: string, px: 'PX', ms: number, ...nx: ['NX'?]): Promise<unknown>
  get(key: string): Promise<unknown>
  getdel(key: string): Promise<unknown>
  del(key: string): Promise<unknown>
  pexpire(key: string, ms: number): Promise<unknown>
  dwSwap(key: string, old: string, next: string): Promise<unknown>
  dwCount(key: string, windowMs: number): Promise<unknown>
  dwUncount(key: string): Promise<unknown>
  dwEnlist(key: string, member: string, ms: number): Promise<unknown>
  smembers(key: string): Promise<unknown>
  srem(key: string, member: string): Promise<unknown>
}

/**
 * For any number of processes. Needs Redis 6.2 or later, for GETDEL, or Valkey.
 * A record and a count are one key each, and no call names two keys: every call works on a Cluster.
 */
export function pendingStoreRedis(redis: Redis | Cluster, options: { prefix?: string } = {}): PendingStore {
  const commands = withScripts(redis)
  const prefix = options.prefix ?? 'dw'
  const key = (kind: PendingKind, id: string) => `${prefix}:{${recordName(kind, id)}}`
  return {
    async put(kind, id, value, ttlSeconds) {
      const ms = lifetimeMs(ttlSeconds)
      if (ms > 0) await ask(commands.set(key(kind, id), value, 'PX', ms), asDone)
      else await ask(commands.del(key(kind, id)), asNumber)
    },
    async putNew(kind, id, value, ttlSeconds) {
      const ms = Math.max(1, lifetimeMs(ttlSeconds))
      return ask(commands.set(key(kind, id), value, 'PX', ms, 'NX'), asWon)
    },
    peek: (kind, id) => ask(commands.get(key(kind, id)), asText),
    take: (kind, id) => ask(commands.getdel(key(kind, id)), asText),
    swap: async (kind, id, old, next) =>
      (await ask(commands.dwSwap(key(kind, id), old, next), asNumber)) === 1,
    async touch(kind, id, ttlSeconds) {
      await ask(commands.pexpire(key(kind, id), lifetimeMs(ttlSeconds)), asNumber)
    },
    async count(kind, id, windowSeconds) {
      const windowMs = Math.max(1, lifetimeMs(windowSeconds))
      const [count, leftMs] = await ask(commands.dwCount(key(kind, id), windowMs), asPair)
      return { count, resetSeconds: Math.ceil(leftMs / 1000) }
    },
    async uncount(kind, id) {
      await ask(commands.dwUncount(key(kind, id)), asNumber)
    },
    counted: (kind, id) => ask(commands.get(key(kind, id)), asCount),
    async enlist(kind, id, member, ttlSeconds) {
      const ms = lifetimeMs(ttlSeconds)
      if (ms > 0) await ask(commands.dwEnlist(key(kind, id), member, ms), asNumber)
    },
    listed: (kind, id) => ask(commands.smembers(key(kind, id)), asTexts),
    delist: async (kind, id, member) => (await ask(commands.srem(key(kind, id), member), asNumber)) === 1,
    async drop(kind, id) {
      await ask(commands.del(key(kind, id)), asNumber)
    },
    async ping() {
      // A read and not PING, which a node of a broken Cluster still answers.
      await ask(commands.get(`${prefix}:{ping}`), asText)
    },
    close: () => closeRedis(redis),
  }
}

function withScripts(redis: Redis | Cluster): Commands {
  for (const [name, lua] of Object.entries(SCRIPTS)) redis.defineCommand(name, { lua, numberOfKeys: 1 })
  return redis as unknown as Commands
}

/** Waits for a reply and reads it. No reply, an error and a reply of the wrong shape are all "no answer". */
async function ask<T>(reply: Promise<unknown>, read: (reply: unknown) => T): Promise<T> {
  try {
    return read(await reply)
  } catch (error) {
    throw new Problem('unavailable', { retryAfterSeconds: 5, cause: withoutArguments(error) })
  }
}

function asText(reply: unknown): string | undefined {
  if (reply === null) return undefined
  if (typeof reply === 'string') return reply
  throw unexpected(reply)
}

function asNumber(reply: unknown): number {
  if (typeof reply === 'number') return reply
  throw unexpected(reply)
}

function asDone(reply: unknown): void {
  if (reply !== 'OK') throw unexpected(reply)
}

/** `SET … NX` answers nothing when there was something already. */
function asWon(reply: unknown): boolean {
  if (reply === null) return false
  asDone(reply)
  return true
}

function asPair(reply: unknown): [number, number] {
  if (!Array.isArray(reply) || reply.length !== 2) throw unexpected(reply)
  return [asNumber(reply[0]), asNumber(reply[1])]
}

function asTexts(reply: unknown): string[] {
  if (Array.isArray(reply) && reply.every((one) => typeof one === 'string')) return reply
  throw unexpected(reply)
}

function asCount(reply: unknown): number {
  const text = asText(reply)
  if (text === undefined) return 0
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw unexpected(reply)
}

const unexpected = (reply: unknown) => new Error(`Redis sent a reply of an unexpected kind: ${typeof reply}`)
