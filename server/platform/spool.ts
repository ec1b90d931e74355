import { mkdir, open, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { hexToken, type Random } from './random.ts'
import { aesSealer } from './sealing.ts'

/** A list that may be longer than memory: added to, then read as often as need be. Entries are kept as JSON. */
export interface Spool<T> {
  readonly length: number
  add(entry: T): Promise<void>
  /** All entries in their order, some hundred at a time. */
  slices(): AsyncGenerator<T[]>
  close(): Promise<void>
}

export type OpenSpool = <T>() => Spool<T>

/** Entries of one slice, and characters that end it before. */
const SLICE_LENGTH = 500
const SLICE_SIZE = 4_000_000

/**
 * Spools in memory and, past one slice, in a file of `folder`. The file has no name, so it is gone when the process is,
 * however that ends; it is sealed under a key that only this process ever has.
 */
export const spoolsIn =
  (folder: string, random: Random): OpenSpool =>
  <T>() => {
    let waiting: string[] = []
    let size = 0
    let length = 0
    let file: FileHandle | undefined
    const written: { at: number; bytes: number }[] = []
    const sealer = aesSealer(random.bytes(32), random)

    async function write(): Promise<void> {
      file ??= await namelessFile(folder, random)
      const bytes = Buffer.from(sealer.seal(`[${waiting.join()}]`, String(written.length)))
      const last = written.at(-1)
      const at = last ? last.at + last.bytes : 0
      await file.write(bytes, 0, bytes.length, at)
      written.push({ at, bytes: bytes.length })
      waiting = []
      size = 0
    }

    return {
      get length() {
        return length
      },
      async add(entry) {
        const text = JSON.stringify(entry)
        waiting.push(text)
        size += text.length
        length++
        if (waiting.length >= SLICE_LENGTH || size >= SLICE_SIZE) await write()
      },
      async *slices() {
        for (const [i, { at, bytes }] of written.entries()) {
          const { buffer } = await file!.read(Buffer.alloc(bytes), 0, bytes, at)
          yield JSON.parse(sealer.open(buffer.toString(), String(i))) as T[]
        }
        if (waiting.length > 0) yield JSON.parse(`[${waiting.join()}]`) as T[]
      },
      close: async () => file?.close(),
    }
  }

async function namelessFile(folder: string, random: Random): Promise<FileHandle> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `spool-${hexToken(random, 8)}.tmp`)
  const file = await open(path, 'wx+', 0o600)
  await unlink(path)
  return file
}
