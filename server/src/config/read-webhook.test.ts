import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AUDIT_EVENT_TYPES } from '../core/audit-event.ts'
import type { Config } from './config.ts'
import { ConfigError } from './config-error.ts'
import { loadConfig } from './load-config.ts'
import { DEFAULT_WEBHOOK_EVENTS, describeWebhook, isToldOf } from './read-webhook.ts'

const URL_NAME = 'LATCHKEY_WEBHOOK_URL'
const SECRET_NAME = 'LATCHKEY_WEBHOOK_SECRET'
const EVENTS_NAME = 'LATCHKEY_WEBHOOK_EVENTS'
const PRIVATE_NAME = 'LATCHKEY_WEBHOOK_ALLOW_PRIVATE'
const SECRET = `whsec_${Buffer.from('0123456789abcdefghijklmnopqrstuv').toString('base64')}`
const OTHER = `whsec_${Buffer.from('vutsrqponmlkjihgfedcba9876543210').toString('base64')}`
const HERE = 'https://app.example.com/events?key=k'
const SOUND = { [URL_NAME]: HERE, [SECRET_NAME]: SECRET }

function load(env: Record<string, string>): Config {
  return loadConfig({ env, contractNames: ['drf-token'] })
}

function problemsOf(env: Record<string, string>): string {
  try {
    load(env)
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.problems.join('\n')
  }
  return ''
}

describe('the settings of the webhook', () => {
  it('are none at first, and the events those that other programs act on', () => {
    const config = load({})
    assert.equal(config.webhookUrl, null)
    assert.deepEqual(config.webhookEvents, DEFAULT_WEBHOOK_EVENTS)
    assert.equal(
      AUDIT_EVENT_TYPES.some((type) => isToldOf(type, config)),
      false,
    )
  })

  it('are an address, its secrets and its events', () => {
    const config = load({ ...SOUND, [SECRET_NAME]: `${SECRET} ${OTHER}`, [EVENTS_NAME]: 'Login_Failed, throttled' })
    assert.equal(config.webhookUrl, HERE)
    assert.deepEqual(config.webhookSecrets, [SECRET, OTHER])
    assert.deepEqual(config.webhookEvents, ['login_failed', 'throttled'])
    assert.deepEqual(
      AUDIT_EVENT_TYPES.filter((type) => isToldOf(type, config)),
      ['login_failed', 'throttled'],
    )
    assert.deepEqual(load({ [EVENTS_NAME]: 'all' }).webhookEvents, AUDIT_EVENT_TYPES)
  })

  it('refuse an event that there is not, with the nearest name', () => {
    const problems = problemsOf({ [EVENTS_NAME]: 'account_delete,login_failed' })
    assert.match(problems, /LATCHKEY_WEBHOOK_EVENTS \(entry 1 of 2\) is no event.* Did you mean account_deleted\?/)
    assert.match(problemsOf({ [EVENTS_NAME]: ',' }), /names no event/)
  })

  it('refuse an address without a secret, and say how to make one', () => {
    assert.match(problemsOf({ [URL_NAME]: HERE }), /LATCHKEY_WEBHOOK_SECRET is missing.*openssl rand/)
  })

  for (const [what, url, said] of [
    ['not https', 'http://app.example.com/', /is not https/],
    ['loopback by http', 'http://127.0.0.1:9000/', /is not https/],
    ['another scheme', 'ftp://app.example.com/', /is no place for a webhook/],
    ['no address', 'hook.example.org', /is no place for a webhook/],
    ['with a name and password', 'https://user:pass@app.example.com/', /may not hold a user name/],
    ['with a fragment', 'https://app.example.com/#a', /may not have a #/],
    ['private', 'https://10.0.0.7/', /LATCHKEY_WEBHOOK_URL is at a private address/],
    ['loopback in an odd spelling', 'https://0x7f.1/', /is at a private address/],
    ['loopback in IPv6 clothes', 'https://[::ffff:7f00:1]/', /is at a private address/],
    ['a metadata service', 'https://169.254.169.254/', /no webhook can be/],
  ] as const) {
    it(`refuse an address that is ${what}, and do not show it`, () => {
      const problems = problemsOf({ ...SOUND, [URL_NAME]: url })
      assert.match(problems, said)
      assert.equal(problems.includes(url), false)
    })
  }

  it('take a private address, and http there, only with the switch', () => {
    const allowed = { ...SOUND, [PRIVATE_NAME]: 'true' }
    for (const url of ['http://127.0.0.1:9000/', 'https://10.0.0.7/', 'http://hook.internal/', 'http://[::1]/']) {
      assert.equal(load({ ...allowed, [URL_NAME]: url }).webhookUrl, url)
    }
    assert.match(problemsOf({ ...allowed, [URL_NAME]: 'http://1.1.1.1/' }), /public address: use https/)
    assert.match(problemsOf({ ...allowed, [URL_NAME]: 'http://169.254.169.254/' }), /no webhook can be/)
  })

  for (const [what, secret, said] of [
    ['without its prefix', SECRET.slice(6), /must be whsec_/],
    ['that is no base64', 'whsec_not base64 at all', /two secrets at most/],
    ['that is not quite base64', `${SECRET.slice(0, -1)}!`, /must be whsec_/],
    ['too short', `whsec_${Buffer.from('0123456789abcdefghijklm').toString('base64')}`, /24 to 64 bytes/],
    ['too long', `whsec_${Buffer.alloc(65, '0123456789abcdefghijklm').toString('base64')}`, /24 to 64 bytes/],
    ['that repeats itself', `whsec_${Buffer.alloc(32, 'abc').toString('base64')}`, /is a repetition/],
    ['with two others', `${SECRET} ${OTHER} ${SECRET}`, /two secrets at most/],
  ] as const) {
    it(`refuse a secret ${what}, and do not show it`, () => {
      const problems = problemsOf({ ...SOUND, [SECRET_NAME]: secret })
      assert.match(problems, said)
      assert.equal(problems.includes(secret), false)
    })
  }

  it('are shown without what may be secret in the address', () => {
    assert.equal(describeWebhook(HERE), 'https://app.example.com/********')
    assert.equal(describeWebhook('https://app.example.com/'), 'https://app.example.com')
  })
})
