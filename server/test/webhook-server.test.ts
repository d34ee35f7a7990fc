import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { loadConfig } from '../src/config/load-config.ts'
import { DEFAULT_WEBHOOK_EVENTS } from '../src/config/read-webhook.ts'
import { CONTRACT_NAMES } from '../src/contracts/index.ts'
import { createLog } from '../src/log.ts'
import { startServer } from '../src/start.ts'
import { startTestApp } from './kit/start-test-app.ts'
import {
  bodyOf,
  deliverAll,
  makeEvents,
  makeSharedDatabase,
  REGISTRATION,
  register,
  WEBHOOK_SECRET,
  webhookSettings,
} from './kit/webhook-events.ts'
import { type Receiver, startReceiver } from './kit/webhook-receiver.ts'

const MINUTE = 60_000

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

describe('webhooks, and several processes on one database', () => {
  it('are told by one of them each time, and no process tells what another is telling', async () => {
    const database = await makeSharedDatabase()
    const options = { databaseUrl: database.url, config: webhookSettings(receiver) }
    const [one, two] = await Promise.all([startTestApp(options), startTestApp(options)])
    await makeEvents(one, 60)
    const taken = await Promise.all([deliverAll(one), deliverAll(two), deliverAll(one), deliverAll(two)])
    assert.equal(
      taken.reduce((sum, count) => sum + count, 0),
      60,
    )
    assert.equal(receiver.received.length, 60)
    assert.equal(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size, 60)
    await one.close()
    await two.close()
    await database.drop()
  })

  it('are told after a restart what was not told before, and what was being told at a crash', async () => {
    const database = await makeSharedDatabase()
    const options = { databaseUrl: database.url, config: webhookSettings(receiver) }
    const first = await startTestApp(options)
    await makeEvents(first, 3)
    const [taken] = await first.store.takeDueDeliveries({ now: Date.now(), lease: MINUTE, limit: 1 })
    await first.close()
    const second = await startTestApp(options)
    assert.equal(await deliverAll(second), 2)
    second.advance(MINUTE)
    assert.equal(await deliverAll(second), 1)
    assert.equal(bodyOf(receiver.received.at(-1)).data.sequence, taken?.entry.seq)
    await second.close()
    await database.drop()
  })
})

describe('a server with a webhook', () => {
  async function startServing(): Promise<{
    url: string
    lines: readonly string[]
    stop(): Promise<void>
    drop(): Promise<void>
  }> {
    const database = await makeSharedDatabase()
    const env = { DATABASE_URL: database.url, LATCHKEY_SECRET: 'only-tests-have-this-secret-0123456789abcdef' }
    const defaults = loadConfig({ env, contractNames: CONTRACT_NAMES })
    const lines: string[] = []
    const log = createLog('info', { write: (line) => lines.push(line) }, { isForPeople: false })
    const { url, stop } = await startServer({ ...defaults, ...webhookSettings(receiver), port: 0 }, { log })
    return { url, lines, stop, drop: database.drop }
  }

  async function registerAt(url: string): Promise<void> {
    const body = JSON.stringify(REGISTRATION)
    const headers = { 'content-type': 'application/json' }
    const { status } = await fetch(`${url}/api/users/registration/`, { method: 'POST', headers, body })
    assert.equal(status, 201)
  }

  it('tells it by itself', async () => {
    const told = Promise.withResolvers<void>()
    receiver.answer((_request, response) => {
      response.writeHead(204).end()
      told.resolve()
    })
    const server = await startServing()
    await registerAt(server.url)
    await told.promise
    assert.equal(bodyOf(receiver.received[0]).type, 'account_registered')
    await server.stop()
    await server.drop()
  })

  it('stops while it is being told, though it never answers, and says that it will be told again', async () => {
    const told = Promise.withResolvers<void>()
    receiver.answer(() => told.resolve())
    const server = await startServing()
    await registerAt(server.url)
    await told.promise
    const begun = performance.now()
    await server.stop()
    assert.ok(performance.now() - begun < 5000)
    assert.ok(server.lines.some((line) => line.includes('the webhook did not take an event; it will be told again')))
    await server.drop()
  })
})

describe('docs/webhooks.md', () => {
  const page = readFileSync(new URL('../../docs/webhooks.md', import.meta.url), 'utf8')

  it('shows a check of the signature that finds a real one good, and nothing else', async () => {
    const [, script = ''] = /```js\n([\s\S]*?)```/.exec(page) ?? []
    const { isFromLatchkey } = await import(`data:text/javascript,${encodeURIComponent(script)}`)
    const test = await startTestApp({ config: webhookSettings(receiver) })
    await register(test)
    await deliverAll(test)
    await test.close()
    const [request] = receiver.received
    assert.ok(request !== undefined)
    assert.equal(isFromLatchkey(request, WEBHOOK_SECRET), true)
    assert.equal(isFromLatchkey({ ...request, body: `${request.body} ` }, WEBHOOK_SECRET), false)
    assert.equal(isFromLatchkey({ ...request, headers: {} }, WEBHOOK_SECRET), false)
    assert.equal(isFromLatchkey(request, WEBHOOK_SECRET, Date.now() + 301_000), false)
  })

  it('names the events that are told unless others are chosen', () => {
    const [, names = ''] = /Without it these are told:\n([\s\S]*?)\. Logins/.exec(page) ?? []
    assert.deepEqual(names.match(/\w+/g), [...DEFAULT_WEBHOOK_EVENTS])
  })
})
