import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { networkOf } from './network.ts'

const TABLE: readonly [string, string | null][] = [
  ['192.0.2.1', '192.0.2.1'],
  ['192.0.2.1:4711', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:192.0.2.1', '192.0.2.1'],
  ['::ffff:c000:201', '192.0.2.1'],
  ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
  ['[::ffff:192.0.2.1]:4711', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
  ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['[2001:db8:1:2::5]', '2001:db8:1:2::/64'],
  ['[2001:db8:1:2::5]:4711', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['fe80::2%eth1', 'fe80:0:0:0::/64'],
  ['[fe80::1%25eth0]:80', 'fe80:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['::2', '0:0:0:0::/64'],
  ['::192.0.2.1', '0:0:0:0::/64'],
  ['127.0.0.1', null],
  ['127.255.255.254', null],
  ['127.0.0.1:80', null],
  ['::1', null],
  ['0:0:0:0:0:0:0:1', null],
  ['[::1]:80', null],
  ['::1%lo', null],
  ['::ffff:127.0.0.1', null],
  ['::ffff:7f00:1', null],
  ['', 'unknown'],
  ['unknown', 'unknown'],
  ['_hidden', 'unknown'],
  ['localhost', 'unknown'],
  ['192.0.2', 'unknown'],
  ['192.0.2.256', 'unknown'],
  ['192.0.02.1', 'unknown'],
  ['0x7f.0.0.1', 'unknown'],
  ['2130706433', 'unknown'],
  [' 192.0.2.1', 'unknown'],
  ['192.0.2.1, 192.0.2.2', 'unknown'],
  ['192.0.2.1/24', 'unknown'],
  ['2001:db8::1::2', 'unknown'],
  ['2001:db8:::1', 'unknown'],
  ['[::1', 'unknown'],
  ['12001:db8::1', 'unknown'],
]

describe('networkOf', () => {
  for (const [address, network] of TABLE) {
    it(`keeps the budget of ${JSON.stringify(address)} for ${network}`, () => {
      assert.equal(networkOf(address), network)
    })
  }

  it('gives every spelling of every address one network, and every /64 its own', () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }))
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        fc.pre(groups.slice(0, 5).some((value) => value !== 0))
        const long = groups.map((value) => value.toString(16).padStart(4, '0')).join(':')
        const short = new URL(`http://[${long}]/`).hostname.slice(1, -1)
        const prefix = groups.slice(0, 4).map((value) => value.toString(16))
        assert.equal(networkOf(long), `${prefix.join(':')}::/64`)
        assert.equal(networkOf(long.toUpperCase()), networkOf(short))
        assert.equal(networkOf(`[${short}]:1`), networkOf(short))
      }),
    )
  })

  it('takes for an address exactly what Node does', () => {
    const part = fc.constantFrom(
      '0',
      '1',
      '00',
      '01',
      '255',
      '256',
      'ffff',
      '12345',
      'g',
      ':',
      '::',
      '.',
      '::ffff:',
      '1.2.3.4',
    )
    const text = fc.array(part, { maxLength: 17 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, (address) => {
        fc.pre(!/^[\d.]+:\d+$/.test(address))
        assert.equal(networkOf(address) === 'unknown', isIP(address) === 0, address)
      }),
      { numRuns: 5000 },
    )
  })

  it('never throws, whatever a proxy writes', () => {
    const odd = fc.string({ unit: fc.constantFrom(...'0123456789abcdefF:.[]%/, ') })
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), odd), (text) => void networkOf(text)))
  })
})
