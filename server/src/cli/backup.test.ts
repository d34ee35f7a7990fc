import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { LOCAL } from '../../test/kit/clients.ts'
import { makeEnvironment, runCli } from '../../test/kit/run-cli.ts'
import { startNode } from '../../test/kit/run-node.ts'
import { openLatchkey } from '../open-latchkey.ts'
import { readConfig } from '../read-config.ts'

const DRAFTS = new URL('../store/drafts.ts', import.meta.url).href

/** A database with one account and two sessions. */
async function makeDatabase() {
  const { env, directory } = makeEnvironment()
  const { core, close } = await openLatchkey(readConfig(env))
  const authenticated = await core.register({ email: 'ada@example.com', password: 'correct horse battery' }, LOCAL)
  for (const contract of ['drf-token', 'drf-token']) {
    await core.openKeySession(authenticated, { lifetime: 3600, client: { ...LOCAL, contract } })
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

/** A process that has begun a draft of a file, and is at work on it until it is killed. */
async function startDraft(file: string) {
  const script = `
    const { beginDraft } = await import(${JSON.stringify(DRAFTS)})
    const { writeFileSync } = await import('node:fs')
    const { path } = beginDraft(process.argv[1])
    for (const suffix of ['', '-wal', '-shm', '-journal']) writeFileSync(path + suffix, 'half a backup')
    process.stdout.write(path)
    setInterval(() => {}, 1000)`
  const process = startNode(script, [file])
  await process.firstOutput
  const name = readdirSync(dirname(file)).find(
    (name) => name.startsWith(`${basename(file)}.`) && name.endsWith('.draft'),
  )
  return { process, draft: join(dirname(file), name ?? '') }
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

  it('removes what interrupted backups to any name left, and nothing that another is at work on', async () => {
    const { env, directory, file } = await makeDatabase()
    const dated = join(directory, 'backup-2026-01-31.db')
    const [left, atWork] = await Promise.all([startDraft(dated), startDraft(file)])
    left.process.kill()
    await left.process.ended
    const others = ['notes.0123456789ab.draft', 'notes.12.draft'].map((name) => join(directory, name))
    for (const path of others) writeFileSync(path, 'not made by a backup')
    const { code, stderr } = await runCli(['backup', file], { env })
    assert.equal(code, 0, stderr)
    assert.equal(stderr, `Removed ${left.draft}, which was left unfinished.\n`)
    for (const path of [...others, atWork.draft, file]) assert.ok(existsSync(path), path)
    assert.deepEqual(
      readdirSync(directory).filter((name) => name.startsWith('backup-')),
      [],
    )
    atWork.process.kill()
    await atWork.process.ended
  })

  it('at the same time as another to the same name leaves a whole one, and both tell the truth', async () => {
    const { env, directory, database, file } = await makeDatabase()
    const filled = new DatabaseSync(database)
    filled.exec(`
      with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 20000)
      insert into notes select 'note-' || n, printf('%200d', n) from numbers`)
    filled.close()
    // Of one process, as in containers, where all of them have the number 1.
    const both = await Promise.all([1, 2].map(() => runCli(['backup', file, '--force', '--json'], { env })))
    for (const { code, stdout, stderr } of both) {
      assert.equal(code, 0, stderr)
      assert.partialDeepStrictEqual(JSON.parse(stdout), { accounts: 1, sessions: 2 })
    }
    assert.equal(read(file, 'pragma integrity_check'), 'ok')
    assert.equal(read(file, 'select count(*) from accounts'), 1)
    assert.ok(Number(read(file, 'select count(*) from notes')) > 20_000)
    assert.deepEqual(readdirSync(directory).sort(), ['backup.db', 'data'])
  })

  it('follows a link to the database, and does not write over what it leads to', async () => {
    const { env, directory, database, file } = await makeDatabase()
    const link = join(directory, 'link.db')
    symlinkSync(database, link)
    const linked = {
      ...env,
      DATABASE_URL: `sqlite:${link}`,
      LATCHKEY_SECRET: readFileSync(`${database}.secret`, 'utf8').trim(),
    }
    const { code, stderr } = await runCli(['backup', file], { env: linked })
    assert.equal(code, 0, stderr)
    assert.equal(read(file, 'select count(*) from accounts'), 1)
    for (const own of [database, `${database}-wal`, link, `${link}.secret`]) {
      const refused = await runCli(['backup', own, '--force'], { env: linked })
      assert.match(refused.stderr, /belongs to the database itself/, own)
    }
  })

  it('refuses a log without its database, as does doctor, and leaves it whole', async () => {
    const { env, database, file } = await makeDatabase()
    for (const isEmpty of [true, false]) {
      rmSync(database, { force: true })
      if (isEmpty) writeFileSync(database, '')
      writeFileSync(`${database}-wal`, 'all that was written last')
      for (const [command, ...rest] of [['backup', file] as const, ['doctor'] as const]) {
        const { code, stdout, stderr } = await runCli([command, ...rest], { env })
        assert.equal(code, 1)
        if (isEmpty) assert.match(stdout + stderr, /There is no database at \S+, but its log \S+-wal is there/, command)
        assert.equal(readFileSync(`${database}-wal`, 'utf8'), 'all that was written last', command)
      }
    }
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
    const url = 'postgres://ada@db.example.com:5433/latchkey?sslmode=verify-full'
    // Latchkey trusts the system's authorities where none are named; libpq has to be told.
    const address = `'${url}&sslrootcert=system'`
    const backup = await runCli(['backup', 'auth.dump'], { env })
    assert.equal(backup.code, 1)
    assert.ok(
      backup.stderr.includes(`\n  pg_dump --format=custom --file=auth.dump --dbname=${address}\n`),
      backup.stderr,
    )
    const restore = await runCli(['restore', 'auth.dump', '--yes'], { env })
    assert.equal(restore.code, 1)
    assert.ok(restore.stderr.includes('\n  pg_restore --no-owner --file=auth.dump.sql auth.dump &&\n'), restore.stderr)
    assert.ok(restore.stderr.includes(`--dbname=${address} \\\n`), restore.stderr)
    assert.match(restore.stderr, /sessions revoke --all --yes/)
    for (const text of [backup.stderr, restore.stderr]) {
      assert.match(text, /needs the tools of PostgreSQL 16/)
      assert.ok(!text.includes('s3cret'))
    }
    const named = { ...env, DATABASE_URL: `${url}&sslrootcert=/etc/authority.pem` }
    const { stderr } = await runCli(['backup', 'auth.dump'], { env: named })
    assert.ok(stderr.includes(`--dbname='${url}&sslrootcert=/etc/authority.pem'\n`), stderr)
    assert.doesNotMatch(stderr, /PostgreSQL 16/)
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
