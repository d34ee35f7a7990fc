import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkExposure } from '../src/cli/doctor/check-exposure.ts'
import { describeConfig } from '../src/config/describe-config.ts'
import { ratesOf } from '../src/config/limit-settings.ts'
import { loadConfig } from '../src/config/load-config.ts'
import { CONTRACT_NAMES } from '../src/contracts/index.ts'
import { DEFAULT_RATES } from '../src/core/attempt-rules.ts'

const SETTINGS = [
  'LATCHKEY_LIMIT_ACCOUNT_GUESSES',
  'LATCHKEY_LIMIT_NETWORK_GUESSES',
  'LATCHKEY_LIMIT_NETWORK_NAMES',
  'LATCHKEY_LIMIT_NETWORK_REGISTRATIONS',
  'LATCHKEY_LIMIT_ADDRESS_LETTERS',
  'LATCHKEY_LIMIT_NETWORK_LETTERS',
] as const
const BASE = { DATABASE_URL: 'sqlite::memory:', LATCHKEY_SECRET: 'only-tests-have-this-secret-0123456789abcdef' }
const load = (env: Record<string, string> = {}) =>
  loadConfig({ env: { ...BASE, ...env }, contractNames: CONTRACT_NAMES })
const limitsFinding = (env: Record<string, string>) => checkExposure(load(env)).find(({ about }) => about === 'limits')

describe('the settings of budgets', () => {
  it('are core’s own rates unless they are set', () => {
    assert.deepEqual(ratesOf(load()), DEFAULT_RATES)
  })

  it('are read with their units', () => {
    const rates = ratesOf(
      load({
        LATCHKEY_LIMIT_ACCOUNT_GUESSES: '5/90s',
        LATCHKEY_LIMIT_NETWORK_GUESSES: ' 10/m , 100/2h,200/1d',
        LATCHKEY_LIMIT_NETWORK_LETTERS: '7/1d',
      }),
    )
    assert.deepEqual(rates.account, { limit: 5, window: 90_000 })
    assert.deepEqual(rates.network, [
      { limit: 10, window: 60_000 },
      { limit: 100, window: 7_200_000 },
      { limit: 200, window: 86_400_000 },
    ])
    assert.deepEqual(rates.lettersFrom, { limit: 7, window: 86_400_000 })
  })

  it('are shown as they would be written', () => {
    const env = { ...BASE, LATCHKEY_LIMIT_NETWORK_GUESSES: '10/60s,100/120m', LATCHKEY_LIMIT_ACCOUNT_GUESSES: '5/90s' }
    const shown = new Map(describeConfig(load(env), { env }).map(({ name, value }) => [name, value]))
    assert.equal(shown.get('LATCHKEY_LIMIT_NETWORK_GUESSES'), '10/1m,100/2h')
    assert.equal(shown.get('LATCHKEY_LIMIT_ACCOUNT_GUESSES'), '5/90s')
    assert.equal(shown.get('LATCHKEY_LIMIT_ADDRESS_LETTERS'), '5/1h')
  })

  for (const text of [
    '10',
    '10/5',
    '10/5x',
    '-1/5m',
    '1.5/5m',
    '10/5m/5m',
    '10 per 5m',
    '1e3/5m',
    '/5m',
    '10/5M',
    'off',
    '∞/1h',
  ]) {
    it(`refuse ${text}, and say how one is written`, () => {
      for (const name of SETTINGS) assert.throws(() => load({ [name]: text }), new RegExp(`${name} .*COUNT/TIME`))
    })
  }

  it('refuse what would be no limit, and what no counter could keep', () => {
    for (const name of SETTINGS) {
      assert.throws(() => load({ [name]: '0/5m' }), new RegExp(`${name} .*count from 1 to`))
      assert.throws(() => load({ [name]: '999999999/5m' }), new RegExp(`${name} .*count from 1 to`))
      assert.throws(() => load({ [name]: '10/2d' }), new RegExp(`${name} .*time from 1s to 1d`))
      assert.throws(() => load({ [name]: '10/0m' }), new RegExp(`${name} .*time from 1s to 1d`))
    }
    // NIST SP 800-63B-4 has a hundred failures in a row, which an account's two counters share.
    assert.throws(() => load({ LATCHKEY_LIMIT_ACCOUNT_GUESSES: '51/5m' }), /count from 1 to 50/)
  })

  it('refuse two windows that are one, however they are written, and none or too many', () => {
    const name = 'LATCHKEY_LIMIT_NETWORK_GUESSES'
    assert.throws(() => load({ [name]: '60/1h,50/60m' }), /two entries for the same time/)
    assert.throws(() => load({ [name]: ',' }), /one to 4 entries/)
    assert.throws(() => load({ [name]: '1/1s,1/2s,1/3s,1/4s,1/5s' }), /one to 4 entries/)
    assert.throws(() => load({ [name]: '60/5m,x' }), /\(entry 2 of 2\)/)
  })
})

describe('latchkey doctor, on budgets', () => {
  it('is content with the defaults and with what is tighter', () => {
    assert.equal(limitsFinding({})?.level, 'ok')
    const tighter = { LATCHKEY_LIMIT_ACCOUNT_GUESSES: '5/5m', LATCHKEY_LIMIT_NETWORK_GUESSES: '60/5m,100/1h' }
    assert.equal(limitsFinding(tighter)?.level, 'ok')
  })

  it('warns where they are off, and names those that are several times looser than the default', () => {
    assert.equal(limitsFinding({ LATCHKEY_LIMITS: 'off' })?.level, 'warn')
    const loose: Record<(typeof SETTINGS)[number], string> = {
      LATCHKEY_LIMIT_ACCOUNT_GUESSES: '50/1m',
      // The hour is gone: so many in five minutes are ten times as many in an hour.
      LATCHKEY_LIMIT_NETWORK_GUESSES: '250/5m',
      LATCHKEY_LIMIT_NETWORK_NAMES: '90/1h',
      LATCHKEY_LIMIT_NETWORK_REGISTRATIONS: '60/1m',
      LATCHKEY_LIMIT_ADDRESS_LETTERS: '1000/1h',
      LATCHKEY_LIMIT_NETWORK_LETTERS: '1000000/1d',
    }
    for (const [name, text] of Object.entries(loose)) {
      const finding = limitsFinding({ [name]: text })
      assert.equal(finding?.level, 'warn', name)
      for (const other of SETTINGS) assert.equal(finding?.says.includes(other), other === name)
    }
  })
})
