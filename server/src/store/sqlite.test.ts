import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { CompiledQuery, Kysely } from 'kysely'
import { holdLock } from '../../test/kit/hold-lock.ts'
import { fixedRule } from '../../test/kit/rules.ts'
import { runNode } from '../../test/kit/run-node.ts'
import { makeDirectory } from '../../test/kit/server-process.ts'
import { normaliseIdentifier } from '../core/identifier.ts'
import { openStore } from './open.ts'
import { openSqlite } from './sql/sqlite.ts'
import { storeSuite } from './store.suite.ts'

const scratch = makeDirectory()
let files = 0
const newFile = () => join(scratch, `database-${++files}`, 'latchkey.db')

const suiteFile = newFile()
let isFirst = true
await storeSuite('an SQLite file', {
  open: () => {
    const url = `sqlite:${isFirst ? suiteFile : newFile()}`
    isFirst = false
    return openStore(url)
  },
  openAgain: () => openStore(`sqlite:${suiteFile}`),
  racesOnBoth: true,
})
await storeSuite('SQLite in memory', { open: () => openStore('sqlite::memory:') })

const OPEN = JSON.stringify(import.meta.resolve('./open.ts'))

describe('an SQLite file', () => {
  it('keeps data safe: WAL, every commit synced, foreign keys on, no trusted schema', async () => {
    const { store } = await openStore(`sqlite:${newFile()}`)
    const { settings, engine } = await store.inspect()
    await store.close()
    assert.deepEqual(settings, {
      journal_mode: 'wal',
      synchronous: 'FULL',
      foreign_keys: 'ON',
      trusted_schema: 'OFF',
      busy_timeout: '0',
      lock_wait: '5000',
    })
    assert.match(engine, /^SQLite 3\.\d+/)
  })

  it('is made with its directory, both for the owner alone', async () => {
    const path = newFile()
    const { store } = await openStore(`sqlite:${path}`)
    await store.writeNote('a', 'b')
    for (const file of [path, `${path}-wal`, `${path}-shm`]) assert.equal(statSync(file).mode & 0o777, 0o600, file)
    assert.equal(statSync(join(path, '..')).mode & 0o777, 0o700)
    await store.close()
  })

  it('leaves the mode of a directory alone that was there, and closes a file that others could read', async () => {
    const path = newFile()
    mkdirSync(join(path, '..'), { mode: 0o755 })
    await (await openStore(`sqlite:${path}`)).store.close()
    chmodSync(path, 0o644)
    await (await openStore(`sqlite:${path}`)).store.close()
    assert.equal(statSync(join(path, '..')).mode & 0o777, 0o755)
    assert.equal(statSync(path).mode & 0o777, 0o600)
  })

  it('is migrated once', async () => {
    const url = `sqlite:${newFile()}`
    const first = await openStore(url)
    assert.equal(first.migrated[0], '0001-accounts-and-sessions')
    assert.deepEqual((await first.store.inspect()).appliedMigrations, first.migrated)
    await first.store.close()
    const second = await openStore(url)
    assert.deepEqual(second.migrated, [])
    await second.store.close()
  })

  it('keeps what it was told when it is opened again', async () => {
    const url = `sqlite:${newFile()}`
    const first = await openStore(url)
    await first.store.writeNote('kept', 'yes')
    await first.store.close()
    const second = await openStore(url)
    assert.equal(await second.store.readNote('kept'), 'yes')
    await second.store.close()
  })

  it('can be opened, fresh, by 6 processes at the same moment', async () => {
    for (let round = 0; round < 2; round++) {
      const script = `
        const { openStore } = await import(${OPEN})
        while (Date.now() < Number(process.argv[2]));
        const { store, migrated } = await openStore('sqlite:' + process.argv[1])
        await store.ping()
        console.log(migrated.length)
        await store.close()`
      const path = newFile()
      const start = String(Date.now() + 1200)
      const ended = await Promise.all(Array.from({ length: 6 }, () => runNode(script, [path, start])))
      for (const { code, stderr } of ended) assert.equal(code, 0, stderr)
      const applied = ended.map(({ stdout }) => Number(stdout))
      assert.equal(applied.filter((count) => count > 0).length, 1, String(applied))
    }
  })

  it('loses nothing when two processes write at once', async () => {
    const path = newFile()
    const script = `
      const { openStore } = await import(${OPEN})
      const { store } = await openStore('sqlite:' + process.argv[1])
      const rule = { limit: 1000, window: 1e9, whenUsedUp: 'wait', quiet: 0, consecutive: 1e9 }
      let passed = 0
      for (let index = 0; index < 200; index++) {
        const subject = crypto.randomUUID()
        await store.createAccount({
          subject, email: null, username: subject, identifiers: [{ value: subject, kind: 'username' }],
          profile: { name: '', firstName: '', lastName: '', phoneNumber: '' }, isActive: true, isStaff: false,
          hasWeakPassword: false, passwordHash: null, credentialVersion: 1, createdAt: 1,
        })
        const { blocked } = await store.takeAttempts([{ key: 'shared', rule: { ...rule, limit: 300 } }], 1)
        if (blocked === null) passed++
      }
      await store.close()
      console.log(passed)`
    await (await openStore(`sqlite:${path}`)).store.close()
    const ended = await Promise.all([runNode(script, [path]), runNode(script, [path])])
    for (const { code, stderr } of ended) assert.equal(code, 0, stderr)
    assert.equal(
      ended.reduce((sum, { stdout }) => sum + Number(stdout), 0),
      300,
    )
    const { store } = await openStore(`sqlite:${path}`)
    const facts = await store.inspect()
    await store.close()
    assert.equal(facts.accounts, 400)
    assert.equal(facts.integrity, 'ok')
  })

  it('is overloaded for writers while another process holds it, serves readers, and recovers', async () => {
    const path = newFile()
    const { store } = await openStore(`sqlite:${path}`)
    await store.writeNote('before', 'yes')
    const release = await holdLock(path)
    const order: string[] = []
    const told = (what: string) => () => order.push(what)
    const first = store.writeNote('during', 'no').then(told('written'), (error: unknown) => {
      order.push('refused')
      return error
    })
    const second = assert.rejects(store.writeNote('during', 'no either')).then(told('refused'))
    // Neither the process nor its readers wait with them.
    assert.equal(await store.readNote('before'), 'yes')
    await store.ping()
    order.push('read')
    await new Promise((resolve) => setTimeout(resolve, 10)).then(told('alive'))
    const error = await first
    await second
    assert.deepEqual(order, ['read', 'alive', 'refused', 'refused'])
    assert.ok(error instanceof Error)
    assert.equal(error.name, 'AuthError')
    assert.equal('code' in error && error.code, 'overloaded')
    assert.equal('retryAfter' in error && error.retryAfter, 2)
    assert.ok(error.cause instanceof Error)

    // By now nobody waits any more: not for a write, not for a transaction, not for readiness, which tells.
    const timer = setTimeout(told('a second'), 1000)
    await assert.rejects(store.writeNote('during', 'no'), { code: 'overloaded' })
    await assert.rejects(store.setActive(1, false, 1), { code: 'overloaded' })
    await assert.rejects(store.ping(), { code: 'overloaded' })
    assert.equal(await store.readNote('before'), 'yes')
    assert.ok(!order.includes('a second'))
    clearTimeout(timer)

    await release()
    await store.ping()
    await store.writeNote('after', 'yes')
    assert.equal(await store.readNote('during'), null)
    await store.close()
  })

  it('can be opened, and gives the notes that are kept, while another process holds it', async () => {
    const path = newFile()
    const first = await openStore(`sqlite:${path}`)
    assert.equal(await first.store.keepNote('issuer', 'the first'), 'the first')
    await first.store.close()
    const release = await holdLock(path)
    try {
      const { store } = await openStore(`sqlite:${path}`)
      assert.equal(await store.keepNote('issuer', 'the second'), 'the first')
      await store.close()
    } finally {
      await release()
    }
  })

  it('may be named by symbolic links, to a file or to its directory, there or still to be made', async () => {
    const path = newFile()
    const links = `${path}-links`
    mkdirSync(links, { recursive: true })
    symlinkSync(path, join(links, 'file.db'))
    symlinkSync(dirname(path), join(links, 'directory'))
    const made = await openStore(`sqlite:${join(links, 'file.db')}`)
    await made.store.writeNote('a', 'b')
    assert.equal((await made.store.inspect()).location, realpathSync(path))
    for (const link of [join(links, 'file.db'), join(links, 'directory', 'latchkey.db'), path]) {
      const { store } = await openStore(`sqlite:${link}`)
      assert.equal(await store.readNote('a'), 'b')
      await store.writeNote('written through', link)
      await store.close()
    }
    assert.equal(await made.store.readNote('written through'), path)
    await made.store.close()
  })

  it('waits for another process that holds it shortly', async () => {
    const path = newFile()
    const { store } = await openStore(`sqlite:${path}`)
    const release = await holdLock(path)
    const written = Promise.all([
      store.writeNote('alone', 'yes'),
      store.takeAttempts([{ key: 'a', rule: fixedRule(1, 1000) }], 1),
    ])
    let isWritten = false
    const noted = written.then(() => (isWritten = true))
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.equal(isWritten, false)
    await release()
    await noted
    assert.equal(await store.readNote('alone'), 'yes')
    await store.close()
  })

  it('is refused in one sentence when it was written by a newer Latchkey', async () => {
    const path = newFile()
    await (await openStore(`sqlite:${path}`)).store.close()
    const database = new DatabaseSync(path)
    database.exec("insert into kysely_migration (name, timestamp) values ('9999-from-the-future', '')")
    database.close()
    await assert.rejects(openStore(`sqlite:${path}`), {
      message:
        'This database was written by a newer Latchkey (it has 9999-from-the-future): start that version, or restore a backup made by this one.',
    })
  })

  it('is refused in one sentence when it is no database, and stays as it was', async () => {
    const path = join(scratch, 'letter.txt')
    writeFileSync(path, 'Dear Ada, this is a letter and no database at all. '.repeat(40))
    const before = readFileSync(path)
    await assert.rejects(openStore(`sqlite:${path}`), {
      message: `The file ${path} cannot be used as a database: is it one, and may this user write to it?`,
    })
    assert.deepEqual(readFileSync(path), before)
  })

  it('is refused in one sentence where nothing can be made', async () => {
    // A file where a directory should be: nobody, not even the superuser, can make anything below it.
    const blocker = join(scratch, 'blocker')
    writeFileSync(blocker, '')
    const path = join(blocker, 'data', 'latchkey.db')
    await assert.rejects(openStore(`sqlite:${path}`), {
      message: `The database ${path} cannot be opened: check that DATABASE_URL is right and that this user may write there.`,
    })
    assert.ok(!existsSync(path))
    await assert.rejects(openStore(`sqlite:${scratch}`), { message: /cannot be opened: check that DATABASE_URL/ })
  })

  it('takes the memory of a process for a database of its own, each time a new one', async () => {
    const [a, b] = [await openStore('sqlite::memory:'), await openStore('sqlite::memory:')]
    await a.store.writeNote('mine', 'yes')
    assert.equal(await b.store.readNote('mine'), null)
    assert.equal((await a.store.inspect()).settings.journal_mode, 'memory')
    assert.equal((await a.store.inspect()).location, ':memory:')
    await Promise.all([a.store.close(), b.store.close()])
  })

  it('is the only kind of address that is known', async () => {
    await assert.rejects(openStore('mysql://localhost/x'), { message: /^DATABASE_URL must begin with sqlite:/ })
  })
})

describe('openSqlite', () => {
  it('answers the same with a statement it has prepared as with one that it has forgotten', async () => {
    const db = new Kysely<Record<string, never>>({ dialect: openSqlite(':memory:').dialect })
    const run = (sql: string, parameters: unknown[] = []) => db.executeQuery(CompiledQuery.raw(sql, parameters))
    await run('create table t (a integer)')
    for (let value = 0; value < 250; value++) {
      await run('insert into t values (?)', [value])
      const { rows } = await run(`select a, ${value} as b from t where a = ?`, [value])
      assert.deepEqual(
        rows.map((row) => ({ ...(row as object) })),
        [{ a: value, b: value }],
      )
    }
    const { rows } = await run('select count(*) as count from t')
    assert.deepEqual(
      rows.map((row) => ({ ...(row as object) })),
      [{ count: 250 }],
    )
    await run('alter table t add column c integer')
    assert.deepEqual(Object.keys((await run('select * from t limit 1')).rows[0] ?? {}), ['a', 'c'])
    await db.destroy()
  })

  it('keeps the statements of others out of a transaction, and begins it at once', async () => {
    const { store } = await openStore('sqlite::memory:')
    const rule = fixedRule(1, 1000)
    await store.takeAttempts([{ key: 'full', rule }], 1)
    // Each of these transactions is rolled back; the notes between them must not go with it.
    const name = normaliseIdentifier('x')
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        await Promise.all([
          store.createAccount({
            subject: String(index),
            email: null,
            username: 'x',
            identifiers: [{ value: name, kind: 'username' }],
            profile: { name: '', firstName: '', lastName: '', phoneNumber: '' },
            isActive: true,
            isStaff: false,
            hasWeakPassword: false,
            passwordHash: null,
            credentialVersion: 1,
            createdAt: 1,
          }),
          store.writeNote(`note ${index}`, 'kept'),
        ])
      }),
    )
    for (let index = 0; index < 50; index++) assert.equal(await store.readNote(`note ${index}`), 'kept')
    assert.equal((await store.inspect()).accounts, 1)
    await store.close()
  })
})
