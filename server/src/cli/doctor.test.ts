import assert from 'node:assert/strict'
import {
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { makeEnvironment, runCli } from '../../test/kit/run-cli.ts'
import { FORWARDED_NOTE } from '../inspect-database.ts'
import { openLatchkey } from '../open-latchkey.ts'
import { readConfig } from '../read-config.ts'

/** Which lines are not well, and the exit code. */
async function examine(env: Record<string, string>) {
  const { code, stdout } = await runCli(['doctor'], { env })
  const lines = stdout.trimEnd().split('\n')
  return { code, lines, bad: lines.filter((line) => !line.startsWith('ok ')) }
}

/** Makes the database what it was before the second migration. */
function setBack(file: string): void {
  const database = new DatabaseSync(file)
  database.exec("delete from kysely_migration where name like '0002%'; drop table one_time_tokens; drop table letters")
  database.close()
}

/** Writes nonsense over the first page of a table. */
function damage(file: string, table: string): void {
  const database = new DatabaseSync(file)
  database.exec('pragma wal_checkpoint(truncate)')
  const page = Number(
    table === 'sqlite_schema'
      ? 1
      : database.prepare('select rootpage from sqlite_schema where name = ?').get(table)?.rootpage,
  )
  const size = Number(database.prepare('pragma page_size').get()?.page_size)
  database.close()
  const handle = openSync(file, 'r+')
  // Of the first page the header stays, or it would be no database at all.
  const skipped = page === 1 ? 100 : 0
  writeSync(handle, Buffer.alloc(size - skipped, 0xaa), 0, size - skipped, (page - 1) * size + skipped)
  closeSync(handle)
}

/** The names, modes and bytes of all files in a directory. */
function photograph(directory: string) {
  return readdirSync(directory).map((name) => {
    const path = join(directory, name)
    return { name, mode: statSync(path).mode, bytes: readFileSync(path).toString('base64') }
  })
}

describe('latchkey doctor', () => {
  it('finds all well on a new database', async () => {
    const { env } = makeEnvironment()
    assert.equal((await runCli(['migrate'], { env })).code, 0)
    const { code, lines, bad } = await examine(env)
    assert.deepEqual(bad, [])
    assert.equal(code, 0)
    for (const about of ['node', 'settings', 'clock', 'data directory', 'database file', 'secret', 'database']) {
      assert.ok(
        lines.some((line) => line.startsWith(`ok  ${about} `)),
        about,
      )
    }
  })

  it('says that there is no database yet, and makes none', async () => {
    const { env, directory } = makeEnvironment()
    const { code, bad } = await examine(env)
    assert.equal(code, 1)
    assert.equal(bad.length, 1)
    assert.match(bad[0] ?? '', /^FAIL +database +There is no database at /)
    assert.ok(!existsSync(join(directory, 'data')))
  })

  it('tells of damage wherever it is, and what to do about it', async () => {
    for (const table of ['accounts', 'sessions', 'notes', 'signing_keys', 'kysely_migration', 'sqlite_schema']) {
      const { env, directory } = makeEnvironment()
      await runCli(['migrate'], { env })
      damage(join(directory, 'data', 'latchkey.db'), table)
      const { code, bad } = await examine(env)
      assert.equal(code, 1)
      const line = bad.find((line) => /^FAIL +database /.test(line)) ?? ''
      assert.match(
        line,
        /is damaged \(.+\): .+ restore FILE|cannot be read as a database/,
        `${table}: ${bad.join('; ')}`,
      )
    }
  })

  it('fails on files that others can read, and says which chmod to run', async () => {
    const { env, directory } = makeEnvironment()
    await runCli(['migrate'], { env })
    const file = join(directory, 'data', 'latchkey.db')
    chmodSync(file, 0o644)
    chmodSync(join(directory, 'data'), 0o777)
    const { code, bad } = await examine(env)
    assert.equal(code, 1)
    assert.ok(bad.some((line) => line.startsWith('FAIL') && line.includes(`chmod 700 ${join(directory, 'data')}`)))
    assert.ok(bad.some((line) => line.startsWith('FAIL') && line.includes(`chmod 600 ${file}`)))
  })

  it('fails on a secret that others can read, or that is gone, and makes no other', async () => {
    const { env, directory } = makeEnvironment()
    await runCli(['migrate'], { env })
    const file = join(directory, 'data', 'latchkey.db.secret')
    chmodSync(file, 0o640)
    const open = await examine(env)
    assert.equal(open.code, 1)
    assert.ok(open.bad.some((line) => /^FAIL +secret .*chmod 600/.test(line)))
    rmSync(file)
    const gone = await examine(env)
    assert.equal(gone.code, 1)
    assert.ok(gone.bad.some((line) => /^FAIL +secret .*is missing/.test(line)))
    assert.ok(!existsSync(file))
  })

  it('fails on a clock that is behind the database', async () => {
    const { env, directory } = makeEnvironment()
    await runCli(['migrate'], { env })
    const later = Date.now() / 1000 + 3600
    utimesSync(join(directory, 'data', 'latchkey.db'), later, later)
    const { code, bad } = await examine(env)
    assert.equal(code, 1)
    assert.match(bad.join('\n'), /^FAIL +clock +it is 3\d\d\d seconds behind/)
  })

  it('fails on settings that cannot be used, a line each', async () => {
    const { code, bad } = await examine({ PORT: 'x', LOG_LEVEL: 'y' })
    assert.equal(code, 1)
    assert.equal(bad.filter((line) => /^FAIL +settings +(PORT|LOG_LEVEL) /.test(line)).length, 2)
  })

  it('warns of an open network without https, and of limits that are off', async () => {
    const open = await examine({ DATABASE_URL: 'sqlite::memory:', HOST: '0.0.0.0' })
    assert.equal(open.code, 0)
    assert.ok(open.bad.some((line) => /^warn +network .*LATCHKEY_PUBLIC_URL is not https/.test(line)))
    const behindProxy = { HOST: '0.0.0.0', LATCHKEY_PUBLIC_URL: 'https://auth.example.com' }
    const closed = await examine({ DATABASE_URL: 'sqlite::memory:', ...behindProxy })
    assert.ok(!closed.bad.some((line) => line.includes('network')))
    const unlimited = await examine({ DATABASE_URL: 'sqlite::memory:', LATCHKEY_LIMITS: 'off' })
    assert.ok(unlimited.bad.some((line) => /^warn +limits /.test(line)))
  })

  it('says the same in JSON', async () => {
    const { env } = makeEnvironment()
    await runCli(['migrate'], { env })
    const { code, stdout } = await runCli(['doctor', '--json'], { env })
    const { ok, findings } = JSON.parse(stdout)
    assert.equal(code, 0)
    assert.equal(ok, true)
    assert.deepEqual(Object.keys(findings[0]), ['about', 'level', 'says'])
  })

  it('tells of pending migrations, and changes nothing', async () => {
    const { env, directory } = makeEnvironment()
    await runCli(['migrate'], { env })
    const file = join(directory, 'data', 'latchkey.db')
    setBack(file)
    chmodSync(file, 0o644)
    const before = photograph(join(directory, 'data'))
    const { code, bad } = await examine(env)
    assert.equal(code, 1)
    assert.match(bad.join('\n'), /^FAIL +migrations +pending: 0002-\S+\. Run: npm run latchkey -- migrate$/m)
    assert.deepEqual(photograph(join(directory, 'data')), before)

    const { applied } = JSON.parse((await runCli(['migrate', '--json'], { env })).stdout)
    assert.equal(applied.length, 1)
    assert.deepEqual((await examine(env)).bad, [])
  })

  it('makes no signing key, and fails on a database of a newer Latchkey', async () => {
    const { env, directory } = makeEnvironment()
    await runCli(['migrate'], { env })
    const file = join(directory, 'data', 'latchkey.db')
    const database = new DatabaseSync(file)
    database.exec('delete from signing_keys')
    await examine(env)
    assert.deepEqual({ ...database.prepare('select count(*) as count from signing_keys').get() }, { count: 0 })
    database.exec("insert into kysely_migration (name, timestamp) values ('9999-later', '')")
    database.close()
    const { code, bad } = await examine(env)
    assert.equal(code, 1)
    assert.match(bad.join('\n'), /^FAIL +database +.*newer Latchkey \(it has 9999-later\)/)
  })

  it('fails when the secret is not the one the signing keys were sealed under', async () => {
    const { env } = makeEnvironment()
    await runCli(['migrate'], { env })
    const { code, bad } = await examine({ ...env, LATCHKEY_SECRET: 'xK4-pQ9_vT2mZ7wB1nR6sD3fG8hJ5lC0yU' })
    assert.equal(code, 1)
    assert.match(bad.join('\n'), /^FAIL +secret +is not the one this database was sealed under/)
  })

  it('tells how many accounts have hashes of a back end before, and warns of those that cannot be checked', async () => {
    const { env, directory } = makeEnvironment()
    for (const name of ['ada', 'grace', 'joan', 'mary']) {
      await runCli(['accounts', 'create', '--username', name], { env, stdin: 'Correct-horse-7' })
    }
    assert.doesNotMatch((await examine(env)).lines.join('\n'), /back end before/)
    const database = new DatabaseSync(join(directory, 'data', 'latchkey.db'))
    database.exec(
      "update accounts set legacy_format = 'phpass' where id > 1; update accounts set legacy_format = 'bcrypt' where id = 2",
    )
    const told = await examine(env)
    assert.match(
      told.lines.join('\n'),
      /^ok +passwords +hashes of a back end before: 3 of 4 accounts \(bcrypt 1, phpass 2\)\./m,
    )
    assert.deepEqual(told.bad, [])
    database.exec("update accounts set legacy_format = 'unreadable' where id = 3")
    database.close()
    const warned = await examine(env)
    assert.equal(warned.code, 0)
    assert.match(
      warned.bad.join('\n'),
      /^warn +passwords +accounts whose hash of a back end before cannot be checked here: 1\./,
    )
    assert.match(warned.lines.join('\n'), /before: 2 of 4 accounts \(bcrypt 1, phpass 1\)/)
  })

  it('warns of a proxy that is not trusted until it is', async () => {
    const { env } = makeEnvironment()
    const latchkey = await openLatchkey(readConfig(env))
    await latchkey.writeNote(FORWARDED_NOTE, '::ffff:10.1.2.3')
    await latchkey.close()
    for (const proxies of ['', '10.2.0.0/16', '::1']) {
      const { bad } = await examine({ ...env, LATCHKEY_TRUSTED_PROXIES: proxies })
      assert.match(bad.join('\n'), /^warn +proxies .*::ffff:10\.1\.2\.3/)
    }
    for (const proxies of ['10.1.2.3', '::1,10.1.0.0/16']) {
      assert.deepEqual((await examine({ ...env, LATCHKEY_TRUSTED_PROXIES: proxies })).bad, [])
    }
  })
})

describe('latchkey migrate', () => {
  it('makes the database, says what it applied, and has nothing to do the second time', async () => {
    const { env, directory } = makeEnvironment()
    const first = await runCli(['migrate'], { env })
    assert.equal(first.code, 0, first.stderr)
    assert.match(first.stdout, /^Applied 0001/)
    assert.ok(existsSync(join(directory, 'data', 'latchkey.db')))
    assert.match((await runCli(['migrate'], { env })).stdout, /is up to date: nothing to apply\.\n$/)
    const { applied, before } = JSON.parse((await runCli(['migrate', '--json'], { env })).stdout)
    assert.deepEqual(applied, [])
    assert.match(before[0], /^0001/)
  })
})
