import { mkdtempSync, readdirSync, readlinkSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemRandom } from '../../server/platform/random.ts'
import { spoolsIn, type Spool } from '../../server/platform/spool.ts'

function open() {
  const parent = mkdtempSync(join(tmpdir(), 'doorward-spool-'))
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }))
  const folder = join(parent, 'data') // made when it is needed
  return { folder, spool: spoolsIn(folder, systemRandom)<{ n: number; text?: string }>() }
}

async function all<T>(spool: Spool<T>): Promise<T[]> {
  const entries: T[] = []
  for await (const slice of spool.slices()) entries.push(...slice)
  return entries
}

/** The open files of this process that have no name any more, in `folder`. */
const nameless = (folder: string): string[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`)
      return target.startsWith(folder) && target.endsWith('(deleted)') ? [`/proc/self/fd/${fd}`] : []
    } catch {
      return [] // the listing's own
    }
  })

test('a spool gives back what was added, in order, as often as it is read', async () => {
  const { spool } = open()
  const entries = Array.from({ length: 1750 }, (_, n) => ({ n, text: `ä"\\\n\u2028${n}` }))
  for (const entry of entries) await spool.add(entry)
  expect(spool.length).toBe(1750)
  expect(await all(spool)).toEqual(entries)
  await spool.add({ n: 1750 })
  expect((await all(spool)).at(-1)).toEqual({ n: 1750 })
  await spool.close()
})

test('a small spool touches no disk', async () => {
  const { spool, folder } = open()
  for (let n = 0; n < 400; n++) await spool.add({ n })
  expect((await all(spool)).length).toBe(400)
  expect(() => readdirSync(folder)).toThrow('ENOENT')
  await spool.close()
})

test('a large spool has a file without a name, that nobody else could read, and that shows nothing', async () => {
  const { spool, folder } = open()
  for (let n = 0; n < 2000; n++) await spool.add({ n, text: 'plain-lantern-orchard' })
  expect(readdirSync(folder)).toEqual([])
  const [file] = nameless(folder)
  expect(statSync(file!).mode & 0o777).toBe(0o600)
  expect(statSync(file!).size).toBeGreaterThan(50_000)
  const shown = readFileSync(file!, 'latin1')
  expect(shown).not.toContain('lantern')
  expect(Buffer.from(shown.split('v1.')[1]!, 'base64url').toString('latin1')).not.toContain('lantern')
  await spool.close()
  expect(nameless(folder)).toEqual([])
})

test('a spool writes large entries before they are many', async () => {
  const { spool, folder } = open()
  for (let n = 0; n < 5; n++) await spool.add({ n, text: 'x'.repeat(1_000_000) })
  expect(nameless(folder)).toHaveLength(1)
  expect((await all(spool)).map(({ n }) => n)).toEqual([0, 1, 2, 3, 4])
  await spool.close()
})
