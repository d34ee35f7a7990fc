import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type AddressVerdict, judgeAddress } from './judge-address.ts'

const ADDRESSES: Readonly<Record<AddressVerdict, readonly string[]>> = {
  public: [
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2A00:1450:4001:0830:0000:0000:0000:200E',
    '::ffff:1.1.1.1',
    '::ffff:101:101',
    '64:ff9b::1.1.1.1',
  ],
  private: [
    '10.0.0.0',
    '10.255.255.255',
    '100.64.0.1',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '192.168.255.255',
    '198.18.0.1',
    '198.19.255.255',
    '::1',
    '0:0:0:0:0:0:0:1',
    'fc00::1',
    'fdff:ffff::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::FFFF:0A00:0001',
    '0:0:0:0:0:ffff:192.168.1.1',
    '64:ff9b::10.0.0.1',
    '64:ff9b::7f00:1',
  ],
  never: [
    '0.0.0.0',
    '0.255.255.255',
    '100.100.100.200',
    '168.63.129.16',
    '169.254.0.1',
    '169.254.169.254',
    '192.0.0.192',
    '192.0.2.1',
    '192.88.99.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::2',
    '::10.0.0.1',
    '::127.0.0.1',
    '::8.8.8.8',
    '::ffff:0:8.8.8.8',
    '::ffff:0.0.0.0',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::169.254.169.254',
    '64:ff9b::224.0.0.1',
    '64:ff9b:1::1.1.1.1',
    '100::1',
    '2001::1',
    '2001:0:a9fe:a9fe::f5ff:fffe',
    '2001:10::1',
    '2001:20::1',
    '2001:db8::1',
    '2002:7f00:1::1',
    '2002:808:808::1',
    '3fff::1',
    '5f00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'febf::1',
    'fec0::1',
    'ff02::1',
    '',
    'localhost',
    '0x7f.1',
    '2130706433',
    '0177.0.0.1',
    '127.1',
    '[::1]',
    '1.1.1.1.',
  ],
}

describe('judgeAddress', () => {
  for (const [verdict, addresses] of Object.entries(ADDRESSES)) {
    it(`finds that these are ${verdict}`, () => {
      const judged = addresses.map((address) => `${address} ${judgeAddress(address)}`)
      assert.deepEqual(
        judged,
        addresses.map((address) => `${address} ${verdict}`),
      )
    })
  }

  it('finds a metadata service in every form that a resolver can give it', () => {
    for (const form of ['169.254.169.254', '::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '64:ff9b::a9fe:a9fe']) {
      assert.equal(judgeAddress(form), 'never', form)
    }
  })
})
