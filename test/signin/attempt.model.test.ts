import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApp, WORLDS, type TestApp } from '../support/app.ts'
import { MAX_WRONG_PASSWORDS } from './attempt-model.ts'
import { Walk, walks } from './attempt-walk.ts'

const RUNS = { 'in-process': 150, 'PostgreSQL and Redis': 25, 'two servers behind one Redis': 15 }
const POLICY = {
  max_invalid_attempts: MAX_WRONG_PASSWORDS,
  max_failures_per_address: 1_000_000,
  max_factor_failures_per_hour: 1000, // its own tests walk up to the limit
}

/** A walk that never gets anywhere would keep every promise. */
const WORTH_REACHING = [
  'password done',
  'password factor',
  'password refused, locked',
  'in by portal',
  'in by api_login',
  'in by saml_assertion',
  'in by portal, twice at once',
  'right code for own device at other holder refused',
  'right code for own device at other door refused',
  'right code for own device at other app refused',
  'used code for own device at own refused',
  'session token redeemed',
  'session token refused',
  'state token refused',
  'app opened',
]

describe.each(WORLDS)('%s', (world) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({ world, policy: POLICY })
  })
  afterAll(() => app.close())

  test(
    'whatever people, programs and thieves do, in whatever order: nobody gets in without all that is asked',
    { timeout: 180_000 },
    async () => {
      const reached = new Map<string, number>()
      const nobodyGetsInOtherwise = fc.asyncProperty(walks, async (actions) => {
        const walk = await Walk.begin(app, reached)
        for (const action of actions) await walk.take(action)
      })
      await fc.assert(nobodyGetsInOtherwise, { numRuns: RUNS[world], endOnFailure: false })
      if (world === 'in-process')
        for (const what of WORTH_REACHING) expect([what, reached.get(what) ?? 0]).not.toEqual([what, 0])
    },
  )
})
