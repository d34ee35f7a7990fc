import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import {
  type ClientEvent,
  type ClientOptions,
  ContractError,
  createDrfTokenClient,
  createExpressJwtClient,
  createLatchkeyClient,
  createSimpleJwtClient,
  memoryStorage,
  SignedOutError,
} from '../src/index.ts'
import { type LiveServer, startLiveServer } from './kit/live-server.ts'
import { openClient } from './kit/open-client.ts'
import { count, watchFetch } from './kit/watched-fetch.ts'

const PASSWORD = 'correct horse battery staple 9'
const RENEWAL = 'POST /api/users/token/refresh/'
const MODERN_RENEWAL = 'POST /v1/session/refresh'

describe('a session', () => {
  let server: LiveServer
  let username = ''
  let accounts = 0
  /** How far the server's clock is ahead; that of the clients is turned apart from it. */
  let offset = 0
  before(async () => {
    server = await startLiveServer()
  })
  after(() => server.close())
  beforeEach(async () => {
    username = `somebody-${++accounts}`
    offset = 0
    const registrar = createSimpleJwtClient({ url: server.url })
    await registrar.register({ username, password: PASSWORD })
  })

  const open = (options: Partial<ClientOptions> = {}) =>
    openClient(server.url, { now: () => Date.now() + offset, ...options })
  const openModern = (options: Partial<ClientOptions> = {}) => {
    const watched = watchFetch()
    const client = createLatchkeyClient({ url: server.url, fetch: watched.fetch, ...options })
    return { client, ...watched }
  }
  const logIn = () => ({ username, password: PASSWORD })
  const whoAmI = () => `${server.url}/v1/session`

  it('is whose password it was, in every request', async () => {
    const { client } = open()
    await client.login(logIn())
    const answer = await client.fetch(whoAmI())
    assert.equal(answer.status, 200)
    const { account, session } = await client.session()
    assert.equal(account.username, username)
    assert.equal(session.contract, 'simplejwt')
  })

  it('renews an access token that has expired once, however many requests there are', async () => {
    const { client, seen } = open()
    const { access } = await client.login(logIn())
    server.advance(301_000)
    const answers = await Promise.all(Array.from({ length: 50 }, () => client.fetch(whoAmI())))
    assert.deepEqual(
      answers.filter(({ status }) => status !== 200),
      [],
    )
    assert.equal(count(seen, RENEWAL), 1)
    const { access: next } = await client.refresh()
    assert.notEqual(next, access)
  })

  it('renews the tokens of /v1 the same way', async () => {
    const { client, seen } = openModern()
    await client.login({ identifier: username, password: PASSWORD })
    server.advance(301_000)
    const answers = await Promise.all(Array.from({ length: 50 }, () => client.session()))
    assert.deepEqual(new Set(answers.map(({ account }) => account.username)), new Set([username]))
    assert.equal(count(seen, MODERN_RENEWAL), 1)
  })

  it('renews a token ahead of its expiry, so that no request is refused and none has to wait', async () => {
    const { client, seen, hold } = open()
    await client.login(logIn())
    offset = 269_000
    assert.equal((await client.fetch(whoAmI())).status, 200)
    assert.equal(count(seen, RENEWAL), 0)
    offset = 271_000
    const renewal = hold('/api/users/token/refresh/')
    await Promise.all(Array.from({ length: 50 }, () => client.fetch(whoAmI())))
    assert.equal(count(seen, 'GET /v1/session'), 51)
    renewal.letGo()
    while (count(seen, RENEWAL) === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await Promise.all(Array.from({ length: 50 }, () => client.fetch(whoAmI())))
    assert.equal(count(seen, RENEWAL), 1)
    assert.ok(!seen.some((line) => line.endsWith(' 401')))
  })

  it('sends the body again when the token was refused', async () => {
    const { client } = open()
    const { access } = await client.login(logIn())
    server.advance(301_000)
    // Any of our paths will do that asks for a token and takes a body.
    const answer = await client.fetch(`${server.url}/api/users/user/`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ first_name: 'Some' }),
    })
    assert.equal(answer.status, 200)
    assert.match(await answer.text(), /"first_name":"Some"/)
    assert.notEqual((await client.refresh()).access, access)
  })

  it('is over once the server will not renew it, and everybody is told once', async () => {
    const reasons: string[] = []
    const storage = memoryStorage()
    const { client, seen, events } = open({ storage, onLogout: (reason) => reasons.push(reason) })
    await client.login(logIn())
    server.advance(86_401_000)
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.fetch(whoAmI())))
    assert.ok(answers.every(({ status }) => status === 401))
    assert.equal(count(seen, RENEWAL), 1)
    assert.deepEqual(reasons, ['expired'])
    assert.deepEqual(events, [{ type: 'signed-in' }, { type: 'signed-out', reason: 'expired' }])
    assert.equal(await storage.get(), null)
    await assert.rejects(client.refresh(), SignedOutError)
  })

  it('ends the same way at /v1, whose refusal is a 400', async () => {
    const reasons: string[] = []
    const { client } = openModern({ onLogout: (reason) => reasons.push(reason) })
    await client.login({ identifier: username, password: PASSWORD })
    const { account } = await client.session()
    await server.core.administration.setActive(account.id, false)
    await assert.rejects(client.refresh(), { name: 'ContractError', status: 400 })
    assert.deepEqual(reasons, ['expired'])
  })

  it('says what the server said to a renewal that was asked for', async () => {
    const { client } = open()
    await client.adopt({ access: 'any', refresh: 'string' })
    await assert.rejects(client.refresh(), (error) => {
      assert.ok(client.isError(error))
      assert.equal(error.status, 401)
      assert.deepEqual(error.body, { detail: 'Token is invalid or expired' })
      return true
    })
  })

  it('is not brought back by a renewal that was under way when somebody logged out', async () => {
    const storage = memoryStorage()
    const { client, hold, events } = open({ storage })
    await client.login(logIn())
    server.advance(301_000)
    const renewal = hold('/api/users/token/refresh/')
    const requests = Array.from({ length: 5 }, () => client.fetch(whoAmI()))
    await renewal.reached
    const { promise: told, resolve } = Promise.withResolvers<ClientEvent>()
    client.subscribe(resolve)
    const loggingOut = client.logout()
    await told
    renewal.letGo()
    assert.deepEqual(await loggingOut, { message: 'Logged out successfully' })
    const answers = await Promise.all(requests)
    assert.ok(answers.every(({ status }) => status === 401))
    assert.equal(await storage.get(), null)
    assert.equal(await client.restore(), false)
    assert.deepEqual(events, [{ type: 'signed-in' }, { type: 'signed-out', reason: 'logout' }])
  })

  it('is ended on the server too when the access token had expired by the logout', async () => {
    const { client } = open()
    const { refresh } = await client.login(logIn())
    server.advance(301_000)
    assert.deepEqual(await client.logout(), { message: 'Logged out successfully' })
    await assert.rejects(open().client.blacklist({ refresh }), { status: 401 })
  })

  it('is over here after a logout that the server never heard of', async () => {
    let isCut = false
    const { client } = open({
      fetch: (request) => (isCut ? Promise.reject(new TypeError('cut')) : fetch(request)),
    })
    await client.login(logIn())
    isCut = true
    await assert.rejects(client.logout(), { name: 'ConnectionError' })
    assert.equal(await client.restore(), false)
  })

  it('ends where its own refresh token is blacklisted', async () => {
    const { client, events } = open()
    const { refresh } = await client.login(logIn())
    assert.deepEqual(await client.blacklist({ refresh }), {})
    assert.deepEqual(events.at(-1), { type: 'signed-out', reason: 'logout' })
  })

  it('never sends a request of one user again in the name of another', async () => {
    const { client, hold, seen } = open()
    await client.login(logIn())
    server.advance(301_000)
    const request = hold('/v1/session')
    const asking = client.fetch(whoAmI())
    await request.reached
    await client.login(logIn())
    request.letGo()
    assert.equal((await asking).status, 401)
    assert.equal(count(seen, RENEWAL), 0)
    assert.equal(await client.restore(), true)
  })

  it('is taken over by a client that finds it in the storage', async () => {
    const storage = memoryStorage()
    await open({ storage }).client.login(logIn())
    const { client, events } = open({ storage })
    assert.equal(await client.restore(), true)
    assert.deepEqual(events, [{ type: 'signed-in' }])
    assert.equal((await client.session()).account.username, username)
  })

  it('without refresh tokens is over when Latchkey says so, and not when another back end does', async () => {
    const { fetch, seen } = watchFetch()
    const events: ClientEvent[] = []
    const client = createDrfTokenClient({
      url: server.url,
      fetch: async (request) =>
        new URL(request.url).pathname === '/refuses' ? new Response(null, { status: 401 }) : fetch(request),
    })
    client.subscribe((event) => events.push(event))
    const email = `${username}@example.com`
    const names = { first_name: 'Some', last_name: 'Body' }
    await client.register({ ...names, email, password1: PASSWORD, password2: PASSWORD })
    await client.login({ email, password: PASSWORD })
    assert.equal((await client.fetch(`${server.url}/refuses`)).status, 401)
    assert.equal((await client.user()).email, email)
    server.advance(86_401_000)
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.fetch(whoAmI())))
    assert.ok(answers.every(({ status }) => status === 401))
    // Ten refused, and one that asked whether the token is dead, beside the one of before.
    assert.equal(count(seen, 'GET /v1/session'), 12)
    assert.deepEqual(events, [{ type: 'signed-in' }, { type: 'signed-out', reason: 'expired' }])
  })

  it('begins with a registration where the contract gives a token for it', async () => {
    const client = createExpressJwtClient({ url: server.url })
    await client.register({ name: 'Some Body', email: `${username}@example.com`, password: PASSWORD })
    assert.equal((await client.session()).account.name, 'Some Body')
    await client.logout()
    await assert.rejects(client.session(), (error) => error instanceof ContractError && error.status === 401)
  })
})
