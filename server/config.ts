import { isIP } from 'node:net'
import { z } from 'zod'

/** One setting: what a person must know to set it. The README's table is made from these. */
interface Setting {
  means: string
  shownDefault: string
  schema: z.ZodType
}

const setting = <T extends z.ZodType>(means: string, shownDefault: string, schema: T) => ({
  means,
  shownDefault,
  schema,
})

const url = (protocols: string[], example: string) =>
  z.string().refine(
    (text) => {
      if (!URL.canParse(text)) return false
      const { protocol, hostname } = new URL(text)
      return protocols.includes(protocol) && hostname !== ''
    },
    {
      error: `must start with ${protocols.map((p) => `${p}//`).join(' or ')}, for example ${example}`,
    },
  )

/** One host; several and a master's name for Sentinel; several for Cluster. */
const REDIS_FORMS =
  /^(rediss?:\/\/([^/]*@)?[^/@?#,]+(\/\d*)?|redis\+sentinel:\/\/([^/]*@)?[^/@?#]+\/[^/?#]+(\/\d*)?|redis\+cluster:\/\/([^/]*@)?[^/@?#]+\/?)$/
const redisUrl = z.string().refine(
  // `URL` reads one host of a list, and knows which ports there are.
  (text) => REDIS_FORMS.test(text) && URL.canParse(text.replace(/,[^/]*/, '')),
  {
    error:
      'must be redis[s]://[:password@]host[:port][/db], redis+sentinel://host:port,…/master ' +
      'or redis+cluster://host:port,…',
  },
)

/** As Express and its proxy-addr read them. */
function isProxy(part: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(part)) return true
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(part) ?? []
  const family = isIP(address)
  return family !== 0 && Number(bits ?? 0) <= (family === 4 ? 32 : 128)
}

const origin = z
  .string()
  .refine(
    (text) =>
      URL.canParse(text) &&
      ['http:', 'https:'].includes(new URL(text).protocol) &&
      new URL(text).origin === text.replace(/\/$/, ''),
    { error: 'must be an origin without a path, for example https://login.example.com' },
  )
const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,12}$/, { error: `must be a whole number from ${min} to ${max}` })
    .transform(Number)
    .refine((n) => n >= min && n <= max, { error: `must be a whole number from ${min} to ${max}` })

const masterKeyText = z
  .string()
  .refine((text) => /^[A-Za-z0-9+/_-]{43}=?$/.test(text) && Buffer.from(text, 'base64').length === 32, {
    error: 'must be 32 bytes in base64, as `openssl rand -base64 32` prints',
  })

const onOrOff = z.enum(['on', 'off'], { error: 'must be on or off' }).default('off')
const MODES = ['development', 'production', 'test'] as const
const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** Every setting, read from the environment. An empty value counts as unset. */
export const SETTINGS = {
  NODE_ENV: setting(
    '`production` makes no demo company and refuses unsafe settings by name',
    'development',
    z.enum(MODES, { error: 'must be development, production or test' }).default('development'),
  ),
  HOST: setting('address it listens on', '127.0.0.1', z.string().default('127.0.0.1')),
  PORT: setting('TCP port, 0 to 65535; 0 takes a free one', '3000', wholeNumber(0, 65535).default(3000)),
  PUBLIC_URL: setting(
    'the origin that browsers and clients see: callback addresses, SAML entity id, links in mails',
    '`http://localhost:$PORT`',
    origin.transform((text) => text.replace(/\/$/, '')).optional(),
  ),
  DATA_DIR: setting(
    'folder of the SQLite file, the generated master key (mode 0600), brand assets and the mail outbox',
    '`./data`',
    z.string().default('./data'),
  ),
  DATABASE_URL: setting(
    '`sqlite:<path>` or `postgres://user:password@host/database`',
    '`sqlite:$DATA_DIR/doorward.db`',
    z
      .string()
      .regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)/, { error: 'must be sqlite:<path> or postgres://…' })
      .optional(),
  ),
  REDIS_URL: setting(
    'where pending sign-ins and sessions live: `redis://`, `rediss://`, `redis+sentinel://host:port,…/name`, ' +
      '`redis+cluster://host:port,…`; needed when more than one process serves',
    'unset: in this process',
    redisUrl.optional(),
  ),
  MASTER_KEY: setting(
    '32 bytes in base64 from which every other key is derived; the same for every process',
    'generated into `DATA_DIR`',
    masterKeyText.optional(),
  ),
  SMTP_URL: setting(
    'mail server, with credentials if it wants them',
    'unset: letters are written to `$DATA_DIR/outbox/*.eml`',
    url(['smtp:', 'smtps:'], 'smtps://user:password@mail.example.com').optional(),
  ),
  MAIL_FROM: setting(
    'sender of our mails',
    '`Doorward <doorward@localhost>`',
    z.string().default('Doorward <doorward@localhost>'),
  ),
  SMS_URL: setting(
    'HTTP endpoint that sends texts: gets `{to, body}` as JSON by POST, signed (`Doorward-Signature`)',
    'unset: texts are written to `$DATA_DIR/outbox/*.sms`; in production nobody is offered them',
    url(['http:', 'https:'], 'https://sms.example.com/send').optional(),
  ),
  VOICE_URL: setting(
    'HTTP endpoint that calls and reads out: gets `{to, say, language}` as JSON by POST, signed the same',
    'unset: as for texts, in `$DATA_DIR/outbox/*.voice`',
    url(['http:', 'https:'], 'https://voice.example.com/call').optional(),
  ),
  GATEWAY_SECRET: setting(
    'key of the signature of these two: HMAC-SHA256 over `<t>.<body>`; 32 characters and more',
    'derived from `MASTER_KEY`',
    z.string().min(32, { error: 'must have at least 32 characters' }).optional(),
  ),
  YUBICO_URLS: setting(
    "validation servers for YubiKey OTPs (Yubico's protocol 2.0), separated by commas, asked in turn; nobody has that factor without them",
    'none',
    z
      .string()
      .transform((text) => text.split(',').map((one) => one.trim()))
      .pipe(z.array(url(['http:', 'https:'], 'https://api.yubico.com/wsapi/2.0/verify')))
      .optional(),
  ),
  YUBICO_CLIENT_ID: setting(
    'as whom they are asked',
    'unset',
    z
      .string()
      .regex(/^\d{1,12}$/, { error: 'must be a number' })
      .optional(),
  ),
  YUBICO_SECRET_KEY: setting(
    'key that signs questions and answers, base64, as Yubico hands it out',
    'unset',
    z
      .string()
      .regex(/^[A-Za-z0-9+/]{20,}={0,2}$/, { error: 'must be base64' })
      .optional(),
  ),
  WEB_PUSH_SERVICES: setting(
    'origins of push services, separated by commas, that may notify browsers beside those of Chrome, Edge, Firefox and Safari',
    'none',
    z
      .string()
      .transform((text) =>
        text
          .split(',')
          .map((part) => part.trim())
          .filter(Boolean),
      )
      .refine((list) => list.every((part) => URL.canParse(part) && new URL(part).origin === part), {
        error: 'must be origins such as https://push.example.com, separated by commas',
      })
      .default([]),
  ),
  TRUST_PROXY: setting(
    'addresses or networks, separated by commas, whose `X-Forwarded-*` headers are believed',
    'none',
    z
      .string()
      .transform((text) =>
        text
          .split(',')
          .map((part) => part.trim())
          .filter(Boolean),
      )
      .refine((list) => list.every(isProxy), {
        error: 'must be addresses or networks such as 10.0.0.0/8, separated by commas',
      })
      .default([]),
  ),
  TLS_CERT_FILE: setting(
    'certificate chain (PEM) to serve HTTPS without a proxy; read again on SIGHUP',
    'unset: plain HTTP',
    z.string().optional(),
  ),
  TLS_KEY_FILE: setting('private key (PEM) of that certificate', 'unset', z.string().optional()),
  API_RATE_LIMIT: setting(
    'API calls an hour for the whole account',
    '5000',
    wholeNumber(1, 1_000_000_000).default(5000),
  ),
  LEGACY_API: setting(
    '`on` serves the deprecated v1-v3 XML resources to who has a key of `doorward legacy-keys`',
    'off',
    onOrOff,
  ),
  BROKER_DEVICE_CODE: setting(
    '`on` lets a command line sign in by a code that is typed on another machine (RFC 8628), from the same network only',
    'off',
    onOrOff,
  ),
  LOG_LEVEL: setting(
    `one of ${LEVELS.join(', ')}; JSON lines on standard output`,
    'info',
    z.enum(LEVELS, { error: `must be one of ${LEVELS.join(', ')}` }).default('info'),
  ),
} satisfies Record<string, Setting>

type Settings = { [K in keyof typeof SETTINGS]: z.output<(typeof SETTINGS)[K]['schema']> }

/** Every setting, checked and complete. */
export interface Config extends Omit<Settings, 'PUBLIC_URL' | 'DATABASE_URL'> {
  PUBLIC_URL: string
  DATABASE_URL: string
}

/** Names every setting that stops the start, and what it may be. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

type Unsafe = [bad: (c: Config) => boolean, complaint: string]
const isLocal = (c: Config) =>
  /^(localhost|.*\.localhost|127\..*|0\.0\.0\.0|\[::1?\])$/.test(new URL(c.PUBLIC_URL).hostname)

/** What must not run where strangers sign in. */
const UNSAFE_IN_PRODUCTION: Unsafe[] = [
  [(c) => isLocal(c), 'PUBLIC_URL must be the address that people use; it is unset or names this machine'],
  [
    (c) => !c.PUBLIC_URL.startsWith('https:'),
    'PUBLIC_URL must start with https://: passwords and cookies would travel in clear text',
  ],
  [
    (c) => !c.TLS_CERT_FILE && c.TRUST_PROXY.length === 0,
    'TLS_CERT_FILE and TLS_KEY_FILE, or TRUST_PROXY with the address of the proxy that ends TLS, must be set',
  ],
  [
    (c) => Boolean(c.REDIS_URL) && !c.MASTER_KEY,
    'MASTER_KEY must be set when REDIS_URL is: every process needs the same key',
  ],
]

function complaints(config: Config): string[] {
  const together = (...names: (keyof Config)[]): string[] =>
    new Set(names.map((name) => config[name] === undefined)).size === 1
      ? []
      : [`${names.slice(0, -1).join(', ')} and ${names.at(-1)} must be set together`]
  const found = [
    ...together('TLS_CERT_FILE', 'TLS_KEY_FILE'),
    ...together('YUBICO_URLS', 'YUBICO_CLIENT_ID', 'YUBICO_SECRET_KEY'),
  ]
  if (config.NODE_ENV !== 'production') return found
  return [...found, ...UNSAFE_IN_PRODUCTION.filter(([bad]) => bad(config)).map(([, complaint]) => complaint)]
}

/** Reads and checks every setting, so that a bad one stops the start and not a later request. @throws ConfigError */
export function loadConfig(env: Record<string, string | undefined> = process.env): Config {
  const shape = Object.fromEntries(Object.entries(SETTINGS).map(([name, { schema }]) => [name, schema]))
  const given = Object.fromEntries(
    Object.keys(SETTINGS).map((name) => [name, env[name]?.trim() === '' ? undefined : env[name]?.trim()]),
  )
  const parsed = z.object(shape).safeParse(given)
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((i) => `${i.path.join('.')} ${i.message}`).join('\n'))
  }
  const settings = parsed.data as Settings
  const config: Config = {
    ...settings,
    PUBLIC_URL: settings.PUBLIC_URL ?? `http://localhost:${settings.PORT}`,
    DATABASE_URL: settings.DATABASE_URL ?? `sqlite:${settings.DATA_DIR}/doorward.db`,
  }
  const found = complaints(config)
  if (found.length > 0) throw new ConfigError(found.join('\n'))
  return Object.freeze(config)
}

/** The same settings once the port is known that `PORT=0` took. */
export function withPort(config: Config, port: number): Config {
  const PUBLIC_URL =
    config.PUBLIC_URL === 'http://localhost:0' ? `http://localhost:${port}` : config.PUBLIC_URL
  return Object.freeze({ ...config, PORT: port, PUBLIC_URL })
}
