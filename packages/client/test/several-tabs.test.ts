import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type ClientEvent, type ClientOptions, createSimpleJwtClient, SignedOutError } from '../src/index.ts'
import { type LiveServer, startLiveServer } from './kit/live-server.ts'
import { openClient } from './kit/open-client.ts'
import { shareStorage } from './kit/shared-storage.ts'
import { count } from './kit/watched-fetch.ts'

const PASSWORD = 'correct horse battery staple 9'
const RENEWAL = 'POST /api/users/token/refresh/'

describe('a session of several tabs', () => {
  let server: LiveServer
  let username = ''
  let accounts = 0
  before(async () => {
    server = await startLiveServer()
  })
  after(() => server.close())
  beforeEach(async () => {
    username = `somebody-${++accounts}`
    await createSimpleJwtClient({ url: server.url }).register({ username, password: PASSWORD })
  })

  const open = (options: Partial<ClientOptions>) => openClient(server.url, options)
  const logIn = () => ({ username, password: PASSWORD })
  const whoAmI = () => `${server.url}/v1/session`

  it('is renewed once for all of them, and all take the new token', async () => {
    const tab = shareStorage(`renewed-${username}`)
    const first = open({ storage: tab() })
    const second = open({ storage: tab() })
    await first.client.login(logIn())
    server.advance(301_000)
    const answers = await Promise.all(
      [first, second].flatMap(({ client }) => Array.from({ length: 25 }, () => client.fetch(whoAmI()))),
    )
    assert.ok(answers.every(({ status }) => status === 200))
    assert.equal(count([...first.seen, ...second.seen], RENEWAL), 1)
  })

  it('ends in all of them', async () => {
    const tab = shareStorage(`ended-${username}`)
    const first = open({ storage: tab() })
    const second = open({ storage: tab() })
    await first.client.login(logIn())
    assert.equal(await second.client.restore(), true)
    const { promise: told, resolve } = Promise.withResolvers<ClientEvent>()
    second.client.subscribe(resolve)
    await first.client.logout()
    assert.deepEqual(await told, { type: 'signed-out', reason: 'elsewhere' })
    assert.equal(await second.client.restore(), false)
  })

  it('is not brought back by a tab that renews it while another logs out', async () => {
    const tab = shareStorage(`back-${username}`)
    const first = open({ storage: tab() })
    const second = open({ storage: tab() })
    const { refresh } = await first.client.login(logIn())
    await second.client.restore()
    const renewal = second.hold('/api/users/token/refresh/')
    const renewing = assert.rejects(second.client.refresh(), SignedOutError)
    await renewal.reached
    assert.deepEqual(await first.client.logout(), { message: 'Logged out successfully' })
    renewal.letGo()
    await renewing
    assert.equal(await tab().get(), null)
    await assert.rejects(first.client.blacklist({ refresh }), { status: 401 })
  })

  it('stays over when a tab that had not heard of the end has written its tokens again', async () => {
    const tab = shareStorage(`late-${username}`)
    const storage = tab()
    const { client } = open({ storage })
    await client.login(logIn())
    const text = (await storage.get()) ?? ''
    await client.logout()
    await tab().set(text)
    assert.equal(await client.restore(), false)
    assert.equal(await storage.get(), null)
  })
})
