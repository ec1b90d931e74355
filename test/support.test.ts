import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { movableClock } from './support/clock.ts'
import { startPostgres } from './support/postgres.ts'
import { freshRedisUrl, startRedis } from './support/redis.ts'

test('startPostgres gives a database that answers, and takes it away again', async () => {
  const postgres = await startPostgres()
  const ask = () =>
    execFileSync('psql', [postgres.url, '-Atc', 'select 6 * 7'], { stdio: 'pipe' }).toString().trim()
  try {
    expect(ask()).toBe('42')
  } finally {
    await postgres.stop()
  }
  expect(ask).toThrow()
})

test('startRedis comes back on its port, empty, after it was stopped', async () => {
  const redis = await startRedis({ password: 'p@ss:word' })
  const cli = (...args: string[]) =>
    execFileSync('redis-cli', ['-p', String(redis.port), ...args], {
      env: { ...process.env, REDISCLI_AUTH: 'p@ss:word' },
      stdio: 'pipe',
    })
      .toString()
      .trim()
  try {
    expect(cli('SET', 'a', '1')).toBe('OK')
    await redis.stop()
    expect(() => cli('PING')).toThrow()
    await redis.start()
    expect(cli('GET', 'a')).toBe('')
    expect(new URL(redis.url).password).toBe('p%40ss%3Aword')
  } finally {
    await redis.stop()
  }
})

test('freshRedisUrl never gives the same database twice', async () => {
  const urls = await Promise.all(Array.from({ length: 10 }, () => freshRedisUrl()))
  expect(new Set(urls).size).toBe(10)
})

test('movableClock stands still until it is moved', () => {
  const clock = movableClock('2030-01-01T00:00:00Z')
  expect(clock.now()).toBe(Date.UTC(2030, 0, 1))
  clock.advance(1.5)
  expect(clock.now()).toBe(Date.UTC(2030, 0, 1) + 1500)
})
