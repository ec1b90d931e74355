import type { TestProject } from 'vitest/node'
import { startPostgres } from './postgres.ts'
import { startRedis } from './redis.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The Redis of this run. Take `freshRedisUrl()` instead, unless it is about the server itself. */
    redisUrl: string
    /** The PostgreSQL of this run, as its superuser. Take `freshDatabaseUrl()` instead. */
    postgresUrl: string
  }
}

/** Starts what every test file may use; what it returns stops it, also after a failed run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const redis = await startRedis()
  const postgres = await startPostgres()
  project.provide('redisUrl', redis.url)
  project.provide('postgresUrl', postgres.url)
  return async () => {
    await postgres.stop()
    await redis.stop()
  }
}
