import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { LOGINS, loginOf, makePerson, REGISTRATIONS, refreshTokenOf, registrationOf, tokenOf } from '../kit/doors.ts'
import { until } from '../kit/postgres-session.ts'
import { type ServerProcess, startServerProcess } from '../kit/server-process.ts'
import type { PostgresDatabase } from './postgres-database.ts'
import { play, type Scene } from './scene.ts'
import { send, type WireRequest } from './send.ts'

/** A fault of PostgreSQL's while clients are at work. */
export type PostgresScene = Pick<Scene, 'load' | 'succeed' | 'refuse'> & {
  /** Two processes on the one database, asked in turn. */
  readonly servers: readonly ServerProcess[]
  /**
   * Asks at every door of both servers at once, and expects "not now" from each, in its contract's shape.
   *
   * @returns the longest wait for an answer, in milliseconds.
   */
  refuseEverywhere(): Promise<number>
  /** Has somebody's token checked, or somebody sign in, many times at once at each of the servers. */
  askAtOnce(what: 'check' | 'login', count: number): Promise<Answers>
  /** Whether `/readyz` of every server says so. */
  areReady(): Promise<boolean>
  /** Waits until both servers do what they are asked again, without help, and say so. */
  recover(): Promise<void>
}

/** How often each status came, and the longest wait for one, in milliseconds. */
type Answers = { readonly statuses: Readonly<Record<number, number>>; readonly longest: number }

/** Plays a fault under load as `play` does, at two server processes whose `/healthz` is watched from beginning to end. */
export async function playOnPostgres(
  t: TestContext,
  database: PostgresDatabase,
  fault: (scene: PostgresScene) => Promise<string>,
): Promise<void> {
  await play(t, database, async (scene) => {
    const servers = [scene.server(), await startServerProcess(database.env)]
    scene.replace(...servers)
    const somebody = await makeSomebody(servers[0]?.url ?? '')
    const processes = servers.map(({ processId }) => processId)
    let isOver = false
    const health = scene.watchHealth(() => isOver)
    health.catch(() => {})
    const areReady = async () => {
      const answers = await Promise.all(servers.map(({ url }) => send(url, { method: 'GET', path: '/readyz' })))
      return answers.every(({ answered }) => answered.status === 200)
    }
    const tried = await fault({
      ...scene,
      servers,
      areReady,
      refuseEverywhere: () => refuseEverywhere(servers, somebody),
      askAtOnce: (what, count) => askAtOnce(servers, somebody[what], count),
      async recover() {
        await scene.succeed(20)
        await until(areReady)
        const { statuses } = await askAtOnce(servers, somebody.check, 10)
        assert.deepEqual(Object.keys(statuses), ['200'])
      },
    })
    isOver = true
    const longest = await health
    // Requests meanwhile wait for six seconds and more.
    assert.ok(longest < 5000, `/healthz took ${longest} ms`)
    for (const [index, processId] of processes.entries()) assert.equal(servers[index]?.processId, processId)
    return `${tried}; two processes, the slowest /healthz ${Math.round(longest)} ms`
  })
}

/** Requests that are right, at every door. */
type Somebody = {
  readonly check: WireRequest
  readonly login: WireRequest
  readonly requests: () => readonly WireRequest[]
}

async function makeSomebody(url: string): Promise<Somebody> {
  const person = makePerson(`p${randomUUID()}`)
  const door = REGISTRATIONS.find(({ gives }) => gives.email && gives.username)
  const signIn = LOGINS.find(({ contract }) => contract === 'simplejwt')
  const keyDoor = LOGINS.find(({ contract }) => contract === 'drf-token')
  assert.ok(door !== undefined && signIn !== undefined && keyDoor !== undefined)
  await ask(url, registrationOf(door, person))
  const pair = await ask(url, loginOf(signIn, person.username, person.password))
  const [access, refresh] = [tokenOf(pair), refreshTokenOf(pair)]
  const key = tokenOf(await ask(url, loginOf(keyDoor, person.email, person.password)))
  const bearer = { authorization: `Bearer ${access}` }
  const passwords = { new_password1: 'Another-1-password', new_password2: 'Another-1-password' }
  return {
    check: { method: 'GET', path: '/v1/session', ...bearer },
    login: loginOf(signIn, person.username, person.password),
    requests: () => [
      ...REGISTRATIONS.map((at) => registrationOf(at, makePerson(`q${randomUUID()}`))),
      ...LOGINS.map((at) => loginOf(at, at.takesUsernames ? person.username : person.email, person.password)),
      { method: 'GET', path: '/v1/session', ...bearer },
      { method: 'DELETE', path: '/v1/session', ...bearer },
      { method: 'POST', path: '/api/users/token/refresh/', json: { refresh } },
      { method: 'POST', path: '/api/users/token/blacklist/', json: { refresh } },
      { method: 'POST', path: '/api/users/logout/', ...bearer },
      { method: 'POST', path: '/api/users/logout/', authorization: `Token ${key}` },
      {
        method: 'POST',
        path: '/api/users/password/change/',
        authorization: `Token ${key}`,
        json: { old_password: person.password, ...passwords },
      },
    ],
  }
}

/** Asks for what has to be done before the fault: again, where a busy machine says "not now". */
async function ask(url: string, request: WireRequest) {
  let { answer } = await send(url, request)
  for (let tries = 0; answer?.status === 503 && tries < 20; tries++) {
    await sleep(500)
    answer = (await send(url, request)).answer
  }
  assert.ok(answer !== null && answer.status < 300, `${request.path}: ${answer?.status} ${answer?.text}`)
  return answer
}

async function refuseEverywhere(servers: readonly ServerProcess[], { requests }: Somebody): Promise<number> {
  let longest = 0
  const asked = servers.flatMap(({ url }) => requests().map((request) => ({ url, request })))
  await Promise.all(
    asked.map(async ({ url, request }) => {
      const since = performance.now()
      const { answered, flaws } = await send(url, request)
      assert.deepEqual({ path: request.path, ...answered }, { path: request.path, status: 503 })
      assert.deepEqual(flaws, [], request.path)
      longest = Math.max(longest, performance.now() - since)
    }),
  )
  return Math.round(longest)
}

async function askAtOnce(servers: readonly ServerProcess[], request: WireRequest, count: number): Promise<Answers> {
  const statuses: Record<number, number> = {}
  let longest = 0
  const asked = servers.flatMap(({ url }) => Array.from({ length: count }, () => url))
  await Promise.all(
    asked.map(async (url) => {
      const since = performance.now()
      const { answered, flaws } = await send(url, request)
      assert.deepEqual(flaws, [])
      statuses[answered.status] = (statuses[answered.status] ?? 0) + 1
      longest = Math.max(longest, performance.now() - since)
    }),
  )
  return { statuses, longest: Math.round(longest) }
}
