import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSharedDatabase } from './kit/postgres.ts'
import { type ServerProcess, startServerProcess } from './kit/server-process.ts'

/** On loopback nothing is held to a network: the servers take this process for their proxy. */
const SETTINGS = {
  LATCHKEY_SECRET: 'only-tests-have-this-secret-0123456789abcdef',
  LATCHKEY_PUBLIC_URL: 'http://localhost:8000',
  LATCHKEY_TRUSTED_PROXIES: '127.0.0.1',
  LATCHKEY_LIMIT_NETWORK_REGISTRATIONS: '20/1h',
  LATCHKEY_LIMIT_NETWORK_NAMES: '25/1h',
}

describe('budgets of two processes with one database', () => {
  let database: Awaited<ReturnType<typeof createSharedDatabase>>
  let servers: ServerProcess[] = []
  const open = () => startServerProcess({ ...SETTINGS, DATABASE_URL: database.url })

  before(async () => {
    database = await createSharedDatabase()
    servers = await Promise.all([open(), open()])
  })
  after(async () => {
    await stop()
    await database.drop()
  })

  async function stop(): Promise<void> {
    for (const server of servers) server.terminate()
    await Promise.all(servers.map(({ ended }) => ended))
  }

  async function post(index: number, path: string, { from, json }: { from: string; json: object }): Promise<number> {
    const server = servers[index % servers.length]
    assert.ok(server)
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': from }
    const response = await fetch(`${server.url}${path}`, { method: 'POST', headers, body: JSON.stringify(json) })
    await response.text()
    if (response.status !== 503) return response.status
    // A busy machine: the client comes back when it is told to.
    await sleep(Number(response.headers.get('retry-after')) * 1000)
    return post(index, path, { from, json })
  }

  const askAbout = (index: number, from: string) =>
    post(index, '/api/auth/login/', { from, json: { email: `nobody-${index}@example.com`, password: 'a wrong one' } })
  const signUp = (index: number, from: string) => {
    const json = { name: 'Ada', email: `new-${index}@example.com`, password: `Password-1-${index}` }
    return post(index, '/api/auth/register/', { from, json })
  }
  const count = (statuses: readonly number[], status: number) => statuses.filter((each) => each === status).length

  it('let a network ask about so many names on both together, as LATCHKEY_LIMIT_NETWORK_NAMES says', async () => {
    const statuses = await Promise.all(Array.from({ length: 50 }, (_, index) => askAbout(index, '198.51.100.7')))
    assert.deepEqual([count(statuses, 400), count(statuses, 429)], [25, 25])
  })

  it('let a network make so many accounts on both together, as LATCHKEY_LIMIT_NETWORK_REGISTRATIONS says', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 24 }, (_, index) => signUp(index, `2001:db8:1:2::${index + 2}`)),
    )
    assert.deepEqual([count(statuses, 200), count(statuses, 429)], [20, 4])
  })

  it('are what they were after both have been started again, and no other network’s', async () => {
    await stop()
    servers = await Promise.all([open(), open()])
    assert.deepEqual(await Promise.all([askAbout(100, '198.51.100.7'), askAbout(101, '198.51.100.7')]), [429, 429])
    assert.equal(await signUp(100, '2001:db8:1:2:ffff::1'), 429)
    assert.equal(await signUp(100, '2001:db8:1:3::1'), 200)
    assert.equal(await askAbout(100, '198.51.100.8'), 400)
  })
})
