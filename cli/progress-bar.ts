/** How far a long command is, on standard error, while a person watches it on a terminal. */
export interface ProgressBar {
  /** A new `doing` begins a new line. */
  show(doing: string, done: number, total: number): void
  end(): void
}

const NONE: ProgressBar = { show: () => undefined, end: () => undefined }

export async function openProgressBar(): Promise<ProgressBar> {
  if (!process.stderr.isTTY) return NONE
  const { default: progress } = await import('cli-progress')
  const bar = new progress.SingleBar({
    stream: process.stderr,
    format: '{doing} {bar} {percentage}% of {what}, {eta_formatted} left',
    hideCursor: true,
  })
  let current: string | undefined
  return {
    show(doing, done, total) {
      if (doing !== current) {
        if (current !== undefined) bar.stop()
        bar.start(total, done, { doing, what: total.toLocaleString('en') })
        current = doing
      } else bar.update(done)
    },
    end() {
      if (current !== undefined) bar.stop()
    },
  }
}
