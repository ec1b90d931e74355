import { Problem } from '../errors.ts'

/** Runs at most `width` jobs at a time and lets at most `length` wait; past that it refuses at once. */
export interface WorkQueue {
  run<T>(job: () => Promise<T>): Promise<T>
  /** Jobs that wait for their turn. */
  readonly waiting: number
}

/** @throws Problem `busy` with `retryAfterSeconds` when the queue is full: a flood must not grow without bound. */
export function workQueue(width: number, length: number): WorkQueue {
  const turns: (() => void)[] = []
  let running = 0
  const leave = () => {
    const next = turns.shift()
    if (next) next()
    else running--
  }
  return {
    get waiting() {
      return turns.length
    },
    async run(job) {
      if (running < width) running++
      else if (turns.length >= length) throw new Problem('busy', { retryAfterSeconds: 2 })
      else await new Promise<void>((resolve) => turns.push(resolve))
      try {
        return await job()
      } finally {
        leave()
      }
    },
  }
}
