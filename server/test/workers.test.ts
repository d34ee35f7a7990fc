import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { loadConfig } from '../src/config/load-config.ts'
import { CONTRACT_NAMES } from '../src/contracts/index.ts'
import { createLog } from '../src/log.ts'
import { type Latchkey, openLatchkey } from '../src/open-latchkey.ts'
import { LOCAL } from './kit/clients.ts'
import { openConnection } from './kit/kept-connection.ts'
import { canConnect } from './kit/ports.ts'
import { createTestDatabase, type TestDatabase } from './kit/postgres.ts'
import { makeDirectory, type ServerProcess, startServerProcess } from './kit/server-process.ts'
import { untilKnownElsewhere } from './kit/staleness.ts'
import { isRunning, type Reached, reach, reachAll, readLog, until } from './kit/worker-processes.ts'

const LOGIN = '/simplejwt/api/users/login/'
const REGISTER = '/api/users/register/'
const PASSWORD = 'Password-1'
const SECRET = 'only-tests-have-this-secret-0123456789abcdef'
const TWO = ['--workers', '2']

const ENGINES: Readonly<Record<string, () => Promise<Pick<TestDatabase, 'url' | 'drop'>>>> = {
  SQLite: async () => ({ url: `sqlite:${join(makeDirectory(), 'latchkey.db')}`, drop: async () => {} }),
  PostgreSQL: createTestDatabase,
}

type Environment = { readonly DATABASE_URL: string; readonly LATCHKEY_SECRET: string }

for (const [engine, makeDatabase] of Object.entries(ENGINES)) {
  describe(`two workers on ${engine}`, () => {
    let database: Pick<TestDatabase, 'url' | 'drop'>
    let env: Environment
    let server: ServerProcess
    let operator: Latchkey
    let workers: readonly [Reached, Reached]

    before(async () => {
      database = await makeDatabase()
      env = { DATABASE_URL: database.url, LATCHKEY_SECRET: SECRET }
      server = await startServerProcess(env, TWO)
      operator = await openOperator(env)
      const [one, two] = await reachAll(server, 2)
      assert.ok(one && two)
      workers = [one, two]
    })
    after(async () => {
      for (const worker of workers) worker.close()
      await operator.close()
      server.terminate()
      const { code, stderr } = await server.ended
      await database.drop()
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    })

    it('share one port; one line says that they listen, and each line tells whose it is', () => {
      assert.ok(workers.every(({ processId }) => processId !== server.processId && isRunning(processId)))
      const lines = readLog(server)
      const announcements = lines.filter(({ msg }) => msg === 'listening')
      assert.deepEqual(
        announcements.map(({ pid, url }) => ({ pid, url })),
        [{ pid: server.processId, url: server.url }],
      )
      for (const { pid } of lines) assert.ok(Number.isInteger(pid))
    })

    it('take each other’s sessions, and a logout at one is seen at the other within a second', async () => {
      const username = await signUp(workers[0])
      for (const [here, there] of bothWays(workers)) {
        const token = await signIn(here, username)
        assert.deepEqual([await isAlive(there, token), await isAlive(here, token)], [true, true])
        assert.equal((await here.ask({ method: 'DELETE', path: '/v1/session', token })).status, 204)
        assert.equal(await isAlive(here, token), false)
        await untilKnownElsewhere()
        assert.equal(await isAlive(there, token), false)
      }
    })

    it('refuse within a second what an operator disabled', async () => {
      const username = await signUp(workers[0])
      const tokens = [await signIn(workers[0], username), await signIn(workers[1], username)]
      const account = await operator.core.administration.findAccount(username)
      await operator.core.administration.setActive(account?.id ?? 0, false)
      await untilKnownElsewhere()
      for (const worker of workers) {
        for (const token of tokens) assert.equal(await isAlive(worker, token), false)
        const { status } = await worker.ask({ path: LOGIN, json: { username, password: PASSWORD } })
        assert.equal(status, 401)
      }
    })

    it('refuse at once a password that was changed at the other, and within a second the sessions of it', async () => {
      for (const [here, there] of bothWays(workers)) {
        const username = await signUp(there)
        const [changing, other] = [await signIn(here, username), await signIn(there, username)]
        const json = { old_password: PASSWORD, new_password1: 'Changed-2', new_password2: 'Changed-2' }
        assert.equal((await here.ask({ path: '/api/users/password/change/', token: changing, json })).status, 200)
        assert.equal((await there.ask({ path: LOGIN, json: { username, password: PASSWORD } })).status, 401)
        await untilKnownElsewhere()
        for (const worker of workers) {
          assert.deepEqual([await isAlive(worker, other), await isAlive(worker, changing)], [false, true])
          assert.equal((await worker.ask({ path: LOGIN, json: { username, password: PASSWORD } })).status, 401)
        }
        assert.equal((await there.ask({ path: LOGIN, json: { username, password: 'Changed-2' } })).status, 200)
      }
    })

    it('count wrong guesses together, over however many connections they come', async () => {
      const username = await signUp(workers[0])
      const guess = async (worker: Pick<Reached, 'ask'>) =>
        (await worker.ask({ path: LOGIN, json: { username, password: 'a wrong guess' } })).status
      for (let count = 0; count < 10; count++) {
        const connection = openConnection(server.port)
        assert.equal(await guess(connection), 401)
        connection.close()
      }
      assert.deepEqual([await guess(workers[0]), await guess(workers[1])], [429, 429])
    })

    it('of 60 wrong guesses at once, half of them at each, evaluate 10', async () => {
      const username = await signUp(workers[0])
      const connections = Array.from({ length: 60 }, () => openConnection(server.port))
      const statuses = await Promise.all(
        connections.map(async (connection) => {
          const { status } = await connection.ask({ path: LOGIN, json: { username, password: 'a wrong guess' } })
          connection.close()
          return status
        }),
      )
      assert.equal(statuses.filter((status) => status === 401).length, 10)
      assert.equal(statuses.filter((status) => status === 429).length, 50)
    })
  })

  describe(`workers on ${engine} when something is killed`, () => {
    let database: Pick<TestDatabase, 'url' | 'drop'>
    let env: Environment
    before(async () => {
      database = await makeDatabase()
      env = { DATABASE_URL: database.url, LATCHKEY_SECRET: SECRET }
    })
    after(() => database.drop())

    it('lose nothing acknowledged, and replace the one that was killed under load', async () => {
      const server = await startServerProcess(env, TWO)
      const [victim, survivor] = await reachAll(server, 2)
      assert.ok(victim && survivor)
      const acknowledged: { username: string; token: string }[] = []
      let isEnough = false
      const load = Promise.all(
        Array.from({ length: 6 }, async () => {
          while (!isEnough) await signUpSomewhere(server, acknowledged)
        }),
      )
      await until(() => acknowledged.length >= 10, 'nobody could sign up')
      process.kill(victim.processId, 'SIGKILL')
      await until(() => findLines(server, 'a worker has taken').length === 1, 'nobody took the place')
      const soFar = acknowledged.length
      await until(() => acknowledged.length >= soFar + 10, 'nobody could sign up any more')
      isEnough = true
      await load

      const after = await reachAll(server, 2)
      const processIds = after.map(({ processId }) => processId)
      assert.ok(processIds.includes(survivor.processId) && !processIds.includes(victim.processId))
      for (const { username, token } of acknowledged) {
        for (const worker of after) assert.equal(await isAlive(worker, token), true, username)
      }
      const [death] = findLines(server, 'a worker died')
      assert.partialDeepStrictEqual(death, { pid: server.processId, worker: victim.processId, reason: 'SIGKILL' })
      for (const worker of [victim, survivor, ...after]) worker.close()
      server.terminate()
      assert.equal((await server.ended).code, 0)

      const operator = await openOperator(env)
      const { accounts, integrity } = await operator.inspect()
      const found = await operator.core.administration.listAccounts({ after: 0, limit: 10_000 })
      await operator.close()
      const names = new Set(found.map(({ username }) => username))
      assert.ok(acknowledged.every(({ username }) => names.has(username)))
      assert.deepEqual({ accounts, integrity }, { accounts: found.length, integrity: 'ok' })
    })

    it('end at once when the process that leads them is killed, and leave the port to the next', async () => {
      const server = await startServerProcess(env, TWO)
      const workers = await reachAll(server, 2)
      process.kill(server.processId, 'SIGKILL')
      await until(() => !workers.some(({ processId }) => isRunning(processId)), 'a worker was still there')
      for (const worker of workers) worker.close()
      const next = await startServerProcess({ ...env, PORT: String(server.port) }, TWO)
      assert.equal(next.port, server.port)
      next.terminate()
      assert.equal((await next.ended).code, 0)
    })
  })

  describe(`workers on ${engine} that are asked to stop`, () => {
    it('answer 60 logins in flight, and exit 0', async () => {
      const database = await makeDatabase()
      const env = { DATABASE_URL: database.url, LATCHKEY_SECRET: SECRET, LATCHKEY_LIMITS: 'off' }
      const server = await startServerProcess(env, TWO)
      const workers = await reachAll(server, 2)
      const username = await signUp(workers[0] ?? openConnection(server.port))
      const connections = Array.from({ length: 60 }, () => openConnection(server.port))
      await Promise.all(connections.map((connection) => connection.ask({ method: 'GET', path: '/healthz' })))
      const logins = connections.map((connection) =>
        connection.ask({ path: LOGIN, json: { username, password: PASSWORD } }),
      )
      // Who answers what came later has read what came before.
      for (const worker of workers) await worker.ask({ method: 'GET', path: '/healthz' })
      // As Ctrl-C does, and systemd: all of them are told, not only the one that leads.
      for (const { processId } of workers) process.kill(processId, 'SIGTERM')
      server.terminate()
      const statuses = (await Promise.all(logins)).map(({ status }) => status)
      const { code, signal, stderr } = await server.ended
      for (const connection of [...connections, ...workers]) connection.close()
      await database.drop()

      assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' })
      // A queue that is too long is refused, and that is an answer; a cut connection is none.
      assert.ok(statuses.every((status) => status === 200 || status === 503))
      assert.ok(statuses.includes(200))
      assert.ok(!workers.some(({ processId }) => isRunning(processId)))
    })
  })
}

describe('workers', () => {
  const env = () => ({ DATABASE_URL: `sqlite:${join(makeDirectory(), 'latchkey.db')}`, LATCHKEY_SECRET: SECRET })

  it('are told to start only when the port is free: else there is one sentence, and exit code 1', async () => {
    const first = await startServerProcess(env(), TWO)
    const second = startServerProcess({ ...env(), PORT: String(first.port) }, TWO)
    await assert.rejects(second, {
      message: `The server ended before it listened: latchkey: Port ${first.port} on 127.0.0.1 is in use: stop what is there, or set PORT.\n`,
    })
    first.terminate()
    assert.equal((await first.ended).code, 0)
  })

  it('that die as soon as they are there are replaced after a pause that grows', async () => {
    const server = await startServerProcess(env(), TWO)
    const [victim] = await reachAll(server, 2)
    let processId = victim?.processId ?? 0
    victim?.close()
    for (let deaths = 1; deaths <= 3; deaths++) {
      process.kill(processId, 'SIGKILL')
      const [line] = await until(
        () => findLines(server, 'a worker has taken').slice(deaths - 1),
        'nobody took the place',
      )
      processId = Number(line?.worker)
    }
    assert.deepEqual(
      findLines(server, 'a worker died').map(({ pause }) => pause),
      [0, 250, 500],
    )
    server.terminate()
    assert.equal((await server.ended).code, 0)
  })

  it('that all die together come back to the same port', async () => {
    const server = await startServerProcess(env(), TWO)
    const workers = await reachAll(server, 2)
    for (const worker of workers) {
      worker.close()
      process.kill(worker.processId, 'SIGSTOP')
    }
    for (const worker of workers) process.kill(worker.processId, 'SIGKILL')
    await until(() => findLines(server, 'a worker has taken').length === 2, 'nobody took their places')
    const after = await reachAll(server, 2)
    assert.ok(after.every(({ processId }) => workers.every((worker) => worker.processId !== processId)))
    for (const worker of after) worker.close()
    server.terminate()
    assert.equal((await server.ended).code, 0)
  })

  it('finish what they are doing when one of them alone is asked to end, and another takes its place', async () => {
    const server = await startServerProcess(env(), TWO)
    const asked = await reach(server)
    const username = await signUp(asked)
    const witness = await reachSame(server, asked)
    const login = asked.ask({ path: LOGIN, json: { username, password: PASSWORD } })
    // Who answers what came later has read what came before.
    await witness.ask({ method: 'GET', path: '/healthz' })
    process.kill(asked.processId, 'SIGTERM')
    process.kill(asked.processId, 'SIGTERM')
    assert.equal((await login).status, 200)
    await until(() => findLines(server, 'a worker has taken').length === 1, 'nobody took the place')
    // An end that was asked for is no fault.
    assert.partialDeepStrictEqual(findLines(server, 'a worker ended'), [{ worker: asked.processId, level: 30 }])
    assert.ok(readLog(server).every(({ level }) => Number(level) < 50))
    for (const connection of [asked, witness]) connection.close()
    server.terminate()
    assert.equal((await server.ended).code, 0)
  })

  it('end at once when they are asked a second time', async () => {
    const server = await startServerProcess(env(), TWO)
    const workers = await reachAll(server, 2)
    const socket = connect({ host: '127.0.0.1', port: server.port })
    await once(socket, 'connect')
    socket.on('error', () => {})
    // A request whose end never comes: nobody can finish it. What was asked after it arrived after it.
    socket.write(`POST ${LOGIN} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{`)
    for (const worker of workers) await worker.ask({ method: 'GET', path: '/healthz' })
    server.terminate()
    await until(async () => !(await canConnect(server.port)), 'it still took connections')
    assert.ok(isRunning(server.processId))
    server.terminate()
    assert.equal((await server.ended).code, 1)
    await until(() => !workers.some(({ processId }) => isRunning(processId)), 'a worker was still there')
    for (const worker of workers) worker.close()
    socket.destroy()
  })
})

describe('a process', () => {
  it('hashes as many passwords at once as it has cores for itself', async () => {
    const DATABASE_URL = `sqlite:${join(makeDirectory(), 'latchkey.db')}`
    await createAccount({ DATABASE_URL, LATCHKEY_ARGON2: 'm=65536,t=4,p=1' }, 'slow')
    await createAccount({ DATABASE_URL }, 'quick')
    for (const [cores, order] of [
      [1, ['slow', 'quick']],
      [2, ['quick', 'slow']],
    ] as const) {
      const { core, close } = await openOperator({ DATABASE_URL, LATCHKEY_SECRET: SECRET }, { cores })
      const done: string[] = []
      const signInAs = async (identifier: string) => {
        await core.authenticate({ identifier, password: PASSWORD, kinds: ['username'], client: LOCAL })
        done.push(identifier)
      }
      const slow = signInAs('slow')
      // What comes before the hash takes turns of the event loop, and no time: then it is being hashed.
      for (let turns = 0; turns < 100; turns++) await nextTurn()
      await Promise.all([slow, signInAs('quick')])
      await close()
      assert.deepEqual(done, order)
    }
  })
})

async function openOperator(
  env: Readonly<Record<string, string>>,
  options: { cores?: number } = {},
): Promise<Latchkey> {
  const config = loadConfig({ env, contractNames: CONTRACT_NAMES })
  return openLatchkey(config, { log: createLog('silent', { write() {} }, { isForPeople: false }), ...options })
}

async function createAccount(env: Readonly<Record<string, string>>, username: string): Promise<void> {
  const { core, close } = await openOperator({ ...env, LATCHKEY_SECRET: SECRET })
  await core.administration.createAccount({ username, password: PASSWORD }, { isStaff: false })
  await close()
}

/** Makes an account with a name of its own. */
async function signUp(at: Pick<Reached, 'ask'>): Promise<string> {
  const username = randomUUID()
  assert.equal((await at.ask({ path: REGISTER, json: { username, password: PASSWORD } })).status, 201)
  return username
}

async function signIn(at: Pick<Reached, 'ask'>, username: string): Promise<string> {
  const { status, json } = await at.ask({ path: LOGIN, json: { username, password: PASSWORD } })
  assert.equal(status, 200)
  return String((json as { access?: unknown }).access)
}

async function isAlive(at: Pick<Reached, 'ask'>, token: string): Promise<boolean> {
  const { status } = await at.ask({ method: 'GET', path: '/v1/session', token })
  assert.ok(status === 200 || status === 401, String(status))
  return status === 200
}

/**
 * Signs up and in over a connection of its own, and notes it if both were done. A cut connection is no answer, and a server
 * on a busy machine may say "not now".
 */
async function signUpSomewhere(
  { port }: ServerProcess,
  acknowledged: { username: string; token: string }[],
): Promise<void> {
  const connection = openConnection(port)
  // What was just being handed to the worker that is killed gets no answer and no end.
  const patience = AbortSignal.timeout(10_000)
  patience.addEventListener('abort', connection.close)
  try {
    const username = await signUp(connection)
    acknowledged.push({ username, token: await signIn(connection, username) })
  } catch (error) {
    const isCut = error instanceof Error && 'code' in error && error.code === 'ECONNRESET'
    const isRefused = error instanceof assert.AssertionError && error.actual === 503
    assert.ok(isCut || isRefused, String(error))
  } finally {
    patience.removeEventListener('abort', connection.close)
    connection.close()
  }
}

/** Another connection to the same process. */
async function reachSame(server: ServerProcess, { processId }: Reached): Promise<Reached> {
  for (;;) {
    const reached = await reach(server)
    if (reached.processId === processId) return reached
    reached.close()
  }
}

function bothWays([one, two]: readonly [Reached, Reached]): readonly (readonly [Reached, Reached])[] {
  return [
    [one, two],
    [two, one],
  ]
}

function findLines(server: ServerProcess, beginning: string): Readonly<Record<string, unknown>>[] {
  return readLog(server).filter(({ msg }) => String(msg).startsWith(beginning))
}
