import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApp, type TestApp } from '../support/app.ts'
import { csrfOn, sendForm } from '../signin/portal.ts'
import { median, medianGap, rankSumP } from '../support/statistics.ts'

const PAIRS = 100
let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

const idle = () => new Promise<void>((resolve) => setTimeout(resolve, 5))

test(
  'the time of /forgot tells nobody apart: a person, or nobody',
  { timeout: 120_000, retry: 1 },
  async () => {
    const browser = app.browser()
    const page = await browser.tab().open(`${app.url}/forgot`)
    const ask = async (login: string) => {
      const start = performance.now()
      const { status } = await sendForm(app, browser, '/forgot', { _csrf: csrfOn(page), login })
      const ms = performance.now() - start
      expect(status).toBe(200)
      await app.ctx.background.settled()
      await idle() // what is done after one answer is over before the next question
      return ms
    }
    const ms: [number[], number[]] = [[], []]
    for (let i = 0; i < PAIRS; i++) {
      for (const side of i % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const))
        ms[side].push(await ask(side === 0 ? 'nobody@acme.test' : 'gus@acme.test'))
      if (i % 5 === 4) await app.advance(3601)
    }
    const [p, gapMs] = [rankSumP(...ms), medianGap(...ms)]
    const figures = `median ${median(ms[0]).toFixed(2)} ms, difference ${gapMs.toFixed(3)} ms, p = ${p.toFixed(3)}`
    console.info(`/forgot: ${figures}`)
    expect(p > 0.01 || Math.abs(gapMs) < 3, figures).toBe(true)
  },
)
