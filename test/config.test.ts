import { describe, expect, test } from 'vitest'
import { ConfigError, loadConfig, SETTINGS, withPort } from '../server/config.ts'

type Name = keyof typeof SETTINGS
type Row = [good: string[], bad: string[], allowed: RegExp]

const KEY = Buffer.alloc(32, 7)

/** For every setting values that are taken, values that stop the start, and how the complaint says what is allowed. */
const TABLE: Record<Name, Row> = {
  NODE_ENV: [['development', 'test'], ['prod', 'Production', '1'], /development, production or test/],
  HOST: [['0.0.0.0', '::', 'localhost'], [], /./],
  PORT: [
    ['0', '1', '65535'],
    ['-1', '65536', '3000.5', '0x10', 'http', '1e3', '٣'],
    /whole number from 0 to 65535/,
  ],
  PUBLIC_URL: [
    ['https://login.acme.test', 'https://login.acme.test/', 'http://localhost:3000', 'https://[::1]:8443'],
    [
      'login.acme.test',
      'https://login.acme.test/path',
      'ftp://acme.test',
      'https://user@acme.test',
      'https://acme.test?x',
      'javascript:alert(1)',
    ],
    /origin without a path, for example https:/,
  ],
  WEB_PUSH_SERVICES: [
    ['https://push.acme.test', 'https://a.test, https://b.test:8443'],
    [
      'push.acme.test',
      'https://push.acme.test/send',
      'https://u@push.acme.test',
      'https://a.test;https://b.test',
    ],
    /origins such as https:/,
  ],
  DATA_DIR: [['./data', '/var/lib/doorward', 'a b'], [], /./],
  DATABASE_URL: [
    ['sqlite:./a.db', 'sqlite::memory:', 'postgres://u:p@db.test/doorward', 'postgresql://db.test/doorward'],
    ['./a.db', 'sqlite:', 'mysql://db', 'postgres'],
    /sqlite:/,
  ],
  REDIS_URL: [
    ['redis://h', 'rediss://:p%40ss@h:6380/1', 'redis+sentinel://a:1,b:2/master', 'redis+cluster://a:1,b:2'],
    [
      'h:6379',
      'http://h',
      'redis://',
      'redis://h:99999',
      'redis://h/x',
      'redis+sentinel://h:1',
      'redis+cluster://h/1',
      'redis://a,b',
    ],
    /redis/,
  ],
  MASTER_KEY: [
    [KEY.toString('base64'), KEY.toString('base64url')],
    ['secret', KEY.toString('hex'), Buffer.alloc(31).toString('base64'), Buffer.alloc(33).toString('base64')],
    /32 bytes in base64/,
  ],
  SMTP_URL: [
    ['smtp://mail.test', 'smtps://u:p@mail.test:465'],
    ['mail.test', 'http://mail.test', 'smtp:'],
    /smtp:\/\//,
  ],
  MAIL_FROM: [['a@b.test', 'Acme <login@acme.test>'], [], /./],
  SMS_URL: [['https://sms.test/send'], ['sms.test', 'ftp://sms.test'], /http/],
  VOICE_URL: [['https://voice.test/call'], ['voice.test', 'ftp://voice.test'], /http/],
  GATEWAY_SECRET: [['s'.repeat(32)], ['short'], /at least 32 characters/],
  // Good ones are taken together only.
  YUBICO_URLS: [[], [], /./],
  YUBICO_CLIENT_ID: [[], ['me', '-1'], /must be a number/],
  YUBICO_SECRET_KEY: [[], ['not base64!'], /must be base64/],
  TRUST_PROXY: [
    ['10.0.0.0/8', 'loopback', '::1, fd00::/8', '192.0.2.7', 'loopback, uniquelocal', '0.0.0.0/0'],
    ['proxy.test', 'true', '1', '10.0.0.0/33', '300.1.1.1', '1.2.3', '::1/129', 'fe80::g', '10.0.0.1/x', ':'],
    /addresses or networks such as 10\.0\.0\.0\/8/,
  ],
  TLS_CERT_FILE: [[], [], /./],
  TLS_KEY_FILE: [[], [], /./],
  API_RATE_LIMIT: [['1', '5000'], ['0', '-5', 'many', '1.5'], /whole number from 1/],
  BROKER_DEVICE_CODE: [['on', 'off'], ['yes', 'true', '1', 'ON'], /must be on or off/],
  LEGACY_API: [['on', 'off'], ['yes', 'true', '1', 'ON'], /must be on or off/],
  LOG_LEVEL: [['debug', 'silent'], ['verbose', 'INFO'], /fatal, error, warn, info/],
}

const complaintOf = (env: Record<string, string>): string => {
  try {
    loadConfig(env)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as Error).message
  }
  return ''
}

describe('loadConfig', () => {
  test('starts without a single setting', () => {
    expect(loadConfig({})).toMatchObject({
      NODE_ENV: 'development',
      HOST: '127.0.0.1',
      PORT: 3000,
      PUBLIC_URL: 'http://localhost:3000',
      DATABASE_URL: 'sqlite:./data/doorward.db',
      TRUST_PROXY: [],
      LOG_LEVEL: 'info',
    })
  })

  test('knows every setting of the table, and the table every setting', () => {
    expect(Object.keys(SETTINGS).sort()).toEqual(Object.keys(TABLE).sort())
  })

  for (const [name, [good, bad, allowed]] of Object.entries(TABLE)) {
    test(`takes every good value of ${name}`, () => {
      for (const value of good) expect([value, complaintOf({ [name]: value })]).toEqual([value, ''])
    })

    test(`names ${name} and what it may be for every bad value, and never repeats the value of a secret`, () => {
      for (const value of bad) {
        const complaint = complaintOf({ [name]: value })
        expect([value, complaint]).toEqual([value, expect.stringMatching(new RegExp(`^${name} `))])
        expect([value, complaint]).toEqual([value, expect.stringMatching(allowed)])
        if (name === 'MASTER_KEY') expect(complaint).not.toContain(value)
      }
    })

    test(`takes an empty ${name} for one that is not set`, () => {
      const unset = loadConfig({})
      for (const empty of ['', ' ', '\t']) expect(loadConfig({ [name]: empty })).toEqual(unset)
    })
  }

  test('names every bad setting at once', () => {
    const complaint = complaintOf({ PORT: 'x', LOG_LEVEL: 'x', PUBLIC_URL: 'x' })
    expect(complaint.split('\n').map((line) => line.split(' ')[0])).toEqual([
      'PORT',
      'PUBLIC_URL',
      'LOG_LEVEL',
    ])
  })

  test('wants a certificate and its key together', () => {
    expect(complaintOf({ TLS_CERT_FILE: 'a.pem' })).toMatch(
      /TLS_CERT_FILE and TLS_KEY_FILE must be set together/,
    )
    expect(complaintOf({ TLS_KEY_FILE: 'a.pem' })).toMatch(
      /TLS_CERT_FILE and TLS_KEY_FILE must be set together/,
    )
    expect(complaintOf({ TLS_CERT_FILE: 'a.pem', TLS_KEY_FILE: 'b.pem' })).toBe('')
  })

  test('cannot be changed once it is read', () => {
    const config = loadConfig({}) as { PORT: number }
    expect(() => (config.PORT = 1)).toThrow()
  })
})

const SAFE = { NODE_ENV: 'production', PUBLIC_URL: 'https://login.acme.test', TRUST_PROXY: '10.0.0.1' }
const UNSAFE: [what: string, env: Record<string, string>, named: string[]][] = [
  ['no PUBLIC_URL', { PUBLIC_URL: '' }, ['PUBLIC_URL', 'PUBLIC_URL']],
  ['this machine as PUBLIC_URL', { PUBLIC_URL: 'https://localhost' }, ['PUBLIC_URL']],
  ['this machine by number', { PUBLIC_URL: 'https://127.0.0.1' }, ['PUBLIC_URL']],
  ['this machine by another number', { PUBLIC_URL: 'https://127.0.0.2' }, ['PUBLIC_URL']],
  ['this machine in IPv6', { PUBLIC_URL: 'https://[::1]' }, ['PUBLIC_URL']],
  ['clear text', { PUBLIC_URL: 'http://login.acme.test' }, ['PUBLIC_URL']],
  ['nobody who ends TLS', { TRUST_PROXY: '' }, ['TLS_CERT_FILE']],
  ['Redis without a common master key', { REDIS_URL: 'redis://r' }, ['MASTER_KEY']],
]

describe('loadConfig in production', () => {
  test('takes safe settings', () => {
    expect(complaintOf(SAFE)).toBe('')
    const tls = { ...SAFE, TRUST_PROXY: '', TLS_CERT_FILE: 'a', TLS_KEY_FILE: 'b' }
    expect(complaintOf(tls)).toBe('')
    expect(complaintOf({ ...SAFE, REDIS_URL: 'redis://r', MASTER_KEY: KEY.toString('base64') })).toBe('')
  })

  for (const [what, env, named] of UNSAFE) {
    test(`refuses ${what}, by name`, () => {
      const complaint = complaintOf({ ...SAFE, ...env })
      expect(complaint.split('\n').map((line) => line.split(' ')[0])).toEqual(named)
      expect(complaintOf({ ...SAFE, ...env, NODE_ENV: 'development' })).toBe('')
    })
  }
})

test('withPort puts the port that was found into an address nobody has chosen, and into no other', () => {
  expect(withPort(loadConfig({ PORT: '0' }), 4711).PUBLIC_URL).toBe('http://localhost:4711')
  const chosen = loadConfig({ PORT: '0', PUBLIC_URL: 'https://login.acme.test' })
  expect(withPort(chosen, 4711)).toMatchObject({ PORT: 4711, PUBLIC_URL: 'https://login.acme.test' })
})
