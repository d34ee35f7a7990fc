import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findAddresses } from './find-addresses.ts'

const NAMED: Readonly<Record<string, readonly string[]>> = {
  'public.example': ['1.1.1.1', '2606:4700:4700::1111'],
  'private.example': ['10.0.0.7'],
  'both.example': ['1.1.1.1', '10.0.0.7'],
  'metadata.example': ['169.254.169.254'],
  'mapped.example': ['::ffff:127.0.0.1'],
  'nowhere.example': [],
}

/** Stands in for DNS, which tests have none of. */
async function lookup(hostname: string) {
  return (NAMED[hostname] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
}

async function find(text: string, { allowPrivate = false } = {}): Promise<string> {
  try {
    const found = await findAddresses({ url: new URL(text), allowPrivate }, lookup)
    return found.map(({ address }) => address).join(' ')
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

describe('findAddresses', () => {
  it('finds every address of a public name', async () => {
    assert.equal(await find('https://public.example/hook'), '1.1.1.1 2606:4700:4700::1111')
  })

  it('refuses a name if any of its addresses is private, and says what to do', async () => {
    for (const name of ['private', 'both', 'mapped']) {
      assert.match(await find(`https://${name}.example/`), /a private address: set LATCHKEY_WEBHOOK_ALLOW_PRIVATE=true/)
    }
  })

  it('finds private addresses where they are allowed, and never a metadata service', async () => {
    assert.equal(await find('https://private.example/', { allowPrivate: true }), '10.0.0.7')
    assert.match(await find('https://metadata.example/', { allowPrivate: true }), /no webhook can be/)
    assert.match(await find('https://169.254.169.254/latest', { allowPrivate: true }), /no webhook can be/)
  })

  it('judges an address that stands in the URL, in every spelling that a URL has for it', async () => {
    const spellings = ['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '127.0.0.1.', '１２７.0.0.1']
    const wrapped = ['[::1]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[64:ff9b::7f00:1]']
    for (const host of [...spellings, ...wrapped]) {
      assert.match(await find(`https://${host}/`), /a private address/, host)
    }
    for (const host of ['0', '0.0.0.0', '[::]', '[::127.0.0.1]', '0xa9fea9fe', '[fe80::1]', '255.255.255.255']) {
      assert.match(await find(`https://${host}/`, { allowPrivate: true }), /no webhook can be/, host)
    }
  })

  it('refuses a public address by http, even where private ones are allowed', async () => {
    assert.match(await find('http://public.example/', { allowPrivate: true }), /in the open\. Use https/)
    assert.equal(await find('http://private.example/', { allowPrivate: true }), '10.0.0.7')
  })

  it('says that a name has no address', async () => {
    assert.match(await find('https://nowhere.example/'), /has no address/)
  })
})
