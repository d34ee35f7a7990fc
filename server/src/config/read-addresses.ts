import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'
import type { Reading } from './setting.ts'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

/** The private IPv6 ranges, which may be trusted as a whole although they are wide. */
const LOCAL_IPV6 = new BlockList()
LOCAL_IPV6.addSubnet('fc00::', 7, 'ipv6')
LOCAL_IPV6.addSubnet('fe80::', 10, 'ipv6')

const MIN_IPV4_PREFIX = 8
const MIN_IPV6_PREFIX = 16

const EVERYTHING =
  'would trust everybody: then anyone could pretend to be any client. Name the addresses of your own proxies only.'

/** Whether what listens on this host can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true
  return isIP(host) !== 0 && LOOPBACK.check(host, isIPv4(host) ? 'ipv4' : 'ipv6')
}

/** Makes the test of whether an address is one of these, which are addresses and CIDR ranges. */
export function createRangeTest(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const range of ranges) {
    const [base = '', prefix] = range.split('/')
    const family = isIPv4(base) ? 'ipv4' : 'ipv6'
    if (prefix === undefined) list.addAddress(base, family)
    else list.addSubnet(base, Number(prefix), family)
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}

/** Reads the address or name to listen on. */
export function readHost(text: string): Reading<string> {
  const host = text.replace(/^\[(.*)\]$/, '$1')
  const isName = /^(?!-)[a-z\d-]{1,63}(\.[a-z\d-]{1,63})*$/i.test(host) && !/^[\d.]+$/.test(host)
  if (isIP(host) !== 0 || isName) return { value: host }
  return { problems: ['must be an IP address or a host name, without a scheme or a port.'] }
}

/** Reads one address or CIDR range whose forwarded headers are to be believed. */
export function readTrustedProxy(text: string): Reading<string> {
  const entry = text.toLowerCase()
  const [address = '', prefixText, ...rest] = entry.split('/')
  if (entry === '*' || entry === 'all' || address === '0.0.0.0' || (isIPv6(address) && /^[0:]+$/.test(address))) {
    return { problems: [EVERYTHING] }
  }
  const width = isIPv4(address) ? 32 : 128
  const prefix = prefixText === undefined ? width : Number(prefixText)
  const isPrefix = prefixText === undefined || (/^\d{1,3}$/.test(prefixText) && prefix <= width)
  if (isIP(address) === 0 || address.includes('%') || !isPrefix || rest.length > 0) {
    return { problems: ['must be an IP address such as 10.0.0.7, or a range in CIDR form such as 10.0.0.0/24.'] }
  }
  if (width === 32) return prefix < MIN_IPV4_PREFIX ? { problems: [EVERYTHING] } : { value: entry }
  const range = new BlockList()
  range.addSubnet(address, prefix, 'ipv6')
  if (prefix === 0 || (prefix <= 96 && range.check('::ffff:192.0.2.1', 'ipv6'))) return { problems: [EVERYTHING] }
  if (isMapped(address)) return { problems: ['is an IPv4 address in IPv6 clothes: write it in its IPv4 form.'] }
  const isWide = prefix < MIN_IPV6_PREFIX && !(prefix >= 7 && LOCAL_IPV6.check(address, 'ipv6'))
  return isWide ? { problems: [EVERYTHING] } : { value: entry }
}

function isMapped(address: string): boolean {
  return /^(::|(0+:){5})ffff:/.test(address)
}
