/** An IPv4 address in the one form that every program reads alike: four decimal numbers without leading zeros. */
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/

/**
 * The network that a budget is kept for, in canonical form: an IPv4 address, or the /64 of an IPv6 address, since
 * whoever has one address of a /64 has them all. An IPv4 address in IPv6 clothing is the IPv4 address. `null` for
 * loopback, where there is no network to tell clients apart by. What is no address at all (a proxy can write anything)
 * shares one budget.
 */
export function networkOf(address: string): string | null {
  const [bare = ''] = withoutPort(address).split('%')
  if (IPV4.test(bare)) return bare.startsWith('127.') ? null : bare
  const groups = expand(bare)
  if (groups === null) return 'unknown'
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

/** The eight groups of an IPv6 address, or `null`. The URL parser brings every spelling of it into one. */
function expand(address: string): number[] | null {
  if (!/^[\da-f:.]{2,45}$/i.test(address) || !address.includes(':')) return null
  const canonical = URL.parse(`http://[${address}]/`)?.hostname.slice(1, -1)
  if (canonical === undefined) return null
  const [head = '', tail = ''] = canonical.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16))
}

function toIPv4(groups: readonly number[]): string {
  return [groups[6] ?? 0, groups[7] ?? 0].flatMap((group) => [group >> 8, group & 0xff]).join('.')
}
