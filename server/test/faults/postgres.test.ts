import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type PostgresServer, startPostgres } from '../kit/postgres-server.ts'
import { openOtherSession } from '../kit/postgres-session.ts'
import { makePostgresDatabase } from './postgres-database.ts'
import { playOnPostgres } from './postgres-scene.ts'
import { IS_LONG } from './scene.ts'

describe('on PostgreSQL', () => {
  let server: PostgresServer
  before(async () => {
    server = await startPostgres()
  })
  after(() => server.destroy())

  it('nothing acknowledged is lost when the database server is stopped at once, and started again', async (t) => {
    const stops = IS_LONG ? 20 : 2
    await playOnPostgres(t, await makePostgresDatabase([server]), async (scene) => {
      let longest = 0
      for (let stop = 0; stop < stops; stop++) {
        await sleep(200)
        await server.stop('immediate')
        await scene.refuse(5)
        longest = Math.max(longest, await scene.refuseEverywhere())
        assert.equal(await scene.areReady(), false)
        await server.restart()
        await scene.recover()
      }
      return `${stops} immediate stops, every door answering 503 within ${longest} ms`
    })
  })

  it('connections that are ended again and again cost no acknowledged answer', async (t) => {
    const times = IS_LONG ? 60 : 3
    const database = await makePostgresDatabase([server])
    await playOnPostgres(t, database, async (scene) => {
      let ended = 0
      for (let time = 0; time < times; time++) {
        const rows = await server.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database.name}'`,
        )
        ended += rows.length
        await sleep(1000)
      }
      assert.ok(ended >= times)
      await scene.recover()
      return `${ended} connections ended, all there were each second, ${times} times`
    })
  })

  it('rows that somebody else holds locked, and no connection left, are told as 503 after a while', async (t) => {
    const database = await makePostgresDatabase([server])
    await playOnPostgres(t, database, async (scene) => {
      const other = await openOtherSession(server, database.name)
      let longest = 0
      const times = IS_LONG ? 10 : 1
      for (let time = 0; time < times; time++) {
        await other.query('begin; select id from accounts for update')
        // Far more at once than there are connections, and each that gets one waits for the lock.
        const { statuses, longest: waited } = await scene.askAtOnce('login', 16)
        assert.deepEqual(statuses, { 503: 32 })
        assert.ok(waited < 20_000, `a login took ${waited} ms`)
        longest = Math.max(longest, waited)
        await other.query('rollback')
        await scene.recover()
      }
      await other.end()
      return `every account locked by somebody else (${times} times), 32 logins at once all answered 503 within ${longest} ms`
    })
  })
})
