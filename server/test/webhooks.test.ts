import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { createDelivery } from '../src/chores.ts'
import { readGivenUp } from '../src/core/deliver-events.ts'
import { createLog } from '../src/log.ts'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'
import {
  bodyOf,
  deliverAll,
  EMAIL,
  makeEvents,
  makeSharedDatabase,
  PASSWORD,
  post,
  ROUND,
  register,
  WEBHOOK_SECRET,
  webhookSettings,
} from './kit/webhook-events.ts'
import { isSigned, type Receiver, startReceiver } from './kit/webhook-receiver.ts'

const MINUTE = 60_000

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

describe('webhooks', () => {
  let test: TestApp
  beforeEach(async () => {
    test = await startTestApp({ config: webhookSettings(receiver) })
  })
  afterEach(() => test.close())

  it('are told what happened as the audit log has it, signed, and without a secret', async () => {
    await register(test)
    assert.deepEqual(await test.core.deliverEvents(ROUND), { delivered: 1, failures: [] })
    const [request] = receiver.received
    const { type, timestamp, data } = bodyOf(request)
    const [entry] = await test.store.listAudit({ after: 0, limit: 10, types: ['account_registered'] })
    assert.ok(request !== undefined && entry !== undefined)
    assert.equal(isSigned(request, WEBHOOK_SECRET, Date.now()), true)
    assert.equal(type, 'account_registered')
    assert.equal(timestamp, new Date(entry.at).toISOString())
    assert.deepEqual(data, {
      sequence: entry.seq,
      actor: 'anonymous',
      account_id: 1,
      contract: 'drf-token',
      request_id: entry.requestId,
      network: null,
      user_agent: 'agent/1.0',
      detail: entry.detail,
    })
    for (const secret of [PASSWORD, EMAIL, WEBHOOK_SECRET, entry.hash]) {
      assert.equal(JSON.stringify(request).includes(secret), false)
    }
  })

  it('are told of the events that were chosen, and no others', async () => {
    await register(test)
    await post(test, '/api/users/login/', { email: EMAIL, password: 'wrong' })
    await test.core.administration.setActive(1, false)
    await test.flushAudit()
    assert.equal(await deliverAll(test), 2)
    assert.deepEqual(receiver.received.map((request) => bodyOf(request).type).sort(), [
      'account_disabled',
      'account_registered',
    ])
  })

  it('are told each event once', async () => {
    await makeEvents(test, 30)
    assert.equal(await deliverAll(test), 30)
    assert.deepEqual(await test.store.countDeliveries(), { waiting: 0, retried: 0 })
    assert.equal(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size, 30)
  })

  it('are told again, with the same id and a new signature, until they take it, more and more rarely', async () => {
    await register(test)
    receiver.answer(500)
    const told = () => receiver.received.length
    for (const [round, pause] of [1, 2, 4, 8, 16, 32].entries()) {
      const { delivered, failures } = await test.core.deliverEvents(ROUND)
      assert.deepEqual(
        { delivered, told: told(), isGivenUp: failures[0]?.isGivenUp },
        {
          delivered: 0,
          told: round + 1,
          isGivenUp: false,
        },
      )
      test.advance(pause * MINUTE - 1000)
      assert.deepEqual(await test.core.deliverEvents(ROUND), { delivered: 0, failures: [] })
      test.advance(1000)
    }
    assert.deepEqual(await test.store.countDeliveries(), { waiting: 1, retried: 1 })
    receiver.answer(200)
    assert.equal(await deliverAll(test), 1)
    const [first, last] = [receiver.received[0], receiver.received.at(-1)]
    assert.ok(first !== undefined && last !== undefined)
    assert.equal(first.headers['webhook-id'], last.headers['webhook-id'])
    assert.equal(first.body, last.body)
    assert.equal(isSigned(last, WEBHOOK_SECRET, Date.now()), false)
    assert.equal(isSigned(last, WEBHOOK_SECRET, Date.now() + 63 * MINUTE), true)
  })

  it('are given up after thirteen tries, which is noted for doctor, and the next event is told all the same', async () => {
    await register(test)
    receiver.answer(503)
    const outcomes: (boolean | undefined)[] = []
    for (let tries = 0; tries < 13; tries++) {
      outcomes.push((await test.core.deliverEvents(ROUND)).failures[0]?.isGivenUp)
      test.advance(2 ** tries * MINUTE)
    }
    assert.deepEqual(outcomes, [...Array.from({ length: 12 }, () => false), true])
    assert.equal(receiver.received.length, 13)
    assert.deepEqual(await test.store.countDeliveries(), { waiting: 0, retried: 0 })
    assert.equal((await readGivenUp(test.store))?.why, 'the webhook answered 503')
    receiver.answer(200)
    await test.core.administration.setActive(1, true)
    await test.flushAudit()
    assert.equal(await deliverAll(test), 1)
  })

  it('that answer 410 Gone are told each event once', async () => {
    await makeEvents(test, 2)
    receiver.answer(410)
    const { delivered, failures } = await test.core.deliverEvents(ROUND)
    assert.deepEqual([delivered, failures.map(({ isGivenUp }) => isGivenUp)], [0, [true, true]])
    test.advance(60 * MINUTE)
    assert.deepEqual(await test.core.deliverEvents(ROUND), { delivered: 0, failures: [] })
    assert.equal(receiver.received.length, 2)
  })

  it('that take nothing are asked more and more rarely, with one event, until they take one', async () => {
    await makeEvents(test, 50)
    receiver.answer(500)
    const log = createLog('silent', { write: () => {} }, { isForPeople: false })
    const round = createDelivery(test.core, log, new AbortController().signal)
    const rounds = async (count: number) => {
      const before = receiver.received.length
      for (let index = 0; index < count; index++) await round()
      return receiver.received.length - before
    }
    assert.equal(await rounds(1), 20)
    const peace = [1, 3, 7, 15, 31, 60, 60]
    for (const quiet of peace) assert.deepEqual([await rounds(quiet), await rounds(1)], [0, 1])
    receiver.answer(200)
    assert.deepEqual([await rounds(61), await rounds(1), await rounds(1)], [1, 20, 2])
  })

  it('that are not there hold nobody up who logs in', async () => {
    await register(test)
    receiver.answer(() => {})
    const leaving = new AbortController()
    const telling = test.core.deliverEvents({ ...ROUND, signal: leaving.signal })
    const { status } = await post(test, '/api/users/login/', { email: EMAIL, password: PASSWORD })
    assert.equal(status, 200)
    leaving.abort()
    assert.equal((await telling).failures.length, 1)
  })

  it('have no more than so many events waiting, the oldest of which go first, and none for ever', async () => {
    await makeEvents(test, 30)
    const before = Date.now() - 7 * 24 * 60 * MINUTE
    assert.equal(await test.store.pruneDeliveries({ before, most: 10 }), 20)
    assert.deepEqual(
      (await test.store.listDeliveries(100)).map(({ type, tries }) => [type, tries]),
      Array.from({ length: 10 }, () => ['account_enabled', 0]),
    )
    assert.equal(await test.store.pruneDeliveries({ before, most: 10 }), 0)
    test.advance(8 * 24 * 60 * MINUTE)
    assert.equal((await test.core.prune()).deliveries, 10)
    assert.match((await readGivenUp(test.store))?.why ?? '', /^10 at once/)
    assert.equal(await deliverAll(test), 0)
  })

  it('are told nothing while none is set, and events of that time are not told later', async () => {
    await test.close()
    const database = await makeSharedDatabase()
    const without = await startTestApp({ databaseUrl: database.url })
    await register(without)
    assert.deepEqual(await without.core.deliverEvents(ROUND), { delivered: 0, failures: [] })
    assert.equal(await without.core.administration.testWebhook(), null)
    await without.close()
    test = await startTestApp({ databaseUrl: database.url, config: webhookSettings(receiver) })
    assert.equal(await deliverAll(test), 0)
    await test.close()
    await database.drop()
    test = await startTestApp()
  })
})
