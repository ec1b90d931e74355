/** One at a time, across processes. The lock is a socket that is listened on: whatever ends its holder, the system frees it. */
import { createHash } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { CliFault } from './fault.ts'
import { homePath, paths, readJson, writeOnce } from './home.ts'
import { localNow, newId, userMark, waitMs } from './machine.ts'

const PATIENCE_MS = 60_000
/** A holder that dies between two looks of ours is followed this soon. */
const AGAIN_MS = 20

/** Nobody else on this machine can tell it: abstract sockets ask for no permission. Made once; signing in sees to that. */
export function homeMark(): string {
  const path = join(homePath(), 'lock.json')
  const kept = readJson(path) as { mark: string } | undefined
  if (kept) return kept.mark
  writeOnce(path, { mark: newId() })
  return (readJson(path) as { mark: string } | undefined)?.mark ?? homePath()
}

/** Where a lock is: in Linux's abstract names, among Windows' pipes, else a file in our own folder. */
function addressOf(name: string, platform: NodeJS.Platform): string {
  const mark = createHash('sha256').update(`${homeMark()} ${name}`).digest('hex').slice(0, 40)
  if (platform === 'linux') return `\0doorward-${userMark()}-${mark}`
  if (platform === 'win32') return `\\\\.\\pipe\\doorward-${mark}`
  mkdirSync(paths.locks(), { recursive: true, mode: 0o700 })
  return join(paths.locks(), mark.slice(0, 16)) // a socket's path has room for about 100 characters
}

interface Held {
  free(): void
}

const listened = (address: string): Promise<Held | undefined> =>
  new Promise((resolve, reject) => {
    const waiting = new Set<Socket>()
    const server: Server = createServer((socket) => {
      waiting.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => waiting.delete(socket))
    })
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' || error.code === 'EACCES' ? resolve(undefined) : reject(error),
    )
    server.listen(address, () =>
      resolve({
        free() {
          server.close()
          for (const socket of waiting) socket.destroy()
        },
      }),
    )
  })

/** Waits until the holder lets go. `stale`: nobody listens behind the name that is taken. */
const holderGone = (address: string, ms: number): Promise<'gone' | 'stale' | 'late'> =>
  new Promise((resolve) => {
    const socket = connect(address)
    const end = (how: 'gone' | 'stale' | 'late') => {
      clearTimeout(timer)
      socket.destroy()
      resolve(how)
    }
    const timer = setTimeout(() => end('late'), ms)
    socket.once('close', () => end('gone'))
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end(error.code === 'ECONNREFUSED' ? 'stale' : 'gone'),
    )
    socket.resume()
  })

/** Does `work` while nobody else does anything under the same name; `waited`: somebody did before. @throws CliFault after a minute of waiting */
export async function withLock<T>(
  name: string,
  work: (waited: boolean) => Promise<T>,
  { patienceMs = PATIENCE_MS, platform = process.platform } = {},
): Promise<T> {
  const address = addressOf(name, platform)
  const until = localNow() + patienceMs
  for (let waited = false; ; waited = true) {
    const held = await listened(address)
    if (held) {
      try {
        return await work(waited)
      } finally {
        held.free()
      }
    }
    const left = until - localNow()
    const how = left > 0 ? await holderGone(address, left) : 'late'
    if (how === 'late')
      throw new CliFault(
        'network',
        `another doorward has been busy for ${Math.round(patienceMs / 1000)} s; try again, or end it`,
      )
    if (how === 'stale' && platform !== 'linux' && platform !== 'win32') rmSync(address, { force: true })
    if (how === 'stale') await waitMs(AGAIN_MS)
  }
}
