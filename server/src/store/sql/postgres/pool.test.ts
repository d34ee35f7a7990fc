import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Kysely, sql } from 'kysely'
import { newAccount } from '../../../../test/kit/new-rows.ts'
import { FAST } from '../../../../test/kit/postgres.ts'
import { type PostgresServer, startPostgres } from '../../../../test/kit/postgres-server.ts'
import { listBackends, openOtherSession, until } from '../../../../test/kit/postgres-session.ts'
import { startStandby, urlOfAll } from '../../../../test/kit/postgres-standby.ts'
import { AuthError } from '../../../core/errors.ts'
import { openStore } from '../../open.ts'
import { openPostgres } from '../postgres.ts'
import type { Schema } from '../schema.ts'

/** What a refusal for lack of a database is to every door. */
function isUnavailable(error: unknown): boolean {
  return error instanceof AuthError && error.code === 'overloaded' && error.retryAfter >= 1
}

describe('the connections to PostgreSQL', () => {
  let primary: PostgresServer
  let standby: PostgresServer
  before(async () => {
    primary = await startPostgres({ settings: FAST })
    standby = await startStandby(primary, FAST)
  })
  after(() => {
    standby.destroy()
    primary.destroy()
  })

  let count = 0
  async function makeDatabase(settings = ''): Promise<string> {
    count++
    const name = `pool_${count}`
    await primary.query(`create database ${name}`)
    if (settings !== '') await primary.query(`alter database ${name} set ${settings}`)
    return name
  }

  it('hold statements, locks and idle transactions to 5, 2 and 10 seconds', async () => {
    const { store } = await openStore(primary.url(await makeDatabase('statement_timeout = 0')))
    const { settings } = await store.inspect()
    await store.close()
    assert.equal(settings.statement_timeout, '5000')
    assert.equal(settings.lock_timeout, '2000')
    assert.equal(settings.idle_in_transaction_session_timeout, '10000')
  })

  it('wait for commits to be on disk even where the server is set not to, and leave stricter settings alone', async () => {
    for (const [set, expected] of [
      ['off', 'on'],
      ['local', 'local'],
      ['remote_apply', 'remote_apply'],
    ]) {
      const { store } = await openStore(primary.url(await makeDatabase(`synchronous_commit = ${set}`)))
      assert.equal((await store.inspect()).settings.synchronous_commit, expected)
      await store.close()
    }
  })

  it('cannot write where the database is only looked at', async () => {
    const url = primary.url(await makeDatabase())
    await (await openStore(url)).store.close()
    const { store } = await openStore(url, { schema: 'inspect' })
    await assert.rejects(store.createAccount(newAccount()), isUnavailable)
    await store.close()
  })

  it('are twice the cores and two more at most; who finds all of them busy is told so, and all come back', async () => {
    const database = await makeDatabase()
    const { store } = await openStore(primary.url(database), { cores: 3 })
    const other = await openOtherSession(primary, database)
    await other.query('begin; lock table accounts in access exclusive mode')
    const asked = Array.from({ length: 40 }, () => store.findAccount({ by: 'id', id: 1 }))
    const answered = Promise.allSettled(asked)
    await until(async () => (await listBackends(primary, { database, where: "wait_event_type = 'Lock'" })).length === 8)
    assert.equal((await listBackends(primary, { database })).length, 8)
    for (const outcome of await answered) {
      assert.ok(outcome.status === 'rejected' && isUnavailable(outcome.reason), JSON.stringify(outcome))
    }
    await other.query('rollback')
    const again = await Promise.all(Array.from({ length: 40 }, () => store.findAccount({ by: 'id', id: 1 })))
    assert.ok(again.every((account) => account === null))
    assert.equal((await listBackends(primary, { database })).length, 8)
    await store.close()
    await other.end()
  })

  it('of which every one was ended are made anew by those who ask next, who notice nothing', async () => {
    const database = await makeDatabase()
    const { store } = await openStore(primary.url(database))
    await Promise.all(Array.from({ length: 20 }, () => store.ping()))
    await primary.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`)
    await until(async () => (await listBackends(primary, { database })).length === 0)
    const { account } = await store.createAccount(newAccount())
    assert.ok(account !== null)
    await store.close()
  })

  it('may be lost without a word: whoever uses them is told, and the process goes on', async () => {
    const database = await makeDatabase()
    const engine = await openPostgres(primary.url(database), { cores: 1, password: null, isReadOnly: false })
    const [backend] = await listBackends(primary, { database })
    assert.ok(backend !== undefined)
    process.kill(backend, 'SIGSTOP')
    const looking = engine.readSettings()
    process.kill(backend, 'SIGKILL')
    await assert.rejects(looking, /terminated|ECONNRESET|EPIPE/)
    // A server that lost a process ends all the others, and begins anew.
    await until(() =>
      engine.checkIntegrity().then(
        (answer) => answer === 'ok',
        () => false,
      ),
    )
    const db = new Kysely<Schema>({ dialect: engine.dialect })
    await sql`select 1`.execute(db)
    await db.destroy()
  })

  describe('with several hosts', () => {
    it('pass over a standby, and a host that is not there', async () => {
      const database = await makeDatabase()
      const { store } = await openStore(urlOfAll([standby, primary], database))
      assert.ok((await store.createAccount(newAccount())).account !== null)
      await store.close()
      const nowhere = { ...primary, directory: '/no/such/place' }
      const second = await openStore(urlOfAll([nowhere, primary], database))
      assert.ok((await second.store.createAccount(newAccount())).account !== null)
      await second.store.close()
    })

    it('take a standby where the database is only looked at', async () => {
      const database = await makeDatabase()
      await (await openStore(primary.url(database))).store.close()
      const isThere = () =>
        standby.query('select 1 from kysely_migration', database).then(
          (rows) => rows.length > 0,
          () => false,
        )
      await until(isThere)
      const { store } = await openStore(urlOfAll([standby], database), { schema: 'inspect' })
      assert.equal((await store.inspect()).pendingMigrations.length, 0)
      await store.close()
    })

    it('refuse to start on standbys alone, or on nobody, with one sentence', async () => {
      await assert.rejects(openStore(urlOfAll([standby], 'postgres')), {
        message: /^PostgreSQL cannot be reached at .*it is a standby.*that DATABASE_URL is right\.$/,
      })
      const [here, there] = ['/no/such/place', '/nor/such'].map((directory) => ({ ...primary, directory }))
      assert.ok(here !== undefined && there !== undefined)
      await assert.rejects(openStore(urlOfAll([here, there], 'postgres')), {
        message:
          /^PostgreSQL cannot be reached at postgres:\/\/\/no\/such\/place,\/nor\/such\/postgres .*: check that one of these servers runs and takes writes, and that DATABASE_URL is right\.$/,
      })
    })
  })
})
