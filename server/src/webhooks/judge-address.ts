import { BlockList, isIP } from 'node:net'

/**
 * What an address is to somebody who sends there: reachable by everybody, by a network of one's own only, or nothing
 * that a webhook can be at.
 */
export type AddressVerdict = 'public' | 'private' | 'never'

/** Networks of one's own: an operator may allow them. */
const PRIVATE_IPV4 = ['10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '198.18.0.0/15']

/** Where clouds hand out credentials to whoever asks, and what is no host at all. Nobody may allow these. */
const NEVER_IPV4 = [
  '0.0.0.0/8',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]

const PRIVATE_IPV6 = ['::1/128', 'fc00::/7']

/** Clouds' credentials, then what lies in the global range but is special: Teredo and its kin, documentation, 6to4. */
const NEVER_IPV6 = ['fd00:ec2::254/128', 'fd20:ce::254/128', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

/** All that is global in IPv6. The two that hold an IPv4 address are judged by it. */
const GLOBAL_IPV6 = ['2000::/3', '::ffff:0:0/96', '64:ff9b::/96']

const PRIVATE = createList([...PRIVATE_IPV4.flatMap(withTranslated), ...PRIVATE_IPV6])
const NEVER = createList([...NEVER_IPV4.flatMap(withTranslated), ...NEVER_IPV6])
const GLOBAL = createList(GLOBAL_IPV6)

/** Judges an address in whatever spelling; what is no address, or in no range that is known, is `never`. */
export function judgeAddress(address: string): AddressVerdict {
  const [bare = ''] = address.split('%')
  const version = isIP(bare)
  if (version === 0) return 'never'
  const family = version === 4 ? 'ipv4' : 'ipv6'
  if (NEVER.check(bare, family)) return 'never'
  if (PRIVATE.check(bare, family)) return 'private'
  return version === 4 || GLOBAL.check(bare, family) ? 'public' : 'never'
}

/** An IPv4 range, and the same behind a NAT64 (RFC 6052). A list knows the IPv4-mapped form by itself. */
function withTranslated(range: string): string[] {
  const [base = '', prefix] = range.split('/')
  return [range, `64:ff9b::${base}/${96 + Number(prefix)}`]
}

function createList(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [base = '', prefix] = range.split('/')
    list.addSubnet(base, Number(prefix), isIP(base) === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}
