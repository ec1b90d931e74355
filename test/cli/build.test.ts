import { execFileSync } from 'node:child_process'
import { readdirSync, statSync, writeFileSync, existsSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { build } from '../support/doorward.ts'

const DIST = resolve(import.meta.dirname, '../../dist')

const writtenAt = () =>
  Object.fromEntries(
    readdirSync(DIST)
      .filter((name) => /\.js(\.map)?$/.test(name))
      .map((name) => [name, statSync(join(DIST, name)).mtimeMs]),
  )

beforeAll(build, 120_000)

test('building again what has not changed leaves every file as it is', () => {
  const before = writtenAt()
  build()
  expect(writtenAt()).toEqual(before)
})

test('every part of it can be loaded', () => {
  const parts = Object.keys(writtenAt()).filter((name) => name.endsWith('.js'))
  const load = `for (const part of ${JSON.stringify(parts)}) await import('${DIST}/' + part); process.exit()`
  const help = execFileSync(process.execPath, ['--input-type=module', '-e', load, '-', '--help'])
  expect(help.toString()).toContain('Usage: doorward')
})

test('a server that runs keeps the parts of its own build that it has yet to load', () => {
  const earlier = join(DIST, 'part-of-an-earlier-build.js')
  writeFileSync(earlier, '')
  onTestFinished(() => rmSync(earlier, { force: true }))
  build()
  expect(existsSync(earlier)).toBe(true)
})
