import { expect, test } from 'vitest'
import { type RedisTarget, parseRedisUrl } from '../../server/platform/redis.ts'

const single = { mode: 'single', tls: false, host: 'localhost', port: 6379, db: 0 } as const

const UNDERSTOOD: [url: string, target: RedisTarget][] = [
  ['redis://localhost', single],
  ['redis://localhost/', single],
  ['redis://10.0.0.1:7000/3', { ...single, host: '10.0.0.1', port: 7000, db: 3 }],
  ['redis://[::1]:7000', { ...single, host: '::1', port: 7000 }],
  ['redis://:s3cret@localhost', { ...single, password: 's3cret' }],
  ['redis://ada:s3c%2Fr%40et@localhost/1', { ...single, username: 'ada', password: 's3c/r@et', db: 1 }],
  ['redis://:a@b:c@localhost', { ...single, password: 'a@b:c' }],
  [
    'rediss://:s3cret@redis.example:6380/2',
    { ...single, tls: true, host: 'redis.example', port: 6380, db: 2, password: 's3cret' },
  ],
  [
    'redis+sentinel://:s3cret@a:26379,b:26380,c/main/4',
    {
      mode: 'sentinel',
      sentinels: [
        { host: 'a', port: 26379 },
        { host: 'b', port: 26380 },
        { host: 'c', port: 26379 },
      ],
      master: 'main',
      db: 4,
      password: 's3cret',
    },
  ],
  [
    'redis+cluster://a:7000,[::1]:7001',
    {
      mode: 'cluster',
      nodes: [
        { host: 'a', port: 7000 },
        { host: '::1', port: 7001 },
      ],
    },
  ],
]

for (const [url, target] of UNDERSTOOD) {
  test(`parseRedisUrl understands ${url}`, () => expect(parseRedisUrl(url)).toEqual(target))
}

const REFUSED = [
  '',
  'localhost:6379',
  'http://localhost',
  'redis://',
  'redis://:s3cret@',
  'redis://:s3cret@localhost:0',
  'redis://:s3cret@localhost:65536',
  'redis://:s3cret@localhost:port',
  'redis://:s3cret@localhost/db',
  'redis://:s3cret@localhost/1/2',
  'redis://:s3cret@localhost/-1',
  'redis://:s3cret@a,b',
  'redis://:s3cret@localhost?family=6',
  'redis://:s3cret%@localhost',
  'redis+sentinel://:s3cret@a:1,b:2',
  'redis+sentinel://:s3cret@a:1,b:2/main/0/x',
  'redis+cluster://:s3cret@a:1,b:2/3',
  'redis+cluster://:s3cret@a:1,,b:2',
]

for (const url of REFUSED) {
  test(`parseRedisUrl refuses "${url}" without repeating its password`, () => {
    expect(() => parseRedisUrl(url)).toThrow(/^the address of Redis must be redis\[s\]:/)
    expect(() => parseRedisUrl(url)).not.toThrow(/s3cret/)
  })
}
