import { posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  type CoveredPorts,
  type Rule,
  cycles,
  imports,
  isAdapter,
  isContext,
  isDoor,
  isLaptop,
  isPlatform,
  isPort,
  isRemote,
  packageOf,
  portsWithoutContract,
  readAtStart,
  product,
  roomOf,
  signs,
} from './support/house-rules.ts'
import { houseOf, houseOnDisk } from './support/house.ts'

/** Ports without a contract of their own, each with the reason. */
const COVERED_BY_ANOTHER: CoveredPorts = {}

const oneOf = (...names: string[]): Set<string> => new Set(names)

const EXPRESS = oneOf(
  'express',
  'express-session',
  'helmet',
  'csurf',
  '@dr.pogodin/csurf',
  'cookie-parser',
  'body-parser',
)
const DRIVERS = oneOf('pg', 'ioredis', '@photostructure/sqlite', 'node:sqlite', 'better-sqlite3')
/** Large, and needed by few requests or by none. */
const HEAVY = oneOf(
  'pg',
  'ioredis',
  'nodemailer',
  'yaml',
  '@xmldom/xmldom',
  'xml-crypto',
  'bcryptjs',
  '@simplewebauthn/server',
  'libphonenumber-js',
  '@zxcvbn-ts/core',
  '@zxcvbn-ts/language-common',
  'qrcode',
  'web-push',
  'css-tree',
  'csv-parse',
  'swagger-ui-dist',
)
const DICE = oneOf(
  'randomBytes',
  'randomUUID',
  'randomInt',
  'randomFill',
  'randomFillSync',
  'getRandomValues',
)

const never = () => false

const RULES: Rule[] = [
  {
    rule: 'only http/ and app.ts know Express and its middleware',
    breaches: imports(
      ({ from }, { path }) =>
        EXPRESS.has(packageOf(from)) && roomOf(path) !== 'http' && path !== 'server/app.ts',
    ),
    broken: [
      { 'server/oauth/routes.ts': `import { Router } from 'express'` },
      { 'server/main.ts': `import type { Express } from 'express'` },
      { 'cli/main.ts': `const helmet = await import('helmet')` },
    ],
    kept: {
      'server/http/a.ts': `import express from 'express'`,
      'server/app.ts': `import express from 'express'`,
    },
  },
  {
    rule: 'a feature never imports the routes, wire, views or adapters of another',
    breaches: imports(({ from }, { path }) => {
      const foreign =
        roomOf(path) !== roomOf(from) && roomOf(from) !== '' && roomOf(from) !== 'http' && !isPlatform(from)
      return roomOf(path) !== '' && foreign && (isDoor(from) || isAdapter(from))
    }),
    broken: [
      { 'server/saml/response.ts': `import { toUser } from '../directory/wire.ts'` },
      { 'server/saml/response.ts': `import type { LoginView } from '../signin/login-view.ts'` },
      { 'server/http/guards.ts': `import { oauthRoutes } from '../oauth/routes.ts'` },
      { 'server/signin/attempt.ts': `import { pendingStoreRedis } from '../pending/pending-store-redis.ts'` },
      { 'server/signin/attempt.ts': `export * from '../saml/saml-wire.ts'` },
    ],
    kept: {
      'server/saml/response.ts': `import { a } from '../directory/user.ts'; import type { B } from '../directory/user-store.ts'`,
      'server/saml/routes.ts': `import { c } from './wire.ts'; import { d } from '../http/api-wire.ts'`,
    },
  },
  {
    rule: 'only app.ts mounts routes',
    breaches: imports(
      ({ from }, { path }) =>
        /(^|-|\/)routes\.ts$/.test(from) && roomOf(path) !== roomOf(from) && path !== 'server/app.ts',
    ),
    broken: [
      { 'server/main.ts': `import { r } from './oauth/routes.ts'` },
      { 'cli/a.ts': `import '../server/saml/saml-routes.ts'` },
    ],
    kept: { 'server/app.ts': `import { r } from './oauth/routes.ts'` },
  },
  {
    rule: 'only context.ts picks adapters',
    breaches: imports(
      ({ from, typeOnly }, { path }) =>
        isAdapter(from) &&
        !typeOnly &&
        !isContext(path) &&
        !(isAdapter(path) && roomOf(path) === roomOf(from)),
    ),
    broken: [
      { 'server/main.ts': `import { userStoreSql } from './directory/user-store-sql.ts'` },
      { 'server/directory/users.ts': `import { userStoreSql } from './user-store-sql.ts'` },
      { 'cli/commands/import.ts': `const x = import('../../server/directory/user-store-sql.ts')` },
    ],
    kept: { 'server/context.ts': `import { userStoreSql } from './directory/user-store-sql.ts'` },
  },
  {
    rule: 'the platform knows no room, and of the rest only errors.ts',
    breaches: imports(
      ({ from }, { path }) =>
        isPlatform(path) && from.startsWith('server/') && !isPlatform(from) && from !== 'server/errors.ts',
    ),
    broken: [
      { 'server/platform/log.ts': `import { loadConfig } from '../config.ts'` },
      { 'server/platform/database/x.ts': `import type { User } from '../../directory/user.ts'` },
    ],
    kept: { 'server/platform/a.ts': `import { Problem } from '../errors.ts'; import { b } from './b.ts'` },
  },
  {
    rule: 'the server never imports the command line or the tests, and the product never the tests',
    breaches: imports(
      ({ from }, { path }) =>
        from.startsWith('test/') || (path.startsWith('server/') && from.startsWith('cli/')),
    ),
    broken: [
      { 'server/main.ts': `import '../cli/main.ts'` },
      { 'cli/main.ts': `import '../test/support/clock.ts'` },
    ],
  },
  {
    rule: 'cli/aws/ and cli/users/ import nothing from server/',
    breaches: imports(({ from }, { path }) => isRemote(path) && from.startsWith('server/')),
    broken: [
      { 'cli/aws/login.ts': `import type { Clock } from '../../server/platform/clock.ts'` },
      { 'cli/users/rows.ts': `import { loginKey } from '../../server/directory/user.ts'` },
    ],
    kept: { 'cli/users.ts': `import { loadConfig } from '../server/config.ts'` },
  },
  {
    rule: 'only platform/ and adapters import a database driver',
    breaches: imports(
      ({ from }, { path }) => DRIVERS.has(packageOf(from)) && !isPlatform(path) && !isAdapter(path),
    ),
    broken: [
      { 'server/context.ts': `import { Redis } from 'ioredis'` },
      { 'server/events/events.ts': `import type { Pool } from 'pg'` },
      { 'cli/a.ts': `import { DatabaseSync } from 'node:sqlite'` },
    ],
    kept: {
      'server/pending/pending-store-redis.ts': `import type { Redis } from 'ioredis'`,
      'server/platform/r.ts': `import 'pg'`,
    },
  },
  {
    rule: 'only platform/ and adapters speak SQL through Kysely',
    breaches: imports(
      ({ from }, { path }) => packageOf(from) === 'kysely' && !isPlatform(path) && !isAdapter(path),
    ),
    broken: [{ 'server/directory/users.ts': `import { sql } from 'kysely'` }],
    kept: { 'server/directory/user-store-sql.ts': `import { sql } from 'kysely'` },
  },
  {
    rule: 'what is large and seldom used is loaded where it is used, not at the start',
    breaches: (house) => readAtStart(house, HEAVY),
    broken: [
      { 'server/main.ts': `import './context.ts'`, 'server/context.ts': `import pg from 'pg'` },
      {
        'server/main.ts': `import { a } from './a.ts'`,
        'server/a.ts': `export * from 'libphonenumber-js/min'`,
      },
    ],
    kept: {
      'server/main.ts': `import './context.ts'; import type { Pool } from 'pg'`,
      'server/context.ts': `const { pool } = await import('./platform/pool.ts')`,
      'server/platform/pool.ts': `import pg from 'pg'`,
    },
  },
  {
    rule: 'only language/texts.ts knows i18next',
    breaches: imports(
      ({ from }, { path }) => packageOf(from) === 'i18next' && path !== 'server/language/texts.ts',
    ),
    broken: [{ 'server/signin/login-view.ts': `import { t } from 'i18next'` }],
    kept: { 'server/language/texts.ts': `import { createInstance } from 'i18next'` },
  },
  {
    rule: 'a port imports types only',
    breaches: imports(({ typeOnly }, { path }) => isPort(path) && !typeOnly),
    broken: [{ 'server/directory/user-store.ts': `import { Problem } from '../errors.ts'` }],
    kept: { 'server/directory/user-store.ts': `import type { User } from './user.ts'` },
  },
  {
    rule: 'imports of our own files end in .ts',
    breaches: imports(
      ({ text, typeOnly }) =>
        text.startsWith('.') && !text.endsWith('.ts') && !(typeOnly && text.endsWith('.json')),
    ),
    broken: [
      { 'server/a.ts': `import './b.js'` },
      { 'server/a.ts': `import './b'` },
      { 'server/a.ts': `import b from './b.json'` },
    ],
    kept: { 'server/a.ts': `import './b.ts'; import type c from './c.json'` },
  },
  {
    rule: 'no file imports itself by way of others',
    breaches: cycles,
    broken: [
      {
        'server/a.ts': `import './b.ts'`,
        'server/b.ts': `import './c.ts'`,
        'server/c.ts': `import './a.ts'`,
      },
      { 'server/a.ts': `import type { B } from './b.ts'`, 'server/b.ts': `export { a } from './a.ts'` },
    ],
    kept: {
      'server/a.ts': `import './b.ts'; import './c.ts'`,
      'server/b.ts': `import './c.ts'`,
      'server/c.ts': '',
    },
  },
  {
    rule: 'only config.ts reads the environment',
    breaches: (house) => [
      ...signs(/^process\.env$/, (path) => path === 'server/config.ts' || isLaptop(path))(house),
      ...imports(
        ({ from, names }, { path }) =>
          /^(node:)?process$/.test(from) && names.includes('env') && !isLaptop(path),
      )(house),
    ],
    broken: [
      { 'server/main.ts': `const a = process.env.PORT` },
      { 'server/main.ts': `const { env } = process` },
      { 'server/main.ts': `const a = process['env']` },
      { 'server/main.ts': `import { env } from 'node:process'` },
      { 'cli/aws/login.ts': 'const a = `${process.env.HOME}/.aws`' },
    ],
    kept: {
      'server/config.ts': `const a = process.env.PORT`,
      'server/main.ts': `// process.env\nprocess.on('exit', f)`,
    },
  },
  {
    rule: 'only platform/ tells the time',
    breaches: signs(
      /^(Date\.now|new Date\(\)|performance\.(now|timeOrigin)|process\.hrtime(\.bigint)?)$/,
      (path) => isPlatform(path) || isLaptop(path),
    ),
    broken: [
      { 'server/saml/response.ts': `const now = Date.now()` },
      { 'server/saml/response.ts': `f(Date.now)` },
      { 'server/saml/response.ts': `const now = new Date` },
      { 'server/http/metrics.ts': `const start = performance.now()` },
      { 'cli/users.ts': `const now = new Date()` },
      { 'cli/users.ts': `const now = globalThis.Date.now()` },
    ],
    kept: {
      'server/platform/clock.ts': `const now = Date.now()`,
      'server/saml/time.ts': `const d = new Date(ms) // Date.now()`,
    },
  },
  {
    rule: 'only platform/ draws randomness and makes ids',
    breaches: (house) => [
      ...signs(
        new RegExp(`^(Math\\.random|\\w+\\.(subtle\\.)?(${[...DICE].join('|')}))$`),
        (p) => isPlatform(p) || isLaptop(p),
      )(house),
      ...imports(
        ({ names }, { path }) => names.some((name) => DICE.has(name)) && !isPlatform(path) && !isLaptop(path),
      )(house),
      ...imports(
        ({ from }, { path }) => /^(uuid|nanoid|ulid|cuid2?)$/.test(packageOf(from)) && !isPlatform(path),
      )(house),
    ],
    broken: [
      { 'server/signin/attempt.ts': `const id = Math.random()` },
      { 'server/signin/attempt.ts': `import { randomBytes as bytes } from 'node:crypto'` },
      { 'server/signin/attempt.ts': `const id = crypto.randomUUID()` },
      { 'server/signin/attempt.ts': `import { nanoid } from 'nanoid'` },
      { 'cli/aws/login.ts': `import { randomUUID } from 'node:crypto'` },
    ],
    kept: {
      'server/platform/random.ts': `import { randomBytes } from 'node:crypto'`,
      'server/a.ts': `random.bytes(20)`,
    },
  },
  {
    rule: 'nothing is `any`',
    breaches: signs(/^any$/, never),
    broken: [
      { 'server/a.ts': `const a: any = 1` },
      { 'cli/a.ts': `f(x as any)` },
      { 'server/a.ts': `type A = Record<string, any[]>` },
    ],
    kept: { 'server/a.ts': `const any = 'any' // : any` },
  },
  {
    rule: 'alternatives are literal unions and not enums',
    breaches: signs(/^enum$/, never),
    broken: [{ 'server/a.ts': `export enum A { b }` }],
  },
  {
    rule: 'exports have names',
    breaches: signs(/^export default$/, never),
    broken: [{ 'server/a.ts': `export default 1` }, { 'server/a.ts': `export default function a() {}` }],
  },
  {
    rule: 'no module keeps state of its own',
    breaches: signs(/^let in a module$/, never),
    broken: [{ 'server/a.ts': `let count = 0` }, { 'server/a.ts': `export var cache` }],
    kept: {
      'server/a.ts': `const f = () => { let count = 0; for (let i = 0; i < 3; i++) count++; return count }`,
    },
  },
  {
    rule: 'files have at most 300 lines',
    breaches: (house) =>
      product(house).flatMap((file) => (file.lines > 300 ? [`${file.path}: ${file.lines} lines`] : [])),
    broken: [{ 'server/a.ts': '\n'.repeat(301) }],
    kept: { 'server/a.ts': '\n'.repeat(300) },
  },
  {
    rule: 'files have kebab-case names that say what they hold',
    breaches: (house) =>
      product(house).flatMap(({ path }) => {
        const name = posix.basename(path)
        const isVague = /(^|-)(utils?|helpers?|common|misc|manager)\.ts$/.test(name)
        return /^[a-z0-9]+(-[a-z0-9]+)*(\.d)?\.ts$/.test(name) && !isVague ? [] : [path]
      }),
    broken: [
      { 'server/userStore.ts': '' },
      { 'server/saml/xml_text.ts': '' },
      { 'server/http/cookie-utils.ts': '' },
    ],
    kept: { 'server/user-store.ts': '' },
  },
  {
    rule: 'every port has a contract that some test calls',
    breaches: (house) => portsWithoutContract(house, COVERED_BY_ANOTHER),
    broken: [
      { 'server/pending/pending-store.ts': '' },
      { 'server/pending/pending-store.ts': '', 'test/pending/pending-store.contract.ts': '' },
      {
        'server/pending/pending-store.ts': '',
        'test/pending/pending-store.contract.ts': '',
        'test/pending/pending-store.test.ts': `import type { Engine } from './pending-store.contract.ts'`,
      },
    ],
    kept: {
      'server/pending/pending-store.ts': '',
      'test/pending/pending-store.contract.ts': '',
      'test/pending/pending-store.test.ts': `import { pendingStoreContract } from './pending-store.contract.ts'`,
    },
  },
  {
    rule: 'no room is empty',
    breaches: (house) =>
      house.folders.filter((folder) => {
        const isRoom = /^server\/[^/]+$/.test(folder)
        return isRoom && ![...house.files.keys()].some((path) => path.startsWith(`${folder}/`))
      }),
    broken: [{ 'server/legacy/': '' }],
    kept: { 'server/legacy/routes.ts': '' },
  },
  {
    rule: 'a folder of test/ or views/ has the name of a room, or is one of a few others',
    breaches: (house) => {
      const others = {
        test: ['support', 'golden', 'bench', 'views', 'cli', 'sdk'],
        views: ['macros', 'error', 'locales', 'mail', 'preview'],
      }
      return house.folders.filter((folder) => {
        const [, tree, name] = /^(test|views)\/([^/]+)$/.exec(folder) ?? []
        if (name === undefined) return false
        return !house.folders.includes(`server/${name}`) && !others[tree as 'test' | 'views'].includes(name)
      })
    },
    broken: [
      { 'test/login/a.test.ts': '' },
      { 'views/login/a.njk': '', 'server/signin/a.ts': '' },
      { 'views/golden/a.njk': '' },
    ],
    kept: {
      'test/signin/a.test.ts': '',
      'views/signin/a.njk': '',
      'server/signin/a.ts': '',
      'test/golden/a.xml': '',
    },
  },
]

const house = houseOnDisk(posix.resolve(import.meta.dirname, '..'))

describe('the house', () => {
  for (const { rule, breaches } of RULES) test(rule, () => expect(breaches(house)).toEqual([]))

  test('a port that another contract covers exists, and a reason is given', () => {
    for (const [port, { because }] of Object.entries(COVERED_BY_ANOTHER)) {
      expect([port, house.files.has(port)]).toEqual([port, true])
      expect(because.split(' ').length).toBeGreaterThan(4)
    }
  })
})

describe('the rules themselves', () => {
  for (const { rule, breaches, broken, kept } of RULES) {
    test(`"${rule}" is seen to be broken, and to be kept`, () => {
      for (const example of broken) expect([example, breaches(houseOf(example)).length]).toEqual([example, 1])
      if (kept) expect(breaches(houseOf(kept))).toEqual([])
    })
  }
})
