import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findLegacyServers, readLegacyUrl, wordLegacyServers } from './legacy-servers.ts'
import { loadConfig } from './load-config.ts'

const CONTRACTS = ['drf-jwt', 'drf-token', 'express-jwt', 'simplejwt']

function load(env: Readonly<Record<string, string>>) {
  return loadConfig({
    env: { LATCHKEY_SECRET: 'a secret that only tests have, 32+ long', ...env },
    contractNames: CONTRACTS,
  })
}

describe('the address of an old server', () => {
  it('is https, or http where it is in a network of one’s own', () => {
    const sound = [
      'https://old.example.com',
      'https://old.example.com/api/token/',
      'http://127.0.0.1:8001',
      'http://[::1]:8001',
      'http://localhost:8001',
      'http://10.0.0.7',
      'http://[fd12::1]',
      'http://django:8000',
      'http://django.internal',
      'http://django.lan./',
    ]
    for (const text of sound) assert.ok('value' in readLegacyUrl(text), text)
    const unsound = [
      'http://old.example.com',
      'http://8.8.8.8',
      'http://internal.example.com',
      'http://internal.evil.com/.internal',
    ]
    for (const text of unsound) {
      const reading = readLegacyUrl(text)
      assert.match('problems' in reading ? reading.problems.join() : 'none', /passwords would travel in the open/, text)
    }
  })

  it('is never Latchkey’s own', () => {
    const own = [
      'https://auth.example.com',
      'https://auth.example.com/api/users/login/',
      'http://127.0.0.1:8000',
      'http://localhost:8000',
      'http://[::1]:8000',
    ]
    for (const url of own) {
      const env = { LATCHKEY_PUBLIC_URL: 'https://auth.example.com', LATCHKEY_LEGACY_SIMPLEJWT_URL: url }
      assert.throws(() => load(env), /LATCHKEY_LEGACY_SIMPLEJWT_URL leads to Latchkey itself/, url)
    }
    assert.equal(
      load({ LATCHKEY_LEGACY_SIMPLEJWT_URL: 'http://127.0.0.1:8001' }).legacySimplejwtUrl,
      'http://127.0.0.1:8001/',
    )
  })

  it('is of a contract that is served', () => {
    const env = { LATCHKEY_CONTRACTS: 'simplejwt', LATCHKEY_LEGACY_DRF_TOKEN_URL: 'https://old.example.com' }
    assert.throws(() => load(env), /LATCHKEY_LEGACY_DRF_TOKEN_URL is set, but drf-token is not served/)
  })

  it('is told to whoever starts the server, with what it means', () => {
    const config = load({ LATCHKEY_LEGACY_EXPRESS_JWT_URL: 'https://old.example.com/login' })
    const [server] = findLegacyServers(config)
    assert.deepEqual(server, {
      contract: 'express-jwt',
      setting: 'LATCHKEY_LEGACY_EXPRESS_JWT_URL',
      url: 'https://old.example.com/login',
    })
    assert.match(
      wordLegacyServers(config).join(),
      /tried at https:\/\/old\.example\.com: .* Close registration there\. .* remove LATCHKEY_LEGACY_EXPRESS_JWT_URL\.$/,
    )
  })
})
