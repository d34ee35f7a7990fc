import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { makePerson, REGISTRATIONS, registrationOf } from './kit/doors.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { PAGE, sendFrom } from './kit/send-from.ts'
import { startTestApp, type TestApp, type TestOptions } from './kit/start-test-app.ts'
import { findShapeFlaws, voiceOf } from './kit/voices.ts'

const HOUR = 3_600_000
const PROXY = '192.0.2.1'
const CONFIG = { ...LIGHT_HASHING, corsOrigins: [PAGE], trustedProxies: [PROXY] }
const EXPRESS = REGISTRATIONS.find(({ contract }) => contract === 'express-jwt')
/** Fewer, for the tests in which the number is not the question. */
const FEW = { networkRegistrations: { limit: 5, window: HOUR } }

describe('the budget of registrations', () => {
  it('lets a network make 60 accounts an hour, and another its own', async (t) => {
    const test = await start(t)
    for (let index = 0; index < 60; index++) assert.equal(await signUp(test, index, '203.0.113.5'), 200)
    assert.equal(await signUp(test, 60, '203.0.113.5'), 429)
    assert.equal(await signUp(test, 60, '203.0.113.6'), 200)
    test.advance(HOUR)
    assert.equal(await signUp(test, 61, '203.0.113.5'), 200)
  })

  it('makes at most 60 accounts of 100 that are asked for at once, and hashes for no more', async (t) => {
    const test = await start(t, { networkNames: { limit: 1000, window: HOUR } })
    const statuses = await Promise.all(Array.from({ length: 100 }, (_, index) => signUp(test, index, '203.0.113.5')))
    assert.equal(statuses.filter((status) => status === 200).length, 60)
    assert.equal(statuses.filter((status) => status === 429).length, 40)
    assert.equal(test.hasherCalls.hash, 60)
    assert.equal((await test.core.administration.listAccounts({ after: 0, limit: 100 })).length, 60)
  })

  it('is told in every door’s own shape, to pages too, with when to come back', async (t) => {
    const test = await start(t, FEW)
    for (let index = 0; index < 5; index++) await signUp(test, index, '203.0.113.5')
    for (const [index, door] of REGISTRATIONS.entries()) {
      const answer = await sendFrom(test, '203.0.113.5', registrationOf(door, makePerson(`other${index}`)))
      assert.equal(answer.status, 429)
      assert.deepEqual(findShapeFlaws(voiceOf(door.path), 'POST', answer), [])
      assert.equal(answer.headers['access-control-allow-origin'], PAGE)
      const wait = Number(answer.headers['retry-after'])
      assert.ok(wait > 3540 && wait <= 3600, String(wait))
    }
  })

  it('is one for a /64 and one for an IPv4 address in whatever clothes, behind a trusted proxy', async (t) => {
    const test = await start(t, FEW)
    const spellings = [
      '198.51.100.7',
      '::ffff:198.51.100.7',
      '::ffff:c633:6407',
      '198.51.100.7:4711',
      '::FFFF:198.51.100.7',
    ]
    for (const [index, forwarded] of spellings.entries()) assert.equal(await signUp(test, index, PROXY, forwarded), 200)
    for (const forwarded of spellings) assert.equal(await signUp(test, 6, PROXY, forwarded), 429)
    for (let index = 10; index < 15; index++) {
      assert.equal(await signUp(test, index, PROXY, `2001:db8:1:2:${index}::1`), 200)
    }
    assert.equal(await signUp(test, 20, PROXY, '2001:DB8:1:2:ffff:ffff:ffff:ffff'), 429)
    assert.equal(await signUp(test, 20, PROXY, '203.0.113.1, 2001:db8:1:2::9'), 429)
    assert.equal(await signUp(test, 20, PROXY, '2001:db8:1:3::1'), 200)
    // The proxy itself is nobody's network, and what it is told by others is theirs to claim.
    assert.equal(await signUp(test, 21, '203.0.113.9', '198.51.100.200'), 200)
  })

  it('charges a form that is refused, or that is too late for its name, nothing', async (t) => {
    const test = await start(t, FEW)
    for (let index = 0; index < 10; index++) {
      assert.ok(EXPRESS)
      const person = { ...makePerson('weak'), password: '' }
      assert.equal((await sendFrom(test, '203.0.113.5', registrationOf(EXPRESS, person))).status, 400)
    }
    const same = await Promise.all(Array.from({ length: 4 }, () => signUp(test, 1, '203.0.113.5')))
    assert.deepEqual(same.toSorted(), [200, 400, 400, 400])
    const [counter] = await test.store.listAttempts({ prefix: 'registrations:', limit: 1 })
    assert.equal(counter?.count, 1)
  })

  it('does not hold on loopback, nor for the operator', async (t) => {
    const test = await start(t, FEW)
    for (let index = 0; index < 8; index++) assert.equal(await signUp(test, index, '127.0.0.1'), 200)
    for (let index = 10; index < 18; index++) {
      const { email, password } = makePerson(`new${index}`)
      await test.core.administration.createAccount({ email, password }, { isStaff: false })
    }
  })
})

describe('the budget of letters', () => {
  const path = '/api/users/password/reset/'

  it('lets an address get 5 an hour whoever asks, and whether somebody has it', async (t) => {
    const test = await start(t, { mailUrl: 'file:///letters' })
    await signUp(test, 1, '203.0.113.5')
    for (const email of ['new1@example.com', 'nobody@example.com']) {
      const ask = (index: number) => sendFrom(test, `203.0.113.${index}`, { method: 'POST', path, json: { email } })
      for (let index = 0; index < 5; index++) assert.equal((await ask(index)).status, 200)
      const answer = await ask(9)
      assert.equal(answer.status, 429)
      assert.deepEqual(findShapeFlaws('drf', 'POST', answer), [])
      assert.equal(answer.headers['access-control-allow-origin'], PAGE)
      assert.ok(Number(answer.headers['retry-after']) > 3540)
    }
  })

  it('lets a network ask for 30 an hour, whomever they go to', async (t) => {
    const test = await start(t, { mailUrl: 'file:///letters' })
    const ask = (index: number, peer: string) =>
      sendFrom(test, peer, { method: 'POST', path, json: { email: `somebody-${index}@example.com` } })
    for (let index = 0; index < 30; index++) {
      assert.equal((await ask(index, `2001:db8:1:2::${index + 2}`)).status, 200)
    }
    assert.equal((await ask(30, '2001:db8:1:2:ffff::1')).status, 429)
    assert.equal((await ask(30, '2001:db8:1:3::1')).status, 200)
  })
})

async function start(t: TestContext, config: TestOptions['config'] = {}): Promise<TestApp> {
  const test = await startTestApp({ config: { ...CONFIG, ...config } })
  t.after(() => test.close())
  return test
}

async function signUp(test: TestApp, index: number, peer: string, forwarded?: string): Promise<number> {
  assert.ok(EXPRESS)
  const request = registrationOf(EXPRESS, makePerson(`new${index}`))
  const { status } = await sendFrom(test, peer, forwarded === undefined ? request : { ...request, forwarded })
  return status
}
