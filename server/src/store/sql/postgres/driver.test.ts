import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Kysely, sql } from 'kysely'
import { newAccount, newLogin, newSession } from '../../../../test/kit/new-rows.ts'
import { FAST } from '../../../../test/kit/postgres.ts'
import { type PostgresServer, startPostgres } from '../../../../test/kit/postgres-server.ts'
import { listBackends, openOtherSession, until } from '../../../../test/kit/postgres-session.ts'
import { AuthError } from '../../../core/errors.ts'
import type { Store } from '../../../core/ports.ts'
import { openStore } from '../../open.ts'
import { openPostgres } from '../postgres.ts'
import type { Schema } from '../schema.ts'

/** Fails the first `times` attempts to write a row, and counts them all: a sequence is not undone with a transaction. */
const REFUSE = (table: string, { state, times }: { state: string; times: number }) => `
  create sequence tries;
  create function refuse() returns trigger language plpgsql as $$
  begin
    if nextval('tries') <= ${times} then raise exception sqlstate '${state}'; end if;
    return coalesce(new, old);
  end $$;
  create trigger refuse before insert or delete on ${table} for each row execute function refuse()`

function isUnavailable(error: unknown): boolean {
  return error instanceof AuthError && error.code === 'overloaded' && error.retryAfter >= 1
}

describe('the PostgreSQL driver', () => {
  let server: PostgresServer
  before(async () => {
    server = await startPostgres({ settings: FAST })
  })
  after(() => server.destroy())

  let count = 0
  async function open(settings = ''): Promise<{ store: Store; database: string; accountId: number }> {
    count++
    const database = `driver_${count}`
    await server.query(`create database ${database}`)
    if (settings !== '') await server.query(`alter database ${database} set ${settings}`)
    const { store } = await openStore(server.url(database))
    const { account } = await store.createAccount(newAccount())
    return { store, database, accountId: account?.id ?? 0 }
  }

  for (const state of ['40001', '40P01']) {
    it(`tries a group of statements that met another (${state}) three times more, whole`, async () => {
      const { store, database, accountId } = await open()
      await server.query(REFUSE('sessions', { state, times: 3 }), database)
      assert.equal(await store.openSession(newSession(accountId), newLogin()), true)
      assert.equal(await readNumber(database, 'select last_value as value from tries'), 4)
      assert.equal(await readNumber(database, 'select count(*) as value from sessions'), 1)
      await store.close()
    })

    it(`says "not now" of a group that met another (${state}) four times, and has done nothing`, async () => {
      const { store, database, accountId } = await open()
      await server.query(REFUSE('sessions', { state, times: 4 }), database)
      await assert.rejects(store.openSession(newSession(accountId), newLogin()), isUnavailable)
      assert.equal(await readNumber(database, 'select last_value as value from tries'), 4)
      assert.equal(await readNumber(database, 'select count(last_login_at) as value from accounts'), 0)
      await store.close()
    })

    it(`tries one statement that met another (${state}) three times more, and then says "not now"`, async () => {
      const { store, database, accountId } = await open()
      const session = newSession(accountId)
      await store.openSession(session, newLogin())
      await server.query(REFUSE('sessions', { state, times: 4 }), database)
      await assert.rejects(store.endSession(session.id), isUnavailable)
      assert.equal(await readNumber(database, 'select last_value as value from tries'), 4)
      assert.equal(await store.endSession(session.id), true)
      await store.close()
    })
  }

  it('comes through a real deadlock', async () => {
    // Somebody else waits patiently, so that it is we whom the server undoes.
    const { store, database, accountId } = await open("deadlock_timeout = '1500ms'")
    const other = await openOtherSession(server, database)
    await other.query("set deadlock_timeout = '60s'")
    await other.query('begin; lock table sessions in exclusive mode')
    const opening = store.openSession(newSession(accountId), newLogin())
    await until(async () => (await listBackends(server, { database, where: "wait_event_type = 'Lock'" })).length === 1)
    await other.query(`update accounts set is_staff = 1 where id = ${accountId}; commit`)
    assert.equal(await opening, true)
    assert.equal(await readNumber(database, `select is_staff as value from accounts where id = ${accountId}`), 1)
    await until(
      async () =>
        (await readNumber(
          database,
          `select deadlocks as value from pg_stat_database where datname = '${database}'`,
        )) === 1,
    )
    await store.close()
    await other.end()
  })

  it('comes through a real serialization failure', async () => {
    const { store, database, accountId } = await open("default_transaction_isolation = 'repeatable read'")
    const other = await openOtherSession(server, database)
    await other.query(`begin; update accounts set is_staff = 1 where id = ${accountId}`)
    const opening = store.openSession(newSession(accountId), newLogin())
    await until(async () => (await listBackends(server, { database, where: "wait_event_type = 'Lock'" })).length === 1)
    await other.query('commit')
    assert.equal(await opening, true)
    await store.close()
    await other.end()
  })

  it('has a statement with values parsed once a connection, and runs it by its name from then on', async () => {
    const { store, database } = await open()
    await store.close()
    const engine = await openPostgres(server.url(database), { cores: 1, password: null, isReadOnly: false })
    const db = new Kysely<Schema>({ dialect: engine.dialect })
    await db.connection().execute(async (connection) => {
      for (const id of [1, 2, 3]) {
        await connection.selectFrom('accounts').select('email').where('id', '=', id).execute()
      }
      const { rows } = await sql`select name, generic_plans + custom_plans as runs from pg_prepared_statements`.execute(
        connection,
      )
      assert.deepEqual(rows, [{ name: 'latchkey_0', runs: 3 }])
    })
    await db.destroy()
  })

  it('goes on with its parsed statements when another process has migrated meanwhile', async () => {
    const { store, database, accountId } = await open()
    const session = newSession(accountId)
    await store.openSession(session, newLogin())
    const useEverything = async () => {
      const { account } = await store.createAccount(newAccount())
      assert.ok(account !== null)
      assert.equal(await store.openSession(newSession(account.id), newLogin()), true)
      for (const found of [
        await store.findAccount({ by: 'id', id: account.id }),
        await store.findCredentialById(account.id),
        await store.findSession(session.id),
        await store.setActive(account.id, false, 1),
      ]) {
        assert.ok(found !== null)
      }
    }
    // Often enough that the server has chosen plans to keep.
    for (let round = 0; round < 8; round++) await useEverything()
    await server.query(
      `alter table accounts add column added text not null default 'x';
       alter table sessions add column added bigint;
       create index accounts_added on accounts (added)`,
      database,
    )
    for (let round = 0; round < 8; round++) await useEverything()
    await store.close()
  })

  it('lets go of statements whose columns have become others: "not now" for a moment, then all is well', async () => {
    const { store, database, accountId } = await open()
    const find = () => store.findAccount({ by: 'id', id: accountId })
    await Promise.all(Array.from({ length: 20 }, find))
    await server.query('alter table accounts alter column phone_number type varchar(300)', database)
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, find))
    const refusals = outcomes.filter((outcome) => outcome.status === 'rejected')
    assert.ok(refusals.length > 0 && refusals.every(({ reason }) => isUnavailable(reason)))
    const found = await Promise.all(Array.from({ length: 20 }, find))
    assert.ok(found.every((account) => account !== null))
    await store.close()
  })

  it('gives up a statement after 5 s, and keeps its connection', async () => {
    const { store, database } = await open()
    await store.close()
    const engine = await openPostgres(server.url(database), { cores: 1, password: null, isReadOnly: false })
    const db = new Kysely<Schema>({ dialect: engine.dialect })
    await db.connection().execute(async (connection) => {
      const ask = async () => (await sql`select pg_backend_pid() as pid`.execute(connection)).rows
      const before = await ask()
      await assert.rejects(sql`select pg_sleep(60)`.execute(connection), isUnavailable)
      assert.deepEqual(await ask(), before)
      assert.equal(engine.isSuspect(), true)
    })
    await db.destroy()
  })

  async function readNumber(database: string, query: string): Promise<number> {
    const [row] = await server.query(query, database)
    return Number(row?.value)
  }
})
