import { Problem } from '../errors.ts'
import type { Clock } from '../platform/clock.ts'
import type { PendingKind, PendingStore } from './pending-store.ts'
import { lifetimeMs, recordName } from './record.ts'

interface Entry {
  value: string
  expiresAtMs: number
}

/** More than one, so that the sweep outruns the writes and the map stays in proportion to what is alive. */
const SWEPT_PER_WRITE = 4

/** For one process: tests, and an installation on one machine without Redis. */
export function pendingStoreMemory(d: { clock: Clock }): PendingStore {
  const entries = expiringEntries(d.clock)
  const keep = (name: string, value: string, ms: number) =>
    ms > 0 ? entries.set(name, { value, expiresAtMs: d.clock() + ms }) : entries.delete(name)
  return {
    put: async (kind, id, value, ttlSeconds) => keep(recordName(kind, id), value, lifetimeMs(ttlSeconds)),
    async putNew(kind, id, value, ttlSeconds) {
      const name = recordName(kind, id)
      if (entries.get(name)) return false
      keep(name, value, Math.max(1, lifetimeMs(ttlSeconds)))
      return true
    },
    peek: async (kind, id) => entries.get(recordName(kind, id))?.value,
    async take(kind, id) {
      const name = recordName(kind, id)
      const value = entries.get(name)?.value
      entries.delete(name)
      return value
    },
    async swap(kind, id, old, next) {
      const entry = entries.get(recordName(kind, id))
      if (entry?.value !== old) return false
      entry.value = next
      return true
    },
    async touch(kind, id, ttlSeconds) {
      const name = recordName(kind, id)
      const ms = lifetimeMs(ttlSeconds)
      const entry = entries.get(name)
      if (entry) keep(name, entry.value, ms)
    },
    count: async (kind, id, windowSeconds) => count(entries, d.clock, recordName(kind, id), windowSeconds),
    async uncount(kind, id) {
      const entry = entries.get(recordName(kind, id))
      const count = numberIn(entry)
      if (entry && count > 0) entry.value = String(count - 1)
    },
    counted: async (kind, id) => numberIn(entries.get(recordName(kind, id))),
    async enlist(kind, id, member, ttlSeconds) {
      const name = recordName(kind, id)
      const kept = entries.get(name)
      const expiresAtMs = Math.max(kept?.expiresAtMs ?? 0, d.clock() + lifetimeMs(ttlSeconds))
      const value = JSON.stringify([...new Set([...membersIn(kept), member])])
      if (ttlSeconds > 0) entries.set(name, { value, expiresAtMs })
    },
    listed: async (kind, id) => membersIn(entries.get(recordName(kind, id))),
    async delist(kind, id, member) {
      const entry = entries.get(recordName(kind, id))
      const members = membersIn(entry)
      if (!entry || !members.includes(member)) return false
      entry.value = JSON.stringify(members.filter((one) => one !== member))
      return true
    },
    drop: async (kind: PendingKind, id: string) => entries.delete(recordName(kind, id)),
    async ping() {
      // this process answers by running
    },
    async close() {
      entries.clear()
    },
  }
}

function count(entries: Entries, clock: Clock, name: string, windowSeconds: number) {
  const kept = entries.get(name)
  const next = numberIn(kept) + 1
  const expiresAtMs = kept?.expiresAtMs ?? clock() + Math.max(1, lifetimeMs(windowSeconds))
  entries.set(name, { value: String(next), expiresAtMs })
  return { count: next, resetSeconds: Math.ceil((expiresAtMs - clock()) / 1000) }
}

function numberIn(entry: Entry | undefined): number {
  if (!entry) return 0
  if (!/^\d{1,15}$/.test(entry.value))
    throw new Problem('unavailable', { cause: new Error('a record is no count') })
  return Number(entry.value)
}

const membersIn = (entry: Entry | undefined): string[] => (entry ? (JSON.parse(entry.value) as string[]) : [])

type Entries = ReturnType<typeof expiringEntries>

/** A map that never shows what has expired, and forgets a few such entries at every write instead of by a timer. */
function expiringEntries(clock: Clock) {
  const map = new Map<string, Entry>()
  let cursor = map.entries()
  const sweep = () => {
    for (let i = 0; i < SWEPT_PER_WRITE; i++) {
      const { done, value } = cursor.next()
      if (done) return void (cursor = map.entries())
      if (value[1].expiresAtMs <= clock()) map.delete(value[0])
    }
  }
  return {
    get(name: string): Entry | undefined {
      const entry = map.get(name)
      if (entry && entry.expiresAtMs > clock()) return entry
      map.delete(name)
      return undefined
    },
    set(name: string, entry: Entry): void {
      sweep()
      map.set(name, entry)
    },
    delete: (name: string): void => void map.delete(name),
    clear: (): void => map.clear(),
  }
}
