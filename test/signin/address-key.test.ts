import { describe, expect, test } from 'vitest'
import { addressKey } from '../../server/signin/address-key.ts'

const SAME: [what: string, ...addresses: string[]][] = [
  ['one IPv4 address, mapped into IPv6 or not', '203.0.113.7', '::ffff:203.0.113.7', '::FFFF:203.0.113.7'],
  [
    'one IPv4 address, mapped in other spellings',
    '203.0.113.7',
    '::ffff:cb00:7107',
    '0:0:0:0:0:ffff:203.0.113.7',
  ],
  ['one IPv4 address with the port that some proxies add', '203.0.113.7', '203.0.113.7:51234'],
  ['every address of one /64', '2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::'],
  ['zeros that are written or left out', '2001:db8::1', '2001:0db8:0000:0000::1', '2001:DB8:0:0:0:0:0:1'],
  ['a zone', 'fe80::1%eth0', 'fe80::2%eth1', 'fe80::3'],
  ['an IPv6 address in brackets, with a port', '2001:db8:1:2::1', '[2001:db8:1:2::1]:443'],
  ['an IPv4 ending, which takes the place of two groups', '1::2:3:4:5:1.2.3.4', '1:0:2:3::9'],
  ['whatever is no address', 'unknown', 'x', '', '1.2.3', '2001:db8::1::2', "' or 1=1"],
]

const DIFFERENT: [what: string, a: string, b: string][] = [
  ['two IPv4 addresses', '203.0.113.7', '203.0.113.8'],
  ['two networks of /64', '2001:db8:1:2::1', '2001:db8:1:3::1'],
  ['two mapped IPv4 addresses', '::ffff:203.0.113.7', '::ffff:203.0.113.8'],
  ['two mapped IPv4 addresses in hexadecimal', '::ffff:cb00:7107', '::ffff:cb00:7108'],
  ['a group that ends in zeros and one that does not', '2001:db8:10::1', '2001:db8:1::1'],
]

describe('addressKey', () => {
  for (const [what, ...addresses] of SAME)
    test(`gives one budget to ${what}`, () =>
      expect(new Set(addresses.map(addressKey)), addresses.map(addressKey).join(' ')).toHaveLength(1))

  for (const [what, a, b] of DIFFERENT)
    test(`keeps ${what} apart`, () => expect(addressKey(a)).not.toBe(addressKey(b)))
})
