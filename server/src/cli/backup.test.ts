import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { makeEnvironment, runCli } from '../../test/kit/run-cli.ts'
import { runNode } from '../../test/kit/run-node.ts'
import { openLatchkey, readConfig } from '../start.ts'

/** A database with one account and two sessions. */
async function makeDatabase() {
  const { env, directory } = makeEnvironment()
  const { core, close } = await openLatchkey(readConfig(env))
  const authenticated = await core.register({ email: 'ada@example.com', password: 'correct horse battery' })
  const client = { network: null, userAgent: 'a test' }
  for (const contract of ['drf-token', 'drf-token']) {
    await core.openKeySession(authenticated, { contract, lifetime: 3600, client })
  }
  await close()
  const database = join(directory, 'data', 'latchkey.db')
  return { env, directory, database, file: join(directory, 'backup.db') }
}

/** What a statement answers on a file that is opened for reading only. */
function read(file: string, sql: string): unknown {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    return Object.values(database.prepare(sql).get() ?? {})[0]
  } finally {
    database.close()
  }
}

describe('latchkey backup', () => {
  it('makes one private file that holds everything, and says what is in it and what else to keep', async () => {
    const { env, directory, database, file } = await makeDatabase()
    const { code, stdout, stderr } = await runCli(['backup', file], { env })
    assert.equal(code, 0, stderr)
    assert.match(
      stdout,
      /^Backed up 1 account and 2 sessions to \S+backup\.db \([\d.]+ kB\) in \d+\.\d s; integrity ok\.\n/,
    )
    assert.ok(stdout.includes(`keep the secret in ${database}.secret too`))
    assert.equal(stderr, '')
    assert.deepEqual(readdirSync(directory).sort(), ['backup.db', 'data'])
    if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.equal(read(file, 'pragma journal_mode'), 'delete')
    assert.equal(read(file, 'pragma integrity_check'), 'ok')
    assert.match(String(read(file, "select value from notes where name = 'backup_made_at'")), /^\d{4}-\d\d-\d\dT.*Z$/)
    assert.equal(read(database, "select count(*) from notes where name = 'backup_made_at'"), 0)
  })

  it('tells scripts the same in JSON', async () => {
    const { env, database, file } = await makeDatabase()
    const { stdout } = await runCli(['backup', file, '--json'], { env })
    const { seconds, made_at, ...facts } = JSON.parse(stdout)
    assert.ok(typeof seconds === 'number' && Date.parse(made_at) <= Date.now())
    const bytes = statSync(file).size
    const secret = `${database}.secret`
    assert.deepEqual(facts, { file, accounts: 1, sessions: 2, bytes, integrity: 'ok', secret })
  })

  it('leaves a file that is there alone, unless it is told to replace it', async () => {
    const { env, directory, file } = await makeDatabase()
    writeFileSync(file, 'something else')
    const refused = await runCli(['backup', file], { env })
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /is there already: .* --force/)
    assert.equal(readFileSync(file, 'utf8'), 'something else')
    assert.equal((await runCli(['backup', file, '--force'], { env })).code, 0)
    assert.equal(read(file, 'select count(*) from accounts'), 1)
    assert.deepEqual(readdirSync(directory).sort(), ['backup.db', 'data'])
  })

  it('never writes over the database or what belongs to it, by whatever way one comes to it', async () => {
    const { env, directory, database } = await makeDatabase()
    symlinkSync(join(directory, 'data'), join(directory, 'link'))
    const before = readFileSync(database)
    const own = ['', '-wal', '-shm', '-journal', '.secret'].map((suffix) => `${database}${suffix}`)
    for (const file of [...own, join(directory, 'link', 'latchkey.db')]) {
      const { code, stderr } = await runCli(['backup', file, '--force'], { env })
      assert.equal(code, 1, file)
      assert.match(stderr, /belongs to the database itself/)
    }
    const odd = await runCli(['backup', join(directory, 'link'), '--force'], { env })
    assert.match(odd.stderr, /no ordinary file/)
    assert.deepEqual(readFileSync(database), before)
  })

  it('says in one sentence why it cannot be done, and leaves nothing behind', async () => {
    const { env, directory, database, file } = await makeDatabase()
    const other = join(directory, 'other.db')
    new DatabaseSync(other).close()
    const cases: readonly { file: string; url?: string; says: RegExp }[] = [
      { file: join(directory, 'nowhere', 'x.db'), says: /There is no directory .*nowhere/ },
      { file: join(database, 'x.db'), says: /There is no directory .*latchkey\.db:/ },
      { file, url: `sqlite:${join(directory, 'none.db')}`, says: /There is no database at / },
      { file, url: 'sqlite::memory:', says: /in memory: there is nothing to back up/ },
      { file, url: `sqlite:${other}`, says: /no database of Latchkey’s/ },
    ]
    for (const { file, url = env.DATABASE_URL ?? '', says } of cases) {
      const { code, stdout, stderr } = await runCli(['backup', file], { env: { ...env, DATABASE_URL: url } })
      assert.equal(code, 1, stderr)
      assert.match(stderr, says)
      assert.equal(stderr.trimEnd().split('\n').length, 1, stderr)
      assert.equal(stdout, '')
    }
    assert.deepEqual(readdirSync(directory).sort(), ['data', 'other.db'])
  })

  it('removes what an interrupted backup left, and not what another is at work on', async () => {
    const { env, directory, file } = await makeDatabase()
    const gone = await runNode('console.log(process.pid)')
    const left = `${file}.${gone.stdout.trim()}.draft`
    const atWork = `${file}.${process.ppid}.draft`
    for (const path of [left, `${left}-journal`, atWork]) writeFileSync(path, 'half a backup')
    const { code, stderr } = await runCli(['backup', file], { env })
    assert.equal(code, 0)
    assert.equal(stderr, `Removed ${left}, left by a backup that was interrupted.\n`)
    assert.ok(!existsSync(left) && !existsSync(`${left}-journal`) && existsSync(atWork) && existsSync(file))
    assert.equal(readdirSync(directory).length, 3)
  })

  it('backs up a database of an older version as it is', async () => {
    const { env, database, file } = await makeDatabase()
    const older = new DatabaseSync(database)
    older.exec(
      "delete from kysely_migration where name not like '0001%'; drop table one_time_tokens; drop table letters",
    )
    older.close()
    assert.match((await runCli(['backup', file], { env })).stdout, /^Backed up 1 account and 2 sessions/)
    assert.equal(read(file, 'select count(*) from kysely_migration'), 1)
  })

  it('notices a database that is damaged, and gives no copy of it', async () => {
    const { env, directory, database, file } = await makeDatabase()
    const bytes = readFileSync(database)
    // Past the first page, on which SQLite finds out what there is.
    bytes.fill(0xff, 8 * 4096, 20 * 4096)
    writeFileSync(database, bytes)
    const { code, stderr } = await runCli(['backup', file], { env })
    assert.equal(code, 1)
    assert.match(stderr, /damaged|malformed/)
    assert.deepEqual(readdirSync(directory), ['data'])
  })

  it('says how PostgreSQL is backed up and restored, and never its password', async () => {
    const env = {
      DATABASE_URL: 'postgres://ada:s3cret%40@db.example.com:5433/latchkey?sslmode=verify-full',
      LATCHKEY_SECRET: 'only-tests-have-this-secret-0123456789abcdef',
    }
    const address = "'postgres://ada@db.example.com:5433/latchkey?sslmode=verify-full'"
    const backup = await runCli(['backup', 'auth.dump'], { env })
    assert.equal(backup.code, 1)
    assert.ok(
      backup.stderr.includes(`\n  pg_dump --format=custom --file=auth.dump --dbname=${address}\n`),
      backup.stderr,
    )
    const restore = await runCli(['restore', 'auth.dump', '--yes'], { env })
    assert.equal(restore.code, 1)
    assert.ok(restore.stderr.includes(`--single-transaction --dbname=${address} auth.dump\n`), restore.stderr)
    assert.match(restore.stderr, /sessions revoke --all --yes/)
    for (const text of [backup.stderr, restore.stderr]) assert.ok(!text.includes('s3cret'))
  })

  it('keeps a relative name where one stands', async () => {
    const { env, directory } = await makeDatabase()
    const before = process.cwd()
    mkdirSync(join(directory, 'here'))
    process.chdir(join(directory, 'here'))
    try {
      assert.equal((await runCli(['backup', 'mine.db'], { env })).code, 0)
    } finally {
      process.chdir(before)
    }
    assert.ok(existsSync(join(directory, 'here', 'mine.db')))
  })
})
