import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadConfig } from '../src/config/load-config.ts'
import { CONTRACT_NAMES } from '../src/contracts/index.ts'
import { createLog } from '../src/log.ts'
import { startServer } from '../src/start.ts'
import { canConnect } from './kit/ports.ts'
import { createSharedDatabase } from './kit/postgres.ts'
import { ask, startServerProcess } from './kit/server-process.ts'

const LOGIN = '/api/auth/login/'
const PERSON = { name: 'Ada', email: 'ada@example.com', password: 'Password-1' }
/** Without limits, because one account would be refused more than ten logins at a time. */
const ENVIRONMENT = { LATCHKEY_SECRET: 'only-tests-have-this-secret-0123456789abcdef', LATCHKEY_LIMITS: 'off' }

describe('a server that is asked to stop', () => {
  it('answers every login under way, is not ready any more, and gives its port back', async () => {
    const server = await startServer(settings(), { log: createLog('silent', { write() {} }, { isForPeople: false }) })
    const port = Number(new URL(server.url).port)
    await ask(`${server.url}/api/auth/register/`, { json: PERSON })
    const clients = await openClients(port, 30)
    const probe = await openClients(port, 1)

    const logins = clients.map((client) => client.login())
    await Promise.race(logins)
    const started = performance.now()
    const stopping = server.stop()
    const readiness = await Promise.allSettled(probe.map((client) => client.get('/readyz')))
    for (const { status } of await Promise.all(logins)) assert.equal(status, 200)
    await stopping
    assert.ok(performance.now() - started < 5000, 'a kept connection does not hold it up')

    // An idle connection is closed at once; one that still gets an answer is told the truth.
    for (const outcome of readiness) assert.ok(outcome.status === 'rejected' || outcome.value.status === 503)
    assert.equal(await canConnect(port), false)
    for (const client of clients) client.close()
  })

  it('tells that it is not ready to whoever asks on a connection that is still in use', async () => {
    const server = await startServer(settings(), { log: createLog('silent', { write() {} }, { isForPeople: false }) })
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(server.url).port) })
    let received = ''
    socket.on('data', (chunk) => (received += String(chunk)))
    await once(socket, 'connect')
    // Half a request keeps the connection busy; its end, and the question behind it, come after the stop.
    const head = `POST ${LOGIN} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{`
    socket.write(head)
    await sleep(50)
    const stopping = server.stop()
    await sleep(50)
    socket.write('}GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n')
    await once(socket, 'close')
    await stopping
    assert.match(received, /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*"Email is required!"/)
    assert.match(received, /HTTP\/1\.1 503 Service Unavailable\r\n[\s\S]*retry-after: 5[\s\S]*\{"status":"draining"\}$/)
  })

  it('in a process of its own answers 100 logins in flight at SIGTERM and exits 0', async () => {
    const server = await startServerProcess({
      ...ENVIRONMENT,
      DATABASE_URL: (await createSharedDatabase()).url,
    })
    assert.equal((await ask(`${server.url}/api/auth/register/`, { json: PERSON })).status, 200)
    const clients = await openClients(server.port, 100)
    const logins = clients.map((client) => client.login())
    await Promise.race(logins)
    const started = performance.now()
    server.terminate()
    const statuses = (await Promise.all(logins)).map(({ status }) => status)
    const { code, signal, stderr } = await server.ended
    for (const client of clients) client.close()

    assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' })
    assert.ok(performance.now() - started < 10_000, 'kept connections do not hold it up')
    // A queue that is too long is refused, and that is an answer: 503 with Retry-After, never a cut connection.
    assert.equal(statuses.filter((status) => status === 200 || status === 503).length, 100)
    assert.ok(statuses.filter((status) => status === 200).length >= 50)
    assert.equal(await canConnect(server.port), false)
  })
})

type KeptClient = {
  login(): Promise<{ status: number }>
  get(path: string): Promise<{ status: number }>
  close(): void
}

/** Clients whose connections the server has accepted already: each has had an answer on its own. */
async function openClients(port: number, count: number): Promise<readonly KeptClient[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      const ask = async (method: string, path: string, body?: string) => {
        const headers = body === undefined ? {} : { 'content-type': 'application/json' }
        const outgoing = httpRequest({ host: '127.0.0.1', port, method, path, agent, headers })
        outgoing.end(body)
        const [incoming] = await once(outgoing, 'response')
        incoming.resume()
        await once(incoming, 'end')
        return { status: Number(incoming.statusCode) }
      }
      await ask('GET', '/healthz')
      return {
        login: () => ask('POST', LOGIN, JSON.stringify(PERSON)),
        get: (path) => ask('GET', path),
        close: () => agent.destroy(),
      }
    }),
  )
}

function settings() {
  const env = { ...ENVIRONMENT, PORT: '0', DATABASE_URL: 'sqlite::memory:' }
  return loadConfig({ env, contractNames: CONTRACT_NAMES })
}
