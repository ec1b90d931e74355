import { isIPv4, isIPv6 } from 'node:net'

const IPV6_GROUPS = 8

/**
 * What the failures of one client are counted under. One person's machine may have any address of its /64 (RFC 6177),
 * so these share a budget. IPv4 is one address however a proxy spells it; whatever is no address shares one budget.
 */
export function addressKey(address: string): string {
  const bare = address
    .replace(/^\[(.*)\](:\d+)?$/, '$1')
    .replace(/^([\d.]+):\d+$/, '$1')
    .replace(/%.*$/, '')
  if (isIPv4(bare)) return bare
  if (!isIPv6(bare)) return 'unknown'
  const groups = groupsOf(bare)
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (isMapped) return groups.slice(6).flatMap(bytesOf).join('.')
  return groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')
}

const bytesOf = (group: number) => [group >> 8, group & 255]

/** The eight groups; WHATWG URL turns an IPv4 ending into two. */
function groupsOf(address: string): number[] {
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const [left, right] = [head, tail].map((part) => (part === '' ? [] : part.split(':')))
  const zeros = Array<string>(IPV6_GROUPS - left!.length - right!.length).fill('0')
  return [...left!, ...zeros, ...right!].map((group) => Number.parseInt(group, 16))
}
