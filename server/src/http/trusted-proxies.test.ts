import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PASSWORD } from '../../test/kit/clients.ts'
import { faults } from '../../test/kit/frame.ts'
import { LIGHT_HASHING } from '../../test/kit/hashing.ts'
import { fixedRule } from '../../test/kit/rules.ts'
import { startTestApp, type TestApp } from '../../test/kit/start-test-app.ts'
import { DEFAULT_LIMITS } from '../core/attempt-rules.ts'

describe('a forwarded header', () => {
  const LIMITS = { ...DEFAULT_LIMITS, account: fixedRule(1000, 3_600_000), network: [fixedRule(5, 3_600_000)] }
  const guess = async (test: TestApp, { from, forwarded }: { from: string; forwarded?: string }) => {
    const { statusCode } = await test.app.inject({
      method: 'POST',
      url: '/login/',
      remoteAddress: from,
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
      payload: { email: `${Math.random()}@example.com`, password: PASSWORD },
    })
    return statusCode
  }
  const warnings = ({ log }: TestApp) => log.filter((line) => line.includes('forwarded header ignored')).length

  it('of a peer that nobody named counts for nothing: a new one each time is still one client', async (t) => {
    const test = await startTestApp({ config: LIGHT_HASHING, limits: LIMITS })
    t.after(() => test.close())
    const statuses: number[] = []
    for (let index = 0; index < 8; index++) {
      statuses.push(await guess(test, { from: '203.0.113.5', forwarded: `198.51.100.${index}` }))
    }
    assert.deepEqual(statuses, [400, 400, 400, 400, 400, 429, 429, 429])
    assert.equal(await guess(test, { from: '203.0.113.6' }), 400)
  })

  it('of a peer that nobody named is warned of once a minute', async (t) => {
    const test = await startTestApp({ config: { ...LIGHT_HASHING, trustedProxies: ['192.0.2.0/24'] } })
    t.after(() => test.close())
    const ask = (from: string, headers: Record<string, string>) =>
      test.app.inject({ method: 'GET', url: '/healthz', remoteAddress: from, headers })
    await ask('203.0.113.5', {})
    await ask('192.0.2.7', { 'x-forwarded-for': '198.51.100.1' })
    assert.equal(warnings(test), 0)
    for (let index = 0; index < 5; index++) await ask('203.0.113.5', { 'x-forwarded-for': '198.51.100.1' })
    assert.equal(warnings(test), 1)
    test.advance(60_000)
    await ask('2001:db8::1', { forwarded: 'for=198.51.100.1' })
    assert.equal(warnings(test), 2)
    test.advance(60_000)
    await ask('203.0.113.5', { 'x-real-ip': '198.51.100.1' })
    assert.equal(warnings(test), 3)
  })

  it('of a named proxy is believed as far as named proxies vouch: the right-most other hop is the client', async (t) => {
    const test = await startTestApp({
      config: { ...LIGHT_HASHING, trustedProxies: ['192.0.2.0/24', '2001:db8:ffff::/48'] },
      limits: LIMITS,
    })
    t.after(() => test.close())
    // Whatever a client writes itself stands left of what the proxies add.
    for (let index = 0; index < 5; index++) {
      assert.equal(await guess(test, { from: '192.0.2.7', forwarded: `10.0.0.${index}, 198.51.100.1` }), 400)
    }
    assert.equal(await guess(test, { from: '192.0.2.7', forwarded: '10.9.9.9, 198.51.100.1' }), 429)
    assert.equal(await guess(test, { from: '192.0.2.8', forwarded: '198.51.100.1, 192.0.2.9' }), 429)
    assert.equal(await guess(test, { from: '2001:db8:ffff::1', forwarded: '198.51.100.1' }), 429)
    assert.equal(await guess(test, { from: '::ffff:192.0.2.7', forwarded: '::ffff:198.51.100.1' }), 429)
    assert.equal(await guess(test, { from: '192.0.2.7', forwarded: '198.51.100.1:4711' }), 429)
    assert.equal(await guess(test, { from: '192.0.2.7', forwarded: '198.51.100.2' }), 400)
    assert.equal(await guess(test, { from: '198.51.100.1' }), 429)
    assert.deepEqual(faults(test), [])
  })

  it('through a named proxy keeps one budget for a /64, and one for all that is no address', async (t) => {
    const test = await startTestApp({ config: { ...LIGHT_HASHING, trustedProxies: ['192.0.2.7'] }, limits: LIMITS })
    t.after(() => test.close())
    const statuses: number[] = []
    for (let index = 0; index < 6; index++) {
      statuses.push(await guess(test, { from: '192.0.2.7', forwarded: `2001:db8:1:2::${index + 2}` }))
    }
    assert.deepEqual(statuses, [400, 400, 400, 400, 400, 429])
    assert.equal(await guess(test, { from: '192.0.2.7', forwarded: '2001:db8:1:3::1' }), 400)
    const garbage = ['unknown', '_hidden', 'x'.repeat(300), '1.2.3.4.5', "'; --", '\u00ff']
    const answers: number[] = []
    for (const forwarded of garbage) answers.push(await guess(test, { from: '192.0.2.7', forwarded }))
    assert.deepEqual(answers, [400, 400, 400, 400, 400, 429])
    assert.deepEqual(faults(test), [])
  })

  it('never makes a fault, from whatever peer', async (t) => {
    const test = await startTestApp({
      config: { ...LIGHT_HASHING, trustedProxies: ['192.0.2.0/24', '::1'] },
      limits: LIMITS,
    })
    t.after(() => test.close())
    for (const from of ['fe80::1%eth0', '::1', '127.0.0.1', '::ffff:127.0.0.1']) {
      for (const forwarded of ['', ',', ' , ,', 'fe80::1%eth0', '[::1]:80', '::', 'for=1.2.3.4']) {
        assert.ok((await guess(test, { from, forwarded })) < 500, `${from} ${forwarded}`)
      }
    }
    assert.deepEqual(faults(test), [])
  })
})
