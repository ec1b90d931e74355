import type { TestProject } from 'vitest/node'
import { startRedis } from './redis.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The Redis of this run. Take `freshRedisUrl()` instead, unless it is about the server itself. */
    redisUrl: string
  }
}

/** Starts what every test file may use; what it returns stops it, also after a failed run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const redis = await startRedis()
  project.provide('redisUrl', redis.url)
  return () => redis.stop()
}
