import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
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

  it('lets somebody log out, who is then logged out', async (t) => {
    const { port } = await startLatchkey(t)
    const proxy = await open(t, [port, port])
    await proxy.ask(REGISTER, { method: 'POST', json: ADA })
    const { text } = await proxy.ask('/simplejwt/api/users/login/', { method: 'POST', json: ADA })
    const headers = { authorization: `Bearer ${JSON.parse(text).access}` }
    const statuses: number[] = []
    for (const method of ['GET', 'DELETE', 'GET']) {
      statuses.push((await proxy.ask('/v1/session', { method, headers })).status)
    }
    assert.deepEqual(statuses, [200, 204, 401])
  })

  it('asks the other server again after a 503, but never for a POST or a DELETE', async (t) => {
    const away = await standIn(t, (_request, response) => response.writeHead(503, { 'retry-after': '7' }).end('{}'))
    const well = await standIn(t, (_request, response) => response.end('{}'))
    const proxy = await open(t, [away.port, well.port])
    for (let time = 0; time < 6; time++) assert.equal((await proxy.ask('/v1/session')).status, 200)
    assert.equal(well.count(), 6)
    for (const method of ['POST', 'DELETE']) {
      const before = { away: away.count(), well: well.count() }
      const statuses: number[] = []
      for (let time = 0; time < 6; time++) statuses.push((await proxy.ask(LOGIN, { method })).status)
      const refused = statuses.filter((status) => status === 503).length
      assert.ok(refused > 0)
      assert.deepEqual(
        { away: away.count() - before.away, well: well.count() - before.well },
        { away: refused, well: 6 - refused },
      )
    }
  })

  it('asks once, and once only, what a server cut off after it had it, unless it is GET or HEAD', async (t) => {
    const cutting = await standIn(t, (request) => request.on('end', () => request.socket.destroy()))
    for (const method of ['DELETE', 'PUT', 'PATCH', 'POST', 'OPTIONS', 'GET', 'HEAD']) {
      for (const json of [undefined, {}]) {
        const proxy = await open(t, [cutting.port, cutting.port])
        const before = cutting.count()
        const { status, headers } = await proxy.ask('/v1/session', { method, json })
        assert.deepEqual({ method, status, wait: headers['retry-after'] }, { method, status: 503, wait: '5' })
        const isRepeatable = method === 'GET' || method === 'HEAD'
        assert.equal(cutting.count() - before, isRepeatable ? 2 : 1, method)
      }
    }
  })

  it('does not send a DELETE again over a new connection when the one it was sent over breaks', async (t) => {
    let isCutting = false
    const server = await standIn(t, (request, response) => {
      request.on('end', () => (isCutting ? request.socket.destroy() : response.end('{}')))
    })
    const proxy = await open(t, [server.port, server.port])
    assert.equal((await proxy.ask('/v1/session', { method: 'DELETE' })).status, 200)
    isCutting = true
    const before = server.count()
    assert.equal((await proxy.ask('/v1/session', { method: 'DELETE' })).status, 503)
    assert.equal(server.count() - before, 1)
  })

  it('hands on the body and the answer of a DELETE and a PUT as they are, whichever server is there', async (t) => {
    const server = await standIn(t, async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const text = `${request.method} ${request.url} ${request.headers['x-forwarded-proto']} ${Buffer.concat(chunks)}`
      response.writeHead(409, { 'retry-after': '7' }).end(text)
    })
    const gone = await standIn(t, (_request, response) => response.end())
    await gone.close()
    const proxy = await open(t, [gone.port, server.port])
    for (const method of ['DELETE', 'PUT', 'DELETE', 'PUT']) {
      const { status, headers, text } = await proxy.ask('/a%2Fb/?c=d', { method, json: { e: 1 } })
      assert.deepEqual({ status, wait: headers['retry-after'] }, { status: 409, wait: '7' })
      assert.equal(text, `${method} /a%2Fb/?c=d https {"e":1}`)
    }
  })

  for (const method of ['GET', 'POST', 'DELETE', 'PUT']) {
    it(`finds the server that is there for every ${method}, while the other is gone`, async (t) => {
      const well = await standIn(t, (_request, response) => response.end('{}'))
      const gone = await standIn(t, (_request, response) => response.end())
      await gone.close()
      for (const upstreams of [
        [gone.port, well.port],
        [well.port, gone.port],
      ]) {
        const proxy = await open(t, upstreams)
        const before = well.count()
        const answers = await Promise.all(Array.from({ length: 12 }, () => proxy.ask('/v1/session', { method })))
        assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
        assert.equal(well.count() - before, 12)
      }
    })
  }

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

  it('sends no request over a connection on which another waits for its answer', async (t) => {
    let waiting = 0
    const connections = new Set<Socket>()
    const slow = await standIn(t, (request, response) => {
      connections.add(request.socket)
      // Node gives an answer its socket once those before it are written.
      if (response.socket === null) waiting++
      setTimeout(() => response.end('{}'), 20)
    })
    const proxy = await open(t, [slow.port, slow.port])
    for (const method of ['GET', 'POST', 'DELETE']) {
      const answers = await Promise.all(Array.from({ length: 100 }, () => proxy.ask('/v1/session', { method })))
      assert.ok(answers.every(({ status }) => status === 200))
    }
    assert.ok(connections.size < 300, 'connections are used again')
    assert.equal(waiting, 0)
  })

  it('says 503 with Retry-After where no server can be reached', async (t) => {
    const gone = await standIn(t, (_request, response) => response.end())
    await gone.close()
    const proxy = await open(t, [gone.port, gone.port])
    for (const method of ['GET', 'POST', 'DELETE', 'DELETE']) {
      const { status, headers, text } = await proxy.ask(LOGIN, { method })
      assert.deepEqual({ status, wait: headers['retry-after'] }, { status: 503, wait: '5' })
      assert.deepEqual(Object.keys(JSON.parse(text)), ['detail'])
    }
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
