import type { Log } from './log.ts'

/** Work that no answer waits for. A stop waits for it. */
export interface Background {
  /** Starts `work` when `ready` says so; when it fails there is nobody left to tell but the log. */
  start(ready: Promise<unknown>, work: () => Promise<unknown>): void
  /** When all that was started is done, or has failed. */
  settled(): Promise<void>
}

export function background(log: Log): Background {
  const underWay = new Set<Promise<void>>()
  return {
    start(ready, work) {
      const done = ready
        .then(work)
        .then(
          () => undefined,
          (error: unknown) => log.error({ error }, 'left undone after the answer'),
        )
        .finally(() => underWay.delete(done))
      underWay.add(done)
    },
    async settled() {
      await Promise.all(underWay)
    },
  }
}
