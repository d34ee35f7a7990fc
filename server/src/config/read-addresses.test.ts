import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isInRanges } from './read-addresses.ts'

describe('isInRanges', () => {
  it('knows single addresses, ranges, and IPv4 in IPv6 clothes', () => {
    const ranges = ['10.1.0.0/16', '192.0.2.7', 'fd00::/8', '::1']
    for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.7', 'fd12::1', '::1']) {
      assert.ok(isInRanges(address, ranges), address)
    }
    for (const address of ['10.2.0.1', '::ffff:10.2.0.1', '192.0.2.8', 'fe80::1', '', 'proxy']) {
      assert.ok(!isInRanges(address, ranges), address)
    }
    assert.ok(!isInRanges('10.1.2.3', []))
  })
})
