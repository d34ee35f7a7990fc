import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type PostgresServer, startPostgres } from '../kit/postgres-server.ts'
import { listBackends, until } from '../kit/postgres-session.ts'
import { makePostgresDatabase, type PostgresDatabase } from './postgres-database.ts'
import { type PostgresScene, playOnPostgres } from './postgres-scene.ts'
import { IS_LONG } from './scene.ts'

/** Longer than any request waits for a server that says nothing, in milliseconds. */
const BOUND = 20_000

describe('on a PostgreSQL that is frozen', () => {
  let server: PostgresServer
  before(async () => {
    server = await startPostgres()
  })
  after(() => server.destroy())

  it('one connection costs those who meet it a 503 and nobody else anything, whether it is thawed or killed', async (t) => {
    const times = IS_LONG ? 10 : 1
    const database = await makePostgresDatabase([server])
    await playOnPostgres(t, database, async (scene) => {
      let longest = 0
      for (let time = 0; time < times; time++) {
        const frozen = await freezeOne(scene, database)
        const answers = await scene.askAtOnce('check', 20)
        assert.deepEqual(Object.keys(answers.statuses).sort(), ['200', '503'])
        // Who waits for a connection is not held up by the one that says nothing.
        assert.ok((answers.statuses[200] ?? 0) >= 30, JSON.stringify(answers))
        assert.ok(answers.longest < BOUND, `a check took ${answers.longest} ms`)
        longest = Math.max(longest, answers.longest)
        // While it is still frozen, the others go on as ever.
        await scene.recover()
        process.kill(frozen, 'SIGCONT')
        await untilGone(database, frozen)
        const killed = await freezeOne(scene, database)
        process.kill(killed, 'SIGKILL')
        await untilGone(database, killed)
        await scene.recover()
      }
      return `one connection frozen and thawed, and one frozen and killed (${times} times), whoever met the first told 503 within ${longest} ms`
    })
  })

  it('as a whole is told as 503 at every door after a while, and all is well once it goes on', async (t) => {
    const times = IS_LONG ? 5 : 1
    const database = await makePostgresDatabase([server])
    await playOnPostgres(t, database, async (scene) => {
      let longest = 0
      for (let time = 0; time < times; time++) {
        const thaw = await server.freeze()
        const [waited, areReady] = await Promise.all([scene.refuseEverywhere(), scene.areReady()])
        assert.ok(waited < BOUND, `a request took ${waited} ms`)
        longest = Math.max(longest, waited)
        assert.equal(areReady, false)
        thaw()
        await scene.recover()
      }
      return `the whole server frozen (${times} times), every door answering 503 within ${longest} ms`
    })
  })

  /** Freezes a connection that is at nothing, so that it holds nobody up but those who meet it. */
  async function freezeOne(scene: PostgresScene, { name }: PostgresDatabase): Promise<number> {
    // As many as there may be, so that the pool has some to spare.
    await scene.askAtOnce('check', 20)
    const [idlest] = await listBackends(server, { database: name, where: "state = 'idle'", order: 'state_change' })
    assert.ok(idlest !== undefined)
    process.kill(idlest, 'SIGSTOP')
    return idlest
  }

  async function untilGone({ name }: PostgresDatabase, processId: number): Promise<void> {
    await until(async () => {
      try {
        return !(await listBackends(server, { database: name })).includes(processId)
      } catch {
        // A server that lost a process ends all the others, and begins anew.
        return false
      }
    })
  }
})
