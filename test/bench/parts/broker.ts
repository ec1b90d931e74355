import { execFile } from 'node:child_process'
import { sign } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { aBrokerSession } from '../../broker/broker-session-store.contract.ts'
import { keepCredentials } from '../../../cli/aws/cache.ts'
import { writeRoles, writeSession } from '../../../cli/aws/session-file.ts'
import { makeVault } from '../../../cli/aws/vault.ts'
import { isOver, liveSession } from '../../../server/broker/live-session.ts'
import { mint } from '../../../server/broker/mint.ts'
import { loadConfig } from '../../../server/config.ts'
import { createContext } from '../../../server/context.ts'
import { HOUR } from '../../../server/platform/clock.ts'
import { awsAppConfig } from '../../../server/saml/app-config.ts'
import { AWS_APP, people } from '../company.ts'
import { interleaved, rateOf } from '../measure.ts'
import { COMMAND, MASTER_KEY, type House } from '../processes.ts'
import type { Figure } from '../report.ts'

const SLICE_MS = 500
const ROUNDS = 9
const STARTS = 15
const WARMED_UP = 3000
const ORIGIN = { address: '192.0.2.7', requestId: 'bench' }

async function rateOfAsync(run: () => Promise<unknown>, ms: number): Promise<number> {
  const start = performance.now()
  let done = 0
  while (performance.now() - start < ms) {
    await run()
    done++
  }
  return done / ((performance.now() - start) / 1000)
}

/** What the server does for one assertion of a command line, all looks at person, app, role and rules and the event with it. */
async function mints(house: House): Promise<Figure> {
  const folder = join(house.folder, 'broker')
  await cp(join(house.folder, 'filled'), folder, { recursive: true })
  const ctx = await createContext(loadConfig({ DATA_DIR: folder, MASTER_KEY, LOG_LEVEL: 'error' }))
  try {
    const user = await ctx.users.findByLogin(people[0]!.login)
    const app = await ctx.apps.find(AWS_APP)
    if (!user || !app) throw new Error('the company of the bench is not there')
    const begun = aBrokerSession(user.id, { epoch: user.sessionEpoch, now: ctx.clock() })
    const session = { ...begun, id: await ctx.brokerSessions.add(begun), generation: 0, endedAt: undefined }
    const roleArn = awsAppConfig.parse(app.settings).roles[0]!.role_arn
    const one = async () => {
      const caller = await liveSession(ctx, session)
      if (isOver(caller)) throw new Error(caller.over)
      await mint(ctx, caller, { roleArn }, ORIGIN)
    }
    const key = ctx.signingKeys[0].privateKey
    const bytes = Buffer.alloc(1000, 7)
    for (let i = 0; i < WARMED_UP; i++) await one()
    const pairs = await interleaved(
      ROUNDS,
      () => rateOfAsync(one, SLICE_MS),
      async () => rateOf(() => void sign('sha256', bytes, key), SLICE_MS) / 2,
    )
    return {
      what: 'samlAssertion for a command line, with every look and its event',
      ours: `${pairs.ours.toFixed(0)} /s`,
      raw: `half of RSA-2048 sign ${pairs.raw.toFixed(0)} /s`,
      ratio: pairs.ratio,
      aim: '>= 0.7',
      met: pairs.ratio >= 0.7,
    }
  } finally {
    await ctx.close()
  }
}

/** A laptop's home with credentials in its cache. */
function filledHome(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  process.env.DOORWARD_HOME = folder
  const vault = makeVault('file')
  const arn = 'arn:aws:iam::111122223333:role/Dev'
  const jwk = { kty: 'EC', crv: 'P-256', x: '', y: '' } as const
  const end = new Date(Date.now() + HOUR).toISOString()
  writeSession('default', {
    server: 'https://login.bench.test',
    user: { id: 7, name: 'Person', email: 'person7@bench.test' },
    company: 'Bench',
    deviceName: 'bench',
    key: { place: 'file', jwk, jkt: '' },
    endsAt: end,
    idleEndsAt: end,
    sealed: '',
  })
  const role = {
    app: { id: AWS_APP, name: 'AWS' },
    role_arn: arn,
    provider_arn: '',
    account_id: '111122223333',
    role_name: 'Dev',
    name: null,
    partition: 'aws',
    session_seconds: 3600,
    needs_login: null,
  }
  writeRoles('default', { roles: [role], used: {} })
  const key = { server: 'https://login.bench.test', userId: 7, roleArn: arn, seconds: undefined }
  const credentials = {
    accessKeyId: 'ASIA',
    secretAccessKey: 's'.repeat(40),
    sessionToken: 't'.repeat(400),
    expiration: end,
    accountId: '111122223333',
    roleArn: arn,
  }
  keepCredentials(vault, key, credentials, Date.now())
}

/** `doorward aws credentials` from its cache, beside starting Node for nothing. */
async function cached(house: House): Promise<Figure> {
  const home = join(house.folder, 'laptop')
  filledHome(home)
  const run = promisify(execFile)
  const env = { PATH: process.env.PATH, DOORWARD_HOME: home }
  const msOf = async (args: string[]): Promise<number> => {
    const start = performance.now()
    const { stdout } = await run(process.execPath, args, { env })
    if (args[0] === COMMAND && !stdout.includes('"Version":1')) throw new Error(`no credentials: ${stdout}`)
    return performance.now() - start
  }
  const ours = () => msOf([COMMAND, 'aws', 'credentials', '--role', 'Dev'])
  const pairs = await interleaved(STARTS, ours, () => msOf(['-e', '0']))
  return {
    what: 'credentials from the cache',
    ours: `${pairs.ours.toFixed(0)} ms`,
    raw: `node -e 0 ${pairs.raw.toFixed(0)} ms`,
    ratio: pairs.ratio,
    aim: '<= 2',
    met: pairs.ratio <= 2,
  }
}

/** What command lines wait for, and what they cost the server. */
export const broker = async (house: House): Promise<Figure[]> => [await mints(house), await cached(house)]
