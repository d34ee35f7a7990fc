import assert from 'node:assert/strict'
import { linkSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { startNode } from '../../../../test/kit/run-node.ts'
import { makeDirectory } from '../../../../test/kit/server-process.ts'
import { openStore } from '../../open.ts'
import { InUse, lockAlone } from './hold.ts'
import { holdSqlite } from './restore.ts'

/** Opens a database as a server that starts does, and waits for its turn. */
const STARTING = `
  import { DatabaseSync } from 'node:sqlite'
  const database = new DatabaseSync(process.argv[1])
  process.stdout.write('opened')
  for (;;) {
    try {
      database.exec('pragma journal_mode=WAL')
      database.exec("insert into notes values ('late', '')")
      process.exit(0)
    } catch (error) {
      if ((error.errcode & 0xff) !== 5) {
        process.stderr.write(String(error.errcode))
        process.exit(1)
      }
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }`

async function makeDatabases() {
  const directory = makeDirectory()
  const paths = { database: join(directory, 'latchkey.db'), backup: join(directory, 'backup.db') }
  for (const [name, path] of Object.entries(paths)) {
    const { store } = await openStore(`sqlite:${path}`)
    await store.writeNote('name', name)
    await store.close()
  }
  return { directory, ...paths }
}

function listNotes(file: string): readonly string[] {
  const database = new DatabaseSync(file)
  const rows = database.prepare('select value from notes order by name').all()
  database.close()
  return rows.map(({ value }) => String(value))
}

const quietly = () => {}

describe('holdSqlite', () => {
  it('makes a process fail that opened the database just before it was replaced, and spares the new one', async () => {
    const { directory, database, backup } = await makeDatabases()
    const held = holdSqlite(database)
    const starting = startNode(STARTING, [database])
    await starting.firstOutput
    const { path } = await held.draft(backup, quietly)
    const kept = held.replace(path)
    held.release()
    const { code, stderr } = await starting.ended
    // SQLITE_READONLY_DBMOVED: the file has lost its name.
    assert.deepEqual({ code, stderr }, { code: 1, stderr: '1032' })
    assert.deepEqual(listNotes(database), ['backup'])
    assert.deepEqual(listNotes(kept ?? ''), ['database'])
    assert.deepEqual(
      readdirSync(directory).filter((name) => /-wal$|-shm$|-journal$|\.draft/.test(name)),
      [],
    )
  })

  it('holds the name of a database that is not there: who starts meanwhile fails, and loses nothing', async () => {
    const { directory, database, backup } = await makeDatabases()
    for (const isEmpty of [false, true]) {
      rmSync(database)
      if (isEmpty) writeFileSync(database, '')
      const held = holdSqlite(database)
      const starting = startNode(STARTING, [database])
      await starting.firstOutput
      const { path } = await held.draft(backup, quietly)
      assert.equal(held.replace(path), null)
      held.release()
      const { code, stderr } = await starting.ended
      assert.deepEqual({ code, stderr }, { code: 1, stderr: '1032' })
      assert.deepEqual(listNotes(database), ['backup'])
      assert.deepEqual(readdirSync(directory).sort(), ['backup.db', 'latchkey.db'])
    }
  })

  it('leaves no database where none was, when nothing was restored', async () => {
    const { directory, database } = await makeDatabases()
    rmSync(database)
    const held = holdSqlite(database)
    const starting = startNode(STARTING, [database])
    await starting.firstOutput
    held.release()
    assert.equal((await starting.ended).stderr, '1032')
    assert.deepEqual(readdirSync(directory), ['backup.db'])
  })

  it('leaves a server alone that is faster: its log stays beside its database', async () => {
    const { directory, database, backup } = await makeDatabases()
    rmSync(database)
    const { store } = await openStore(`sqlite:${database}`)
    const before = readdirSync(directory).sort()
    assert.throws(() => holdSqlite(database), /is in use: stop the server/)
    assert.deepEqual(readdirSync(directory).sort(), before)
    await store.writeNote('name', 'acknowledged')
    await store.close()
    assert.deepEqual(listNotes(database), ['acknowledged'])
    assert.deepEqual(listNotes(backup), ['backup'])
  })

  it('does not take the lock of a database for its own that somebody brought back to its log', async () => {
    const { database } = await makeDatabases()
    const [own, other] = [new DatabaseSync(database), new DatabaseSync(database)]
    own.exec('pragma journal_mode=DELETE')
    other.exec('pragma journal_mode=WAL')
    assert.throws(() => lockAlone(own), InUse)
    for (const opened of [own, other]) opened.close()
    assert.deepEqual(listNotes(database), ['database'])
  })

  it('lets a process that waited go on when nothing was replaced', async () => {
    const { database } = await makeDatabases()
    const held = holdSqlite(database)
    const starting = startNode(STARTING, [database])
    await starting.firstOutput
    held.release()
    assert.equal((await starting.ended).code, 0)
    assert.deepEqual(listNotes(database), ['', 'database'])
  })

  it('takes a second name away from a database that a killed restore gave it', async () => {
    const { directory, database, backup } = await makeDatabases()
    linkSync(database, `${database}.replaced-20260101T000000000Z`)
    linkSync(backup, `${database}.replaced-20260102T000000000Z`)
    const held = holdSqlite(database)
    const { path } = await held.draft(backup, quietly)
    const third = basename(held.replace(path) ?? '')
    held.release()
    const kept = readdirSync(directory).filter((name) => name.includes('.replaced-'))
    assert.deepEqual(kept.sort(), ['latchkey.db.replaced-20260102T000000000Z', third])
  })

  it('tells how far a copy is, from the first bytes to the last', async () => {
    const { database, backup } = await makeDatabases()
    const filled = new DatabaseSync(backup)
    filled.exec(`
      with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 20000)
      insert into notes select 'note-' || n, printf('%200d', n) from numbers`)
    filled.close()
    const seen: { done: number; total: number }[] = []
    const held = holdSqlite(database)
    await held.draft(backup, (done, total) => seen.push({ done, total }))
    held.release()
    assert.ok(seen.length > 3)
    assert.deepEqual(
      seen.map(({ done }) => done),
      seen.map(({ done }) => done).sort((a, b) => a - b),
    )
    const last = seen.at(-1)
    assert.equal(last?.done, last?.total)
  })
})
