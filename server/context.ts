/** Config -> Context: the one place that picks adapters. Everything else gets what it needs handed in. */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { DestinationStream } from 'pino'
import { doorwardBrand, pickBrand, type Brand } from './branding/brand.ts'
import { createPost } from './branding/post.ts'
import { brokerSessionStoreSql } from './broker/broker-session-store-sql.ts'
import { brokerSecrets } from './broker/secrets.ts'
import type { Config } from './config.ts'
import { accountStoreSql } from './directory/account-store-sql.ts'
import { appStoreSql } from './directory/app-store-sql.ts'
import { documentStoreSql } from './directory/document-store-sql.ts'
import { checkMasterKey } from './directory/key-check.ts'
import { groupStoreSql } from './directory/group-store-sql.ts'
import { isAllowed } from './directory/policy.ts'
import { passwordLinkStoreSql } from './directory/password-link-store-sql.ts'
import { roleStoreSql } from './directory/role-store-sql.ts'
import { userDirectoryStoreSql } from './directory/user-directory-store-sql.ts'
import { privilegesStoreSql } from './directory/privileges-store-sql.ts'
import { userStoreSql } from './directory/user-store-sql.ts'
import { eventStoreSql } from './events/event-store-sql.ts'
import { authenticatorStoreSql } from './factors/authenticator-store-sql.ts'
import { emailCodeFactor } from './factors/email-code.ts'
import type { FactorKind } from './factors/factor-kind.ts'
import type { Factor } from './factors/factor.ts'
import { recoveryCodeFactor } from './factors/recovery-codes.ts'
import { temporaryTokenStoreSql } from './factors/temporary-token-store-sql.ts'
import { knockBy } from './factors/knock.ts'
import { phoneFactors } from './factors/phone-code.ts'
import { pushFactor } from './factors/push.ts'
import { pushRequests } from './factors/push-request.ts'
import { temporaryTokenFactor } from './factors/temporary-token.ts'
import { securityQuestionsFactor } from './factors/security-questions.ts'
import { totpFactor } from './factors/totp.ts'
import { tellOfCopiedKey } from './factors/copied-key.ts'
import { yubicoFactor } from './factors/yubico.ts'
import { webauthnFactor } from './factors/webauthn.ts'
import type { RelyingParty } from './factors/webauthn-ceremony.ts'
import { webPush } from './factors/web-push.ts'
import { loadAssets } from './http/assets.ts'
import { pictures } from './http/pictures.ts'
import { rateLimit } from './http/rate-limit.ts'
import { knownOrigin, ownOrigins, type KnownOrigins } from './http/request.ts'
import { createViews } from './http/views.ts'
import { loadLanguages } from './language/languages.ts'
import { findLegacyCaller } from './legacy/legacy-key.ts'
import { legacyKeyStoreSql } from './legacy/legacy-key-store-sql.ts'
import { credentialStoreSql } from './oauth/credential-store-sql.ts'
import { tokenStoreSql } from './oauth/token-store-sql.ts'
import { findBearer } from './oauth/tokens.ts'
import { pendingStoreMemory } from './pending/pending-store-memory.ts'
import type { PendingStore } from './pending/pending-store.ts'
import { background } from './platform/background.ts'
import { cached } from './platform/cached.ts'
import { SECOND, systemClock, type Clock } from './platform/clock.ts'
import { inTransaction, openDatabase, type Database } from './platform/database/database.ts'
import { createLog, type Log } from './platform/log.ts'
import { outboxMailer, smtpMailer, type Mailer } from './platform/mail.ts'
import { loadMasterKey } from './platform/master-key.ts'
import { createMetrics } from './platform/metrics.ts'
import { PACKAGE_ROOT } from './platform/package-root.ts'
import { passwordHasher } from './platform/password-hash.ts'
import { systemRandom, type Random } from './platform/random.ts'
import { aesSealer } from './platform/sealing.ts'
import { spoolsIn } from './platform/spool.ts'
import { workQueue } from './platform/work-queue.ts'
import { rememberedBrowserStoreSql } from './signin/remembered-browser-store-sql.ts'
import { overallThrottle } from './signin/overall-throttle.ts'
import { browserSessionList } from './signin/browser-sessions.ts'
import { signingKeyStoreSql } from './saml/signing-key-store-sql.ts'
import { loadSigningKeys } from './saml/signing-keys.ts'
import type { Stores, Transact } from './stores.ts'

/** What tests put in place of the world: time, randomness, where log lines go. */
export interface Overrides {
  clock?: Clock
  random?: Random
  logTo?: DestinationStream
  /** Argon2id at a cost that tests can afford. */
  passwordCost?: Parameters<typeof passwordHasher>[2]
}

/** Waiting hashes at 19 MiB each stay under 2.5 GiB of wishes; only `width` of them hold memory at a time. */
const HASH_QUEUE_LENGTH = 128
/** How long a change of brands may take to show in other processes. */
const BRANDS_KEPT_MS = 5 * SECOND

const storesOn = (db: Database, clock: Clock): Stores => ({
  account: accountStoreSql(db),
  apps: appStoreSql(db),
  groups: groupStoreSql(db),
  roles: roleStoreSql(db),
  users: userStoreSql(db),
  userDirectory: userDirectoryStoreSql(db),
  passwordLinks: passwordLinkStoreSql(db),
  authenticators: authenticatorStoreSql(db),
  temporaryTokens: temporaryTokenStoreSql(db),
  remembered: rememberedBrowserStoreSql(db),
  brokerSessions: brokerSessionStoreSql(db),
  privileges: privilegesStoreSql(db),
  credentials: credentialStoreSql(db, clock),
  tokens: tokenStoreSql(db),
  legacyKeys: legacyKeyStoreSql(db, clock),
  signingKeys: signingKeyStoreSql(db, clock),
  events: eventStoreSql(db, clock),
})

async function openPending(
  config: Config,
  clock: Clock,
  onError: (error: Error) => void,
): Promise<PendingStore> {
  if (config.REDIS_URL === undefined) return pendingStoreMemory({ clock })
  const { connectRedis, firstTry } = await import('./platform/redis.ts')
  const { pendingStoreRedis } = await import('./pending/pending-store-redis.ts')
  const redis = connectRedis(config.REDIS_URL, { onError })
  await firstTry(redis)
  return pendingStoreRedis(redis)
}

/** What pages and letters are made of, read from the disk once. */
function openViews({ DATA_DIR }: Config, log: Log) {
  const assets = loadAssets({ static: join(PACKAGE_ROOT, 'static'), brand: join(DATA_DIR, 'brand') })
  const views = createViews({ root: join(PACKAGE_ROOT, 'views'), asset: (name) => assets.href(name) })
  return { assets, views, pictures: pictures({ assets, log }), languages: loadLanguages() }
}

function openMailer(
  { SMTP_URL, MAIL_FROM, DATA_DIR }: Config,
  deps: { clock: Clock; random: Random },
): Mailer {
  return SMTP_URL === undefined
    ? outboxMailer(join(DATA_DIR, 'outbox'), MAIL_FROM, deps)
    : smtpMailer(SMTP_URL, MAIL_FROM)
}

/** What the operator's commands and the server share: the directory and the keys that open it. */
export async function openDirectory(
  config: Config,
  overrides: Overrides = {},
  onDatabaseError?: (error: Error) => void,
) {
  const clock = overrides.clock ?? systemClock
  const random = overrides.random ?? systemRandom
  const masterKey = loadMasterKey(config.MASTER_KEY, config.DATA_DIR, random)
  const sealer = aesSealer(masterKey.derive('sealing'), random)
  const hashQueue = workQueue(availableParallelism(), HASH_QUEUE_LENGTH)
  const hasher = passwordHasher(masterKey.derive('password-pepper'), hashQueue, overrides.passwordCost)
  const db = await openDatabase(config.DATABASE_URL, onDatabaseError)
  try {
    await checkMasterKey(db, sealer)
  } catch (cause) {
    await db.destroy()
    throw cause
  }
  const stores = storesOn(db, clock)
  const transact: Transact = (work) => inTransaction(db, (tx) => work(storesOn(tx, clock)))
  const store = documentStoreSql(db)
  const openSpool = spoolsIn(config.DATA_DIR, random)
  return {
    config,
    clock,
    random,
    masterKey,
    sealer,
    hasher,
    hashQueue,
    db,
    store,
    openSpool,
    stores,
    transact,
  }
}

/** Everything a running server needs. `close()` gives it all back. */
export async function createContext(config: Config, overrides: Overrides = {}) {
  const log = createLog(config.LOG_LEVEL, overrides.logTo)
  const directory = await openDirectory(config, overrides, (error) =>
    log.error({ error: error.message }, 'database'),
  )
  const redisError = (error: Error) => log.error({ error: error.message }, 'redis')
  try {
    const pending = await openPending(config, directory.clock, redisError)
    return await contextOn(directory, pending, log).catch(async (cause: unknown) => {
      await pending.close()
      throw cause
    })
  } catch (cause) {
    await directory.db.destroy()
    throw cause
  }
}

async function contextOn(directory: Directory, pending: PendingStore, log: Log) {
  const { config, clock, random, masterKey, sealer, hashQueue, db, stores, transact } = directory
  const signingKeys = await loadSigningKeys(
    { clock, random, sealer, transact },
    new URL(config.PUBLIC_URL).hostname,
  )
  const shown = openViews(config, log)
  const metrics = createMetrics()
  const afterAnswers = background(log)
  const waiting = () => hashQueue.waiting
  metrics.gauge('doorward_password_hashes_waiting', 'Password hashes that wait for a core', waiting)
  const own = cached(clock, BRANDS_KEPT_MS, async () => {
    const brands = await stores.account.brands()
    const known: KnownOrigins = { publicUrl: config.PUBLIC_URL, hosts: brands.flatMap(({ hosts }) => hosts) }
    const { policy } = await stores.account.account()
    return { brands, known, passkeys: isAllowed(policy, 'webauthn') }
  })
  const brands = async () => (await own()).brands
  const post = createPost({
    ...shown,
    log,
    brands,
    mailer: openMailer(config, directory),
    withPictures: (brand) => shown.pictures.brand(brand),
    addressOf: (asset) => config.PUBLIC_URL + shown.assets.href(asset),
    render: (template, view) => shown.views.render(template, view),
  })
  const digestKey = masterKey.derive('code-digest')
  const pushes = pushRequests({ clock, random, digestKey, pending })
  const webPusher = webPush({
    seed: masterKey.derive('web-push'),
    contact: config.PUBLIC_URL.startsWith('https:') ? config.PUBLIC_URL : 'mailto:doorward@localhost',
    services: config.WEB_PUSH_SERVICES,
  })
  const knock = knockBy({ ...shown, sealer, transact, webPush: webPusher, background: afterAnswers })
  const known = async () => (await own()).known
  const isOurs = async (origin: string) =>
    URL.canParse(origin) && knownOrigin(await known(), new URL(origin).host) === origin
  const relyingParty: RelyingParty = { id: new URL(config.PUBLIC_URL).hostname, isOurs }
  const onCopied = tellOfCopiedKey({ transact, post })
  const factors: Record<FactorKind, Factor> = {
    totp: totpFactor({ clock, random, sealer, authenticators: stores.authenticators }),
    email: emailCodeFactor({ pending, post, random, sealer, digestKey }),
    webauthn: webauthnFactor({
      ...directory,
      digestKey,
      pending,
      relyingParty,
      onCopied,
      authenticators: stores.authenticators,
    }),
    ...phoneFactors({
      ...{ clock, random, masterKey, sealer, digestKey, pending, brands, config },
      ...shown,
    }),
    security_questions: securityQuestionsFactor(directory),
    yubikey: yubicoFactor({ random, sealer, config }),
    push: pushFactor({ sealer, requests: pushes, knock }),
    temporary_token: temporaryTokenFactor({ clock, digestKey, temporaryTokens: stores.temporaryTokens }),
    recovery_code: recoveryCodeFactor({ sealer, digestKey, post, authenticators: stores.authenticators }),
  }
  return {
    ...directory,
    ...stores,
    log,
    signingKeys,
    pending,
    sessionList: browserSessionList({ pending, clock }),
    ...shown,
    post,
    background: afterAnswers,
    metrics,
    digestKey,
    factors,
    overall: overallThrottle({ clock, pending }),
    ...brokerSecrets(directory),
    pushes,
    webPush: webPusher,
    brands: async (): Promise<Brand[]> => [...(await brands()), doorwardBrand],
    brandFor: async (host: string | undefined, query: unknown): Promise<Brand> =>
      pickBrand(await brands(), { host, query: typeof query === 'string' ? query : undefined }),
    known,
    isOurs,
    relyingParty,
    onCopied,
    offersPasskeys: async () => (await own()).passkeys,
    ownOrigins: async () => ownOrigins(await known()),
    publicUrl: config.PUBLIC_URL,
    secure: config.PUBLIC_URL.startsWith('https:'),
    cookieKey: masterKey.derive('cookie-signing'),
    rateLimit: rateLimit({ pending, limit: config.API_RATE_LIMIT }),
    findLegacyCaller: (key: string) => findLegacyCaller(stores.legacyKeys, key),
    findBearer: (accessToken: string) => findBearer({ tokens: stores.tokens, clock }, accessToken),
    async close() {
      await afterAnswers.settled()
      await post.settled()
      await pending.close()
      await db.destroy()
    },
  }
}

export type Context = Awaited<ReturnType<typeof createContext>>
export type Directory = Awaited<ReturnType<typeof openDirectory>>
