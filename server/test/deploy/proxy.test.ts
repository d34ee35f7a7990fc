import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { runCli } from '../kit/run-cli.ts'
import { makeDirectory, startServerProcess } from '../kit/server-process.ts'
import { readText } from './files.ts'
import { NO_NGINX, startProxy } from './nginx.ts'

const TEXT = readText('deploy/nginx.conf')
const REGISTER = '/api/users/register/'
const LOGIN = '/api/users/login/'
const ADA = { username: 'ada', password: 'enigma-1940' }

describe('nginx.conf', () => {
  it('sets each forwarded header, and appends to none', () => {
    const set = new Map([...TEXT.matchAll(/proxy_set_header (\S+) (.*);/g)].map(([, name, value]) => [name, value]))
    assert.equal(set.get('X-Forwarded-For'), '$remote_addr')
    assert.equal(set.get('X-Forwarded-Proto'), '$scheme')
    assert.equal(set.get('Host'), '$host')
    assert.equal(set.get('Forwarded'), '""')
    assert.doesNotMatch(TEXT, /\$proxy_add_x_forwarded_for|\$http_x_forwarded/)
  })

  it('asks twice only what may be asked twice', () => {
    assert.match(TEXT, /^\s*proxy_next_upstream error timeout http_502 http_503;$/m)
    assert.match(TEXT, /^\s*proxy_next_upstream_tries 2;$/m)
  })
})

describe('the proxy in front of Latchkey', { skip: NO_NGINX }, () => {
  it('tells it who a client is, whatever the client claims', async (t) => {
    const { env, port, ended } = await startLatchkey(t)
    // What stands in front of this nginx in the test names the client, as the address of a connection would.
    const extra = 'set_real_ip_from 127.0.0.1; real_ip_header X-Test-Address;'
    const proxy = await open(t, [port, port], extra)
    const claims = { 'x-forwarded-for': '198.51.100.9', forwarded: 'for=198.51.100.9', 'x-real-ip': '198.51.100.9' }
    const headers = { 'x-test-address': '203.0.113.7', ...claims }
    assert.equal((await proxy.ask(REGISTER, { method: 'POST', json: ADA, headers })).status, 201)
    assert.equal((await proxy.ask(LOGIN, { method: 'POST', json: ADA, headers })).status, 200)
    assert.deepEqual(await listNetworks(env), ['203.0.113.7'])

    // A new claim for each guess makes no new network.
    const statuses = new Set<number>()
    for (let guess = 0; guess < 61; guess++) {
      const json = { username: `nobody-${guess}`, password: 'wrong' }
      const claimed = { ...headers, 'x-forwarded-for': `198.51.100.${guess}` }
      statuses.add((await proxy.ask(LOGIN, { method: 'POST', json, headers: claimed })).status)
    }
    assert.deepEqual([...statuses], [401, 429])
    const other = { 'x-test-address': '203.0.113.8' }
    assert.equal((await proxy.ask(LOGIN, { method: 'POST', json: ADA, headers: other })).status, 200)
    const { stdout } = await ended()
    assert.doesNotMatch(stdout, /a forwarded header was ignored/)
  })

  it('believes the connection rather than the header where nobody stands in front', async (t) => {
    const { env, port } = await startLatchkey(t)
    const proxy = await open(t, [port, port])
    const headers = { 'x-forwarded-for': '198.51.100.9' }
    assert.equal((await proxy.ask(REGISTER, { method: 'POST', json: ADA, headers })).status, 201)
    assert.equal((await proxy.ask(LOGIN, { method: 'POST', json: ADA, headers })).status, 200)
    assert.deepEqual(await listNetworks(env), [null])
  })

  it('hands on refusals in the words of the contract, and its own headers', async (t) => {
    const { port } = await startLatchkey(t)
    const proxy = await open(t, [port, port])
    const refused = await proxy.ask(LOGIN, { method: 'POST', json: { username: 'ada', password: 'x'.repeat(20_000) } })
    assert.equal(refused.status, 413)
    assert.match(String(refused.headers['content-type']), /^application\/json/)
    assert.equal(refused.headers['cache-control'], 'no-store')
    assert.equal(refused.headers['strict-transport-security'] !== undefined, true)
  })

  it('asks the other server again after a 503, but never for a POST', async (t) => {
    const away = await standIn(t, (_request, response) => response.writeHead(503, { 'retry-after': '7' }).end('{}'))
    const well = await standIn(t, (_request, response) => response.end('{}'))
    const proxy = await open(t, [away.port, well.port])
    for (let time = 0; time < 6; time++) assert.equal((await proxy.ask('/v1/session')).status, 200)
    assert.equal(well.count(), 6)
    const before = { away: away.count(), well: well.count() }
    const statuses: number[] = []
    for (let time = 0; time < 6; time++) statuses.push((await proxy.ask(LOGIN, { method: 'POST', json: {} })).status)
    const refused = statuses.filter((status) => status === 503).length
    assert.ok(refused > 0)
    assert.deepEqual(
      { away: away.count() - before.away, well: well.count() - before.well },
      { away: refused, well: 6 - refused },
    )
  })

  it('finds the server that is there for every request, while the other is gone', async (t) => {
    const well = await standIn(t, (_request, response) => response.end('{}'))
    const gone = await standIn(t, (_request, response) => response.end())
    await gone.close()
    const proxy = await open(t, [gone.port, well.port])
    for (let time = 0; time < 6; time++) {
      assert.equal((await proxy.ask(LOGIN, { method: 'POST', json: {} })).status, 200)
    }
  })

  it('hands on the Retry-After of servers that all refuse, and goes on asking them', async (t) => {
    const refuse: RequestListener = (_request, response) =>
      response.writeHead(503, { 'retry-after': '7' }).end('{"a":1}')
    const servers = [await standIn(t, refuse), await standIn(t, refuse)]
    const proxy = await open(
      t,
      servers.map(({ port }) => port),
    )
    for (let time = 0; time < 4; time++) {
      const { status, headers, text } = await proxy.ask('/v1/session')
      assert.deepEqual({ status, wait: headers['retry-after'], text }, { status: 503, wait: '7', text: '{"a":1}' })
    }
  })

  it('says 503 with Retry-After where no server can be reached', async (t) => {
    const gone = await standIn(t, (_request, response) => response.end())
    await gone.close()
    const proxy = await open(t, [gone.port, gone.port])
    const { status, headers, text } = await proxy.ask(LOGIN, { method: 'POST', json: {} })
    assert.deepEqual({ status, wait: headers['retry-after'] }, { status: 503, wait: '5' })
    assert.deepEqual(Object.keys(JSON.parse(text)), ['detail'])
  })

  it('answers to its own name alone, and logs no query', async (t) => {
    const well = await standIn(t, (_request, response) => response.end('{}'))
    const proxy = await open(t, [well.port, well.port])
    assert.equal(await proxy.accepts('auth.example.com'), true)
    assert.equal(await proxy.accepts('other.example.com'), false)
    await proxy.ask('/v1/session?token=cAnArY')
    assert.match(proxy.readLog(), /"GET \/v1\/session" 200/)
    assert.doesNotMatch(proxy.readLog(), /cAnArY/)
  })
})

async function open(t: TestContext, upstreams: readonly number[], extra = '') {
  const proxy = await startProxy(upstreams, { extra })
  t.after(proxy.close)
  return proxy
}

async function startLatchkey(t: TestContext) {
  const env = {
    DATABASE_URL: `sqlite:${join(makeDirectory(), 'latchkey.db')}`,
    LATCHKEY_PUBLIC_URL: 'https://auth.example.com',
    LATCHKEY_TRUSTED_PROXIES: '127.0.0.1',
  }
  const server = await startServerProcess(env)
  t.after(server.terminate)
  const ended = () => {
    server.terminate()
    return server.ended
  }
  return { env, port: server.port, ended }
}

async function listNetworks(env: Readonly<Record<string, string>>): Promise<(string | null)[]> {
  const { stdout } = await runCli(['sessions', 'list', '--json'], { env })
  return JSON.parse(stdout).map(({ network }: { network: string | null }) => network)
}

/** A server that is not Latchkey, and counts what it is asked. */
async function standIn(t: TestContext, answer: RequestListener) {
  let count = 0
  const server = createServer((request, response) => {
    count++
    request.resume()
    answer(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    server.closeAllConnections()
    server.close()
  }
  t.after(close)
  return { port: (server.address() as AddressInfo).port, count: () => count, close }
}
