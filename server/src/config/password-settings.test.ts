import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ConfigError } from './config-error.ts'
import { listProductNames } from './list-product-names.ts'
import { loadConfig } from './load-config.ts'

const load = (env: Readonly<Record<string, string>>) => loadConfig({ env, contractNames: ['a-contract'] })

describe('the settings of passwords', () => {
  it('are the documented rules and no questions to anybody, unless said', () => {
    const { passwordPolicy, productNames, breachedPasswords, breachedPasswordsUrl } = load({})
    assert.deepEqual(
      { passwordPolicy, productNames, breachedPasswords, breachedPasswordsUrl },
      {
        passwordPolicy: 'documented',
        productNames: [],
        breachedPasswords: 'off',
        breachedPasswordsUrl: 'https://api.pwnedpasswords.com/range/',
      },
    )
  })

  it('take an address by https, and by http on loopback, and end it with a slash', () => {
    const table: readonly [string, string][] = [
      ['https://mirror.example/range', 'https://mirror.example/range/'],
      ['https://mirror.example', 'https://mirror.example/'],
      ['http://127.0.0.1:8080/range/', 'http://127.0.0.1:8080/range/'],
      ['http://[::1]:8080/', 'http://[::1]:8080/'],
      ['http://localhost/x', 'http://localhost/x/'],
    ]
    for (const [given, expected] of table) {
      assert.equal(load({ LATCHKEY_BREACHED_PASSWORDS_URL: given }).breachedPasswordsUrl, expected)
    }
  })

  const refused: readonly [string, string, RegExp][] = [
    ['LATCHKEY_PASSWORD_POLICY', 'strict', /must be one of documented, hardened/],
    ['LATCHKEY_PRODUCT_NAMES', 'Widgets, ab', /\(entry 2 of 2\) must be a name with four letters/],
    ['LATCHKEY_BREACHED_PASSWORDS', 'on', /must be one of off, hibp/],
    ['LATCHKEY_BREACHED_PASSWORDS_URL', 'http://mirror.example/range/', /http:\/\/ is taken on loopback only/],
    ['LATCHKEY_BREACHED_PASSWORDS_URL', 'ftp://mirror.example/', /begins with https/],
    ['LATCHKEY_BREACHED_PASSWORDS_URL', 'mirror.example', /begins with https/],
    ['LATCHKEY_BREACHED_PASSWORDS_URL', 'https://me:secret@mirror.example/', /no? ?.*user name or a password/],
    ['LATCHKEY_BREACHED_PASSWORDS_URL', 'https://mirror.example/?range=', /no query/],
  ]
  for (const [name, value, expected] of refused) {
    it(`refuse ${name}=${value}`, () => {
      assert.throws(
        () => load({ [name]: value }),
        ({ problems }: ConfigError) => {
          assert.equal(problems.length, 1)
          assert.match(problems[0] ?? '', expected)
          assert.ok(problems[0]?.startsWith(name) && !problems[0].includes('secret'))
          return true
        },
      )
    })
  }

  it('make names of the product of what was set, the labels of the public host, and our own', () => {
    const table: readonly [string, readonly string[]][] = [
      ['https://auth.example.com', ['auth', 'example', 'latchkey']],
      ['https://www.widgets.co.uk', ['widgets', 'co', 'latchkey']],
      ['https://xn--bcher-kva.example:8443', ['bücher', 'latchkey']],
      ['https://intranet', ['intranet', 'latchkey']],
      ['http://192.0.2.7', ['latchkey']],
      ['http://[2001:db8::1]:8000', ['latchkey']],
    ]
    for (const [url, names] of table) assert.deepEqual(listProductNames(load({ LATCHKEY_PUBLIC_URL: url })), names, url)
    const set = load({ LATCHKEY_PRODUCT_NAMES: 'Widgets, Acme Corp', LATCHKEY_PUBLIC_URL: 'https://id.example' })
    assert.deepEqual(listProductNames(set), ['Widgets', 'Acme Corp', 'id', 'latchkey'])
  })
})
