import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { openStore, planMigration } from '../src/store/open.ts'
import { connectTo, createTestDatabase, runSql } from './kit/postgres.ts'
import { until } from './kit/postgres-session.ts'
import { runNode, startNode } from './kit/run-node.ts'
import { makeDirectory } from './kit/server-process.ts'

const OPEN = JSON.stringify(new URL('../src/store/open.ts', import.meta.url).href)

/** Migrates at the time given, and says how many migrations it applied itself. */
const MIGRATE = `
  const { openStore } = await import(${OPEN})
  console.log('loaded')
  while (Date.now() < Number(process.argv[2]));
  const { store, migrated } = await openStore(process.argv[1])
  await store.ping()
  console.log(migrated.length)
  await store.close()`

type Engine = {
  newDatabase(): Promise<string>
  /** Runs statements past Latchkey. */
  execute(url: string, ...statements: readonly string[]): Promise<void>
  /** The first column of the first row. */
  ask(url: string, query: string): Promise<unknown>
}

const ENGINES: Readonly<Record<string, Engine>> = {
  SQLite: {
    newDatabase: async () => `sqlite:${join(makeDirectory(), 'latchkey.db')}`,
    async execute(url, ...statements) {
      const database = new DatabaseSync(url.slice('sqlite:'.length))
      for (const statement of statements) database.exec(statement)
      database.close()
    },
    async ask(url, query) {
      const database = new DatabaseSync(url.slice('sqlite:'.length))
      const row = database.prepare(query).get()
      database.close()
      return Object.values(row ?? {})[0]
    },
  },
  PostgreSQL: {
    newDatabase: async () => (await createTestDatabase()).url,
    async execute(url, ...statements) {
      const client = await connectTo(url)
      for (const statement of statements) await client.query(statement)
      await client.end()
    },
    async ask(url, query) {
      const client = await connectTo(url)
      const { rows } = await client.query(query)
      await client.end()
      return Object.values(rows[0] ?? {})[0]
    },
  },
}

for (const [name, { newDatabase, execute, ask }] of Object.entries(ENGINES)) {
  describe(`migrating ${name}`, () => {
    it('is done once by ten processes that start at once, and all of them go on', async () => {
      const url = await newDatabase()
      const start = String(Date.now() + 2500)
      const ended = await Promise.all(Array.from({ length: 10 }, () => runNode(MIGRATE, [url, start])))
      for (const { code, stderr } of ended) assert.equal(code, 0, stderr)
      const applied = ended.map(({ stdout }) => Number(stdout.split('\n')[1])).filter((count) => count > 0)
      assert.equal(applied.length, 1)
      assert.equal(Number(await ask(url, 'select count(*) from kysely_migration')), applied[0])
    })

    it('goes on where a process was killed in the middle, at whatever moment', async () => {
      let inTheMiddle = 0
      for (let round = 0; round < 40 && inTheMiddle < 4; round++) {
        const url = await newDatabase()
        const running = startNode(MIGRATE, [url, '0'])
        await running.firstOutput
        await wait(Math.random() * 100)
        running.kill()
        const { stdout } = await running.ended
        if (stdout.trim() === 'loaded') inTheMiddle++
        const { store } = await openStore(url)
        assert.deepEqual((await store.inspect()).pendingMigrations, [])
        await store.close()
      }
      assert.ok(inTheMiddle > 0, 'every process was done before it was killed')
    })

    it('refuses a database that a newer Latchkey wrote, in one sentence, and leaves it as it is', async () => {
      const url = await newDatabase()
      await (await openStore(url)).store.close()
      await execute(url, "insert into kysely_migration values ('0999-from-the-future', '2099-01-01T00:00:00.000Z')")
      const refusal = /^This database was written by a newer Latchkey \(it has 0999-from-the-future\): [^.]+\.$/
      for (const schema of ['migrate', 'require', 'inspect'] as const) {
        await assert.rejects(openStore(url, { schema }), { message: refusal })
      }
      await assert.rejects(planMigration(url), { message: refusal })
      assert.equal(Number(await ask(url, 'select count(*) from accounts')), 0)
    })

    it('is left to the operator where that is asked for: an old schema is refused, in one sentence', async () => {
      const url = await newDatabase()
      await (await openStore(url)).store.close()
      await execute(url, "delete from kysely_migration where name like '0002%'")
      await assert.rejects(openStore(url, { schema: 'require' }), {
        message: /^The database needs 0002-[a-z-]+, and LATCHKEY_MIGRATE is manual: run [^.]+\.$/,
      })
    })

    it('can be done by hand: the statements that are shown make a database that is up to date', async () => {
      const [migrated, byHand] = [await newDatabase(), await newDatabase()]
      await (await openStore(migrated)).store.close()
      await execute(byHand, 'select 1')
      const plan = await planMigration(byHand)
      await execute(byHand, 'begin', ...plan.flatMap(({ statements }) => statements), 'commit')
      const { store } = await openStore(byHand, { schema: 'require' })
      assert.deepEqual((await store.inspect()).pendingMigrations, [])
      await store.close()
      assert.deepEqual(await planMigration(byHand), [])
    })
  })
}

describe('migrating PostgreSQL', () => {
  for (const isolation of ['repeatable read', 'serializable'] as const) {
    it(`is done once by ten processes that start at once where transactions are ${isolation}`, async () => {
      const { name, url } = await createTestDatabase()
      await runSql(url, `alter database ${name} set default_transaction_isolation = '${isolation}'`)
      const start = String(Date.now() + 2500)
      const ended = await Promise.all(Array.from({ length: 10 }, () => runNode(MIGRATE, [url, start])))
      for (const { code, stderr } of ended) assert.equal(code, 0, stderr)
      const applied = ended.map(({ stdout }) => Number(stdout.split('\n')[1]))
      assert.equal(applied.filter((count) => count > 0).length, 1)
    })
  }

  it('leaves nothing behind when the process dies between the last table and the end', async () => {
    const { newDatabase, ask } = ENGINES.PostgreSQL ?? assert.fail()
    const url = await newDatabase()
    const holder = await connectTo(url)
    await holder.query('create table kysely_migration (name varchar(255) primary key, timestamp varchar(255) not null)')
    // Whoever notes a migration waits here; every table is made by then.
    await holder.query('begin; lock table kysely_migration in share mode')
    const running = startNode(MIGRATE, [url, '0'])
    const waits =
      "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    await until(async () => Number(await ask(url, waits)) > 0)
    running.kill()
    await running.ended
    await holder.query('commit')
    await holder.end()
    const latchkeys =
      "select count(*) from pg_stat_activity where application_name = 'latchkey' and datname = current_database()"
    await until(async () => Number(await ask(url, latchkeys)) === 0)
    assert.equal(await ask(url, "select to_regclass('accounts')"), null)
    const { store, migrated } = await openStore(url)
    assert.equal(migrated.length > 0, true)
    await store.close()
  })

  it('does not mind another application in another schema that keeps its history under the same name', async () => {
    const { newDatabase, execute } = ENGINES.PostgreSQL ?? assert.fail()
    const url = await newDatabase()
    await execute(
      url,
      'create schema other',
      'create table other.kysely_migration (name text, timestamp text)',
      "insert into other.kysely_migration values ('theirs', '')",
    )
    const { store, migrated } = await openStore(url)
    assert.equal(migrated[0], '0001-accounts-and-sessions')
    await store.close()
  })
})
