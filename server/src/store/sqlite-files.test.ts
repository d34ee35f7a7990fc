import assert from 'node:assert/strict'
import { copyFileSync, existsSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { Kysely } from 'kysely'
import { newKey } from '../../test/kit/new-rows.ts'
import { startNode } from '../../test/kit/run-node.ts'
import { makeDirectory } from '../../test/kit/server-process.ts'
import type { Store } from '../core/ports.ts'
import { openStore } from './open.ts'
import type { Schema } from './sql/schema.ts'
import { openSqlite } from './sql/sqlite.ts'

const OPEN = JSON.stringify(import.meta.resolve('./open.ts'))
const scratch = makeDirectory()
let files = 0

/** An open database on a file of its own, with a key that it signs with, and how much it can hold. */
async function open(): Promise<{ path: string; store: Store }> {
  const path = join(scratch, `database-${++files}`, 'latchkey.db')
  const { store } = await openStore(`sqlite:${path}`)
  await store.addFirstKey(newKey({ kid: `key-${files}` }))
  await store.writeNote('kept', 'yes')
  return { path, store }
}

async function refuses(store: Store, says: RegExp): Promise<void> {
  await assert.rejects(store.writeNote('lost', 'yes'), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'overloaded')
    assert.match(String((error.cause as Error).message), says)
    return true
  })
  // Whoever reads asks no more than once a second, and at once after somebody was refused.
  await assert.rejects(store.readNote('kept'), { code: 'overloaded' })
  await assert.rejects(store.findSession('x'), { code: 'overloaded' })
  await assert.rejects(store.ping(), { code: 'overloaded' })
}

async function works(store: Store, path: string): Promise<void> {
  await store.ping()
  await store.writeNote('after', 'yes')
  assert.equal(await store.readNote('kept'), 'yes')
  assert.equal((await store.inspect()).integrity, 'ok')
  await store.close()
  assert.equal(readNote(path, 'after'), 'yes')
}

function readNote(path: string, name: string): unknown {
  const database = new DatabaseSync(path)
  const row = database.prepare('select value from notes where name = ?').get(name)
  database.close()
  return row?.value ?? null
}

function copyDatabase(path: string): string {
  const database = new DatabaseSync(path)
  database.exec(`vacuum into '${path}.copy'`)
  database.close()
  return `${path}.copy`
}

/** Long enough for another file to be tried again, and for the log to be looked at. */
const aSecond = () => new Promise((resolve) => setTimeout(resolve, 1050))

describe('an SQLite database whose files are touched while it is open', () => {
  it('acknowledges nothing while its file is gone, and goes on when it is back', async () => {
    const { path, store } = await open()
    renameSync(path, `${path}.away`)
    await refuses(store, /is gone or out of reach: put it back/)
    assert.ok(!existsSync(path))
    renameSync(`${path}.away`, path)
    await works(store, path)
  })

  it('goes on with a sound copy that took its name, and leaves what it had to the file that was there', async () => {
    const { path, store } = await open()
    const copy = copyDatabase(path)
    await store.writeNote('late', 'yes')
    renameSync(path, `${path}.away`)
    renameSync(copy, path)
    await store.writeNote('new', 'yes')
    assert.equal(await store.readNote('late'), null)
    await works(store, path)
    assert.equal(readNote(`${path}.away`, 'late'), 'yes')
    assert.equal(readNote(`${path}.away`, 'new'), null)
  })

  it('does not acknowledge what was committed after a copy took its name', async () => {
    const { path, store } = await open()
    await store.close()
    const db = new Kysely<Schema>({ dialect: openSqlite(path).dialect })
    const writing = db.transaction().execute(async (transaction) => {
      await transaction.insertInto('notes').values({ name: 'lost', value: 'yes' }).execute()
      renameSync(copyDatabase(path), path)
    })
    await assert.rejects(writing, { code: 'overloaded' })
    await db.insertInto('notes').values({ name: 'after', value: 'yes' }).execute()
    await db.destroy()
    assert.deepEqual([readNote(path, 'lost'), readNote(path, 'after')], [null, 'yes'])
  })

  it('goes on with a copy in two processes at once, each seeing what the other writes', async () => {
    const { path, store } = await open()
    const copy = copyDatabase(path)
    const other = startNode(
      `const { openStore } = await import(${OPEN})
       const { store } = await openStore('sqlite:' + process.argv[1])
       await store.writeNote('other', '0')
       console.log('open')
       let written = 0
       while (await store.readNote('done').catch(() => null) === null) {
         await store.writeNote('other', String(++written)).catch(() => {})
         await new Promise((resolve) => setTimeout(resolve, 1))
       }
       await store.writeNote('heard', String(written))
       await store.close()`,
      [path],
    )
    await other.firstOutput
    renameSync(path, `${path}.away`)
    renameSync(copy, path)
    for (let tries = 0; ; tries++) {
      const failure = await store.writeNote('ours', 'yes').then(
        () => null,
        (error: unknown) => error,
      )
      if (failure === null) break
      assert.ok(tries < 100, String(failure))
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await store.writeNote('done', 'yes')
    const { code, stderr } = await other.ended
    assert.equal(code, 0, stderr)
    assert.match((await store.readNote('heard')) ?? '', /^\d+$/)
    await works(store, path)
  })

  it('does not take another database for its own, nor a file that is none, and goes on when its own is back', async () => {
    const { path, store } = await open()
    const stranger = await open()
    await stranger.store.close()
    writeFileSync(`${path}.letter`, 'Dear Ada, this is no database. '.repeat(300))
    for (const file of [stranger.path, `${path}.letter`]) {
      renameSync(path, `${path}.away`)
      copyFileSync(file, path)
      await refuses(store, /is no sound copy of it: put the right one back/)
      await aSecond()
      await refuses(store, /is no sound copy of it/)
      renameSync(`${path}.away`, path)
      await store.writeNote('back', 'yes')
    }
    await works(store, path)
  })

  it('is refused from the moment it was cut short, even when it is made as long as before', async () => {
    const { path, store } = await open()
    const other = new DatabaseSync(path)
    other.exec('pragma wal_checkpoint(truncate)')
    other.close()
    await store.writeNote('before', 'yes')
    truncateSync(path, 8192)
    await refuses(store, /was cut short/)
    truncateSync(path, 1_000_000)
    await refuses(store, /was cut short/)
    await store.close()
  })

  it('is not taken for cut short when somebody shortens it rightly, or empties its log', async () => {
    const { path, store } = await open()
    const other = new DatabaseSync(path)
    other.exec('create table large (a); insert into large values (zeroblob(2000000)); pragma wal_checkpoint(truncate)')
    await store.writeNote('between', 'yes')
    other.exec('drop table large; vacuum; pragma wal_checkpoint(truncate)')
    other.close()
    await works(store, path)
  })

  it('is refused when its log or the index of it is removed or cut', async () => {
    for (const spoil of [
      (path: string) => rmSync(`${path}-wal`),
      (path: string) => rmSync(`${path}-shm`),
      (path: string) => truncateSync(`${path}-wal`, 100),
    ]) {
      const { path, store } = await open()
      spoil(path)
      await aSecond()
      await refuses(store, /A file beside the database .* was removed, replaced or cut short/)
      await store.close()
    }
  })

  it('is not made anew beside a log that is still full, whether its file is gone or empty', async () => {
    const { path, store } = await open()
    renameSync(path, `${path}.away`)
    const message = `There is no database at ${path}, but its log ${path}-wal is there: put the database back, or move the log away.`
    await assert.rejects(openStore(`sqlite:${path}`), { message })
    writeFileSync(path, '')
    await assert.rejects(openStore(`sqlite:${path}`), { message })
    renameSync(`${path}.away`, path)
    await works(store, path)
  })

  it('keeps what it acknowledged when its log is removed, from when it noticed that', async () => {
    const { path, store } = await open()
    rmSync(`${path}-wal`)
    await store.writeNote('unseen', 'yes')
    await aSecond()
    await refuses(store, /stop every Latchkey on it, start again/)
    // The file as it would be found by somebody else, were this process killed now.
    copyFileSync(path, `${path}.copy`)
    assert.equal(readNote(`${path}.copy`, 'kept'), 'yes')
    assert.equal(readNote(`${path}.copy`, 'unseen'), 'yes')
    await store.close()
    assert.equal(readNote(path, 'unseen'), 'yes')
  })
})
