import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import {
  type ClientEvent,
  type ClientOptions,
  ConnectionError,
  ContractError,
  createSimpleJwtClient,
  memoryStorage,
} from '../src/index.ts'
import { type BackEnd, startBackEnd } from './kit/back-end.ts'

/** What a Latchkey answers to a renewal. */
type Plan = { status: number; headers?: Readonly<Record<string, string>>; text?: string }

/** A token that says it is good for 300 seconds. */
const ACCESS = `e30.${btoa(JSON.stringify({ iat: 1000, exp: 1300 })).replaceAll('=', '')}.`

describe('a client in trouble', () => {
  const start = async (t: TestContext, answer: Parameters<typeof startBackEnd>[0]): Promise<BackEnd> => {
    const server = await startBackEnd(answer)
    t.after(() => server.close())
    return server
  }
  /** Somebody who is signed in, and whose token must be renewed before it is any use. */
  const open = async (url: string, options: Partial<ClientOptions> = {}) => {
    let time = 0
    const storage = memoryStorage()
    const events: ClientEvent[] = []
    const client = createSimpleJwtClient({ url, storage, now: () => time, ...options })
    await client.adopt({ access: ACCESS, refresh: 'a-refresh-token' })
    client.subscribe((event) => events.push(event))
    return { client, storage, events, advance: (milliseconds: number) => (time += milliseconds) }
  }
  /** A Latchkey that renews as it is told, and takes every token elsewhere. */
  const startLatchkey = (t: TestContext, plan: Plan) =>
    start(t, (request, response) => {
      const { status, headers = {}, text = '' } = request.url?.endsWith('/refresh/') ? plan : { status: 204 }
      response.writeHead(status, headers).end(text)
    })

  for (const status of [429, 503]) {
    it(`stays signed in on a ${status}, and leaves the server alone for as long as it says`, async (t) => {
      const plan: Plan = { status, headers: { 'retry-after': '7' }, text: '{"detail":"Later."}' }
      const latchkey = await startLatchkey(t, plan)
      const { client, events, advance } = await open(latchkey.url)
      advance(301_000)
      const tries = await Promise.allSettled(Array.from({ length: 20 }, () => client.fetch(`${latchkey.url}/things`)))
      for (const result of tries) {
        assert.ok(result.status === 'rejected' && client.isError(result.reason))
        assert.equal(result.reason.status, status)
        assert.equal(result.reason.retryAfter, 7)
        assert.deepEqual(result.reason.body, { detail: 'Later.' })
      }
      advance(6_999)
      await assert.rejects(client.fetch(`${latchkey.url}/things`), { status })
      assert.equal(latchkey.seen.length, 1)
      advance(1)
      Object.assign(plan, { status: 200, text: JSON.stringify({ access: ACCESS }) })
      assert.equal((await client.fetch(`${latchkey.url}/things`)).status, 204)
      assert.deepEqual(events, [])
    })
  }

  it('does not believe that it has to leave the server alone for ever', async (t) => {
    const plan: Plan = { status: 503, headers: { 'retry-after': '99999999999' } }
    const latchkey = await startLatchkey(t, plan)
    const { client, advance } = await open(latchkey.url)
    advance(301_000)
    await assert.rejects(client.fetch(`${latchkey.url}/things`), { status: 503 })
    advance(900_000)
    Object.assign(plan, { status: 200, text: JSON.stringify({ access: ACCESS }) })
    assert.equal((await client.fetch(`${latchkey.url}/things`)).status, 204)
  })

  it('renews a token once, and not for every request, where a back end refuses each', async (t) => {
    const latchkey = await startLatchkey(t, { status: 200, text: JSON.stringify({ access: `${ACCESS}2` }) })
    const backEnd = await start(t, (_request, response) => response.writeHead(401).end())
    const { client, events } = await open(latchkey.url, { origins: [backEnd.url] })
    for (let request = 0; request < 5; request++) {
      assert.equal((await client.fetch(`${backEnd.url}/things`)).status, 401)
    }
    assert.equal(latchkey.seen.length, 1)
    assert.equal(backEnd.seen.length, 6)
    assert.deepEqual(events, [])
  })

  it('uses a token that is still good while nobody can renew it', async (t) => {
    const latchkey = await startLatchkey(t, { status: 502, text: '<html>Bad Gateway</html>' })
    const { client, advance } = await open(latchkey.url)
    advance(299_999)
    assert.equal((await client.fetch(`${latchkey.url}/things`)).status, 204)
    assert.ok(latchkey.seen.includes(`GET /things Bearer ${ACCESS}`))
    advance(1)
    await assert.rejects(client.fetch(`${latchkey.url}/things`), (error) => {
      assert.ok(error instanceof ContractError)
      assert.equal(error.body, null)
      assert.equal(error.json, undefined)
      assert.equal(error.text, '<html>Bad Gateway</html>')
      assert.equal(error.message, 'The server answered 502.')
      return true
    })
  })

  it('stays signed in where no answer comes', async (t) => {
    const latchkey = await startLatchkey(t, { status: 204 })
    const { client, events, storage, advance } = await open(latchkey.url)
    await latchkey.close()
    advance(301_000)
    await assert.rejects(client.fetch(`${latchkey.url}/things`), (error) => {
      assert.ok(error instanceof ConnectionError && error.cause instanceof TypeError)
      return true
    })
    const failing = client.login({ username: 'somebody', password: 'password' })
    await assert.rejects(failing, { name: 'ConnectionError', message: /LATCHKEY_CORS_ORIGINS/ })
    const elsewhere = client.fetch('http://127.0.0.1:1/things')
    await assert.rejects(elsewhere, {
      name: 'ConnectionError',
      message: /^No answer from http:\/\/127\.0\.0\.1:1\..* it must allow/,
    })
    assert.deepEqual(events, [])
    assert.notEqual(await storage.get(), null)
  })

  it('gives up on a server that says nothing', async (t) => {
    const latchkey = await start(t, () => {})
    const { client } = await open(latchkey.url, { timeout: 20 })
    await assert.rejects(client.login({ username: 'somebody', password: 'password' }), ConnectionError)
  })

  it('gives up on an answer that never ends', async (t) => {
    const latchkey = await start(t, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{')
    })
    const { client } = await open(latchkey.url, { timeout: 50 })
    await assert.rejects(client.login({ username: 'somebody', password: 'password' }), ConnectionError)
  })

  it('tells whoever called a request off their own reason', async (t) => {
    const backEnd = await start(t, () => {})
    const { client } = await open(backEnd.url)
    const controller = new AbortController()
    const asking = client.fetch(`${backEnd.url}/things`, { signal: controller.signal })
    controller.abort(new RangeError('not needed any more'))
    await assert.rejects(asking, RangeError)
  })

  it('tells them at once, also while the token is renewed, which goes on for the others', async (t) => {
    const renewal = Promise.withResolvers<void>()
    const latchkey = await start(t, async (request, response) => {
      if (!request.url?.endsWith('/refresh/')) return void response.writeHead(204).end()
      await renewal.promise
      response.end(JSON.stringify({ access: `${ACCESS}2` }))
    })
    const { client, advance } = await open(latchkey.url)
    advance(301_000)
    const controller = new AbortController()
    const asking = client.fetch(`${latchkey.url}/things`, { signal: controller.signal })
    const other = client.fetch(`${latchkey.url}/things`)
    controller.abort(new RangeError('not needed any more'))
    await assert.rejects(asking, RangeError)
    renewal.resolve()
    assert.equal((await other).status, 204)
    assert.equal(latchkey.seen.length, 2)
  })

  it('sends a request again also where the refusal broke off', async (t) => {
    const broken = Promise.withResolvers<void>()
    const latchkey = await start(t, (request, response) => {
      if (request.url?.endsWith('/refresh/')) response.end(JSON.stringify({ access: `${ACCESS}2` }))
      else if (request.headers.authorization !== `Bearer ${ACCESS}`) response.writeHead(204).end()
      else {
        response.on('close', broken.resolve)
        response.writeHead(401, { 'content-length': 100 }).write('x', () => response.destroy())
      }
    })
    const { client } = await open(latchkey.url, {
      fetch: async (request) => {
        const response = await fetch(request)
        // Until this side has noticed, too.
        if (response.status === 401)
          await response
            .clone()
            .text()
            .catch(() => broken.promise)
        return response
      },
    })
    assert.equal((await client.fetch(`${latchkey.url}/things`)).status, 204)
  })

  it('takes a page in the place of an answer for none', async (t) => {
    const latchkey = await start(t, (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome to our hotel</html>')
    })
    const { client, events } = await open(latchkey.url)
    const asked = { username: 'somebody', password: 'password' }
    for (const promise of [client.login(asked), client.register(asked), client.session(), client.refresh()]) {
      await assert.rejects(promise, {
        name: 'ContractError',
        message: 'The server answered 200, but not what was promised.',
        text: '<html>Welcome to our hotel</html>',
      })
    }
    assert.deepEqual(events, [])
  })

  it('keeps the refresh token that a server rotates', async (t) => {
    const texts = [{ refresh: 'the second' }, { refresh: 'the third' }, {}, {}]
    const sent: string[] = []
    const latchkey = await start(t, (request, response) => {
      request.on('data', (chunk) => sent.push(JSON.parse(String(chunk)).refresh))
      request.on('end', () => response.end(JSON.stringify({ access: ACCESS + sent.length, ...texts[sent.length - 1] })))
    })
    const { client } = await open(latchkey.url)
    for (const _ of texts) await client.refresh()
    assert.deepEqual(sent, ['a-refresh-token', 'the second', 'the third', 'the third'])
  })

  it('believes another tab that was faster rather than a refusal of a token that was rotated', async (t) => {
    const storage = memoryStorage()
    const latchkey = await start(t, async (_request, response) => {
      const kept = JSON.parse((await storage.get()) ?? '')
      await storage.set(JSON.stringify({ ...kept, access: `${ACCESS}2`, refresh: 'the second' }))
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"detail":"Token is invalid or expired"}')
    })
    const { client, events } = await open(latchkey.url, { storage })
    assert.deepEqual(await client.refresh(), { access: `${ACCESS}2` })
    assert.deepEqual(events, [])
  })
})
