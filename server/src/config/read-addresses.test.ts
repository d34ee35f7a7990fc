import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createRangeTest } from './read-addresses.ts'

describe('createRangeTest', () => {
  it('knows single addresses, ranges, and IPv4 in IPv6 clothes', () => {
    const ranges = ['10.1.0.0/16', '192.0.2.7', 'fd00::/8', '::1']
    const isIn = createRangeTest(ranges)
    for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.7', 'fd12::1', '::1']) {
      assert.ok(isIn(address), address)
    }
    for (const address of ['10.2.0.1', '::ffff:10.2.0.1', '192.0.2.8', 'fe80::1', '', 'proxy']) {
      assert.ok(!isIn(address), address)
    }
    assert.ok(!createRangeTest([])('10.1.2.3'))
  })
})
