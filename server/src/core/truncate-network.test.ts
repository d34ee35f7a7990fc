import assert from 'node:assert/strict'
import { it } from 'node:test'
import { truncateNetwork } from './truncate-network.ts'

it('of an IPv4 address the /24 is left, of an IPv6 /64 the /48, and of what is no address all', () => {
  for (const [network, truncated] of [
    ['198.51.100.7', '198.51.100.0/24'],
    ['2001:db8:1:2::/64', '2001:db8:1::/48'],
    ['2001:db8:0:0::/64', '2001:db8:0::/48'],
    ['unknown', 'unknown'],
  ] as const) {
    assert.equal(truncateNetwork(network), truncated)
    assert.equal(truncateNetwork(truncated), truncated)
  }
})
