import { isIP } from 'node:net'
import type { Client } from '../core/session.ts'

/** The longest user agent that is kept with a session, in characters. */
const USER_AGENT_LIMIT = 256

/** Who is asking, from the address that the trusted proxies vouch for and the user agent it claims. */
export function readClient(address: string, userAgent: string | undefined): Client {
  const text = (userAgent ?? '').slice(0, USER_AGENT_LIMIT)
  return { network: networkOf(address), userAgent: text.toWellFormed().replaceAll('\0', '') }
}

/**
 * The network that a budget is kept for, in canonical form: an IPv4 address, or the /64 of an IPv6 address, since
 * whoever has one address of a /64 has them all. An IPv4 address in IPv6 clothing is the IPv4 address. `null` for
 * loopback, where there is no network to tell clients apart by. What is no address at all (a proxy can write anything)
 * shares one budget.
 */
export function networkOf(address: string): string | null {
  const [bare = ''] = withoutPort(address).split('%')
  if (isIP(bare) === 4) return bare.startsWith('127.') ? null : bare
  if (isIP(bare) !== 6) return 'unknown'
  const groups = expand(bare)
  const isEmbedded = groups.slice(0, 5).every((group) => group === 0)
  if (isEmbedded && groups[5] === 0xffff) return networkOf(toIPv4(groups))
  if (isEmbedded && groups.slice(5, 7).every((group) => group === 0) && groups[7] === 1) return null
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`
}

/** Some proxies write `192.0.2.1:4711` and `[2001:db8::1]:4711`. */
function withoutPort(address: string): string {
  return /^\[(.+)\](?::\d+)?$/.exec(address)?.[1] ?? /^([\d.]+):\d+$/.exec(address)?.[1] ?? address
}

/** The eight groups of an IPv6 address. The URL parser brings every spelling of it into one. */
function expand(address: string): number[] {
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1)
  const [head = '', tail = ''] = canonical.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16))
}

function toIPv4(groups: readonly number[]): string {
  return [groups[6] ?? 0, groups[7] ?? 0].flatMap((group) => [group >> 8, group & 0xff]).join('.')
}
