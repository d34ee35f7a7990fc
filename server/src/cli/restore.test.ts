import assert from 'node:assert/strict'
import {
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { LOCAL, openEveryKind } from '../../test/kit/clients.ts'
import { makeEnvironment, runCli } from '../../test/kit/run-cli.ts'
import { startNode } from '../../test/kit/run-node.ts'
import type { Authenticated } from '../core/account.ts'
import type { Core } from '../core/core.ts'
import { openLatchkey } from '../open-latchkey.ts'
import { readConfig } from '../read-config.ts'

const ADA = { email: 'ada@example.com', password: 'correct horse battery' }
const RESTORE = new URL('../store/sql/sqlite/restore.ts', import.meta.url).href
const BOB = { email: 'bob@example.com', password: 'another horse battery' }
type Environment = Record<string, string>

/** Does something with the database open, as a server has it. */
async function using<Result>(env: Environment, action: (core: Core) => Promise<Result>): Promise<Result> {
  const { core, close } = await openLatchkey(readConfig(env))
  try {
    return await action(core)
  } finally {
    await close()
  }
}

function signIn(core: Core, { email, password }: typeof ADA): Promise<Authenticated> {
  return core.authenticate({ identifier: email, password, kinds: ['email'], client: LOCAL })
}

/** What migrations after the first have made. */
const LATER_TABLES = [
  'service_clients',
  'one_time_tokens',
  'letters',
  'counted_names',
  'known_networks',
  'revoked_keys',
  'audit_log',
  'audit_ends',
  'webhook_deliveries',
  'legacy_ids',
  'deleted_legacy_ids',
  'legacy_answers',
  'imports',
]
const LATER_KEY_COLUMNS = ['active_from', 'retired_at', 'revoked_at', 'longest_lifetime']

/** A database of Ada's, with a session of every kind, and its backup; Bob has registered since. */
async function makeBackup() {
  const { env, directory } = makeEnvironment()
  const tokens = await using(env, async (core) => openEveryKind(core, await core.register(ADA, LOCAL)))
  const database = join(directory, 'data', 'latchkey.db')
  const file = join(directory, 'backup.db')
  assert.equal((await runCli(['backup', file], { env })).code, 0)
  const since = await using(env, async (core) => openEveryKind(core, await core.register(BOB, LOCAL)))
  return { env, directory, database, file, tokens, since }
}

/** The names and bytes of everything beside a database. */
function photograph(database: string) {
  const directory = dirname(database)
  const names = readdirSync(directory).sort()
  return names.map((name) => [name, readFileSync(join(directory, name)).toString('base64')])
}

/** Which of these tokens are taken. */
async function findAlive(env: Environment, tokens: Record<string, string>): Promise<string[]> {
  return using(env, async (core) => {
    const alive: string[] = []
    for (const [kind, token] of Object.entries(tokens)) {
      const isTaken = await core.checkAccess(token, LOCAL).then(
        () => true,
        () => false,
      )
      if (isTaken) alive.push(kind)
    }
    return alive
  })
}

describe('latchkey restore', () => {
  it('brings the accounts back as they were, with their passwords, and says what it did', async () => {
    const { env, database, file } = await makeBackup()
    // Restored by root, the database must still be the server's own.
    if (process.getuid?.() === 0) chownSync(database, 65_534, 65_534)
    const { uid } = statSync(database)
    const { code, stdout, stderr } = await runCli(['restore', file, '--yes'], { env })
    assert.equal(code, 0, stderr)
    assert.equal(statSync(database).uid, uid)
    assert.match(
      stdout,
      /^Restored 1 account from \S+backup\.db, made at \d{4}-\S+Z\.\n3 sessions and 0 one-time tokens/,
    )
    assert.match(stdout, /everybody signs in again/)
    assert.match(stdout, /passwords that were changed and accounts that were disabled/)
    await using(env, async (core) => {
      assert.equal((await signIn(core, ADA)).account.email, ADA.email)
      await assert.rejects(signIn(core, BOB), { code: 'unknown_account' })
    })
    assert.deepEqual((await runCli(['doctor', '--json'], { env })).code, 0)
    if (process.platform !== 'win32') assert.equal(statSync(database).mode & 0o777, 0o600)
  })

  it('ends every session, of before the backup and after it', async () => {
    const { env, file, tokens, since } = await makeBackup()
    const before = await findAlive(env, tokens)
    assert.deepEqual(before, ['key', 'jwt', 'access'])
    await runCli(['restore', file, '--yes'], { env })
    assert.deepEqual(await findAlive(env, tokens), [])
    assert.deepEqual(await findAlive(env, since), [])
    await using(env, async (core) => {
      for (const { refresh } of [tokens, since]) {
        await assert.rejects(core.refreshAccess(refresh, { accessLifetime: 60, claims: () => ({}), client: LOCAL }), {
          code: 'invalid_token',
        })
      }
    })
  })

  it('brings no session back that was ended since the backup, nor any token or letter', async () => {
    const { env, database, file, tokens } = await makeBackup()
    const copy = new DatabaseSync(file)
    copy.exec(`insert into one_time_tokens values ('hash', 'password_reset', 1, '${ADA.email}', 9e15)`)
    copy.exec(
      "insert into letters (purpose, account_id, asked_at, tries, due_at) values ('password_reset', 1, 0, 0, 0)",
    )
    copy.close()
    await using(env, (core) => core.administration.revokeSessions(1))
    const { stdout } = await runCli(['restore', file, '--yes', '--json'], { env })
    const { sessions_ended, one_time_tokens_ended } = JSON.parse(stdout)
    assert.deepEqual({ sessions_ended, one_time_tokens_ended }, { sessions_ended: 3, one_time_tokens_ended: 1 })
    assert.deepEqual(await findAlive(env, tokens), [])
    const restored = new DatabaseSync(database)
    for (const table of ['sessions', 'one_time_tokens', 'letters']) {
      assert.deepEqual({ ...restored.prepare(`select count(*) as count from ${table}`).get() }, { count: 0 }, table)
    }
    restored.close()
  })

  it('gives no id a second time that an account had which the backup does not know', async () => {
    const { env, file } = await makeBackup()
    await runCli(['restore', file, '--yes'], { env })
    const carol = await using(env, (core) => core.register({ ...BOB, email: 'carol@example.com' }, LOCAL))
    assert.ok(carol.account.id > 1000, String(carol.account.id))
  })

  it('keeps the database that it replaced, which can be restored in turn', async () => {
    const { env, file } = await makeBackup()
    const { kept } = JSON.parse((await runCli(['restore', file, '--yes', '--json'], { env })).stdout)
    const back = await runCli(['restore', kept, '--yes', '--json'], { env })
    assert.equal(back.code, 0, back.stderr)
    assert.partialDeepStrictEqual(JSON.parse(back.stdout), { accounts: 2, made_at: null })
    await using(env, (core) => signIn(core, BOB))
  })

  it('asks before it replaces accounts, and does nothing without a yes', async () => {
    const { env, database, file } = await makeBackup()
    const before = photograph(database)
    const unasked = await runCli(['restore', file], { env })
    assert.equal(unasked.code, 2)
    assert.match(unasked.stderr, /The database has 2 accounts: add --yes/)
    const declined = await runCli(['restore', file], { env, stdin: { types: ['no\r'] } })
    assert.equal(declined.code, 1)
    assert.match(declined.stderr, /Replace 2 accounts by 1 account, and end every session\?/)
    assert.deepEqual(
      photograph(database).map(([name]) => name),
      before.map(([name]) => name),
    )
    await using(env, (core) => signIn(core, BOB))
    const agreed = await runCli(['restore', file], { env, stdin: { types: ['y\r'] } })
    assert.equal(agreed.code, 0, agreed.stderr)
  })

  it('restores on a new machine, where there is the secret and nothing else', async () => {
    const { env, database, file } = await makeBackup()
    const secret = readFileSync(`${database}.secret`, 'utf8').trim()
    const { env: fresh } = makeEnvironment()
    const lost = await runCli(['restore', file], { env: fresh })
    assert.equal(lost.code, 1)
    assert.match(lost.stderr, /There is no usable secret/)
    const { code, stdout, stderr } = await runCli(['restore', file], { env: { ...fresh, LATCHKEY_SECRET: secret } })
    assert.equal(code, 0, stderr)
    assert.ok(!stdout.includes('The database that was there'))
    await using({ ...env, ...fresh, LATCHKEY_SECRET: secret }, (core) => signIn(core, ADA))
  })

  it('plays no log into the new database that a lost one left behind', async () => {
    const { env, database, file } = await makeBackup()
    // A log with Bob in it: its server was killed, and then only the database was taken away.
    const writer = new DatabaseSync(database)
    writer.exec('pragma wal_autocheckpoint=0; update accounts set name = name')
    copyFileSync(`${database}-wal`, `${file}-log`)
    writer.close()
    rmSync(database)
    renameSync(`${file}-log`, `${database}-wal`)
    assert.equal((await runCli(['restore', file], { env })).code, 0)
    await using(env, async (core) =>
      assert.equal((await core.administration.listAccounts({ after: 0, limit: 9 })).length, 1),
    )
    assert.ok(readdirSync(dirname(database)).some((name) => /\.replaced-\w+-wal$/.test(name)))
  })

  it('migrates a backup of an older version', async () => {
    const { env, file } = await makeBackup()
    const older = new DatabaseSync(file)
    older.exec("delete from kysely_migration where name not like '0001%'")
    for (const table of LATER_TABLES) older.exec(`drop table ${table}`)
    older.exec('drop index accounts_by_legacy_format')
    for (const column of ['has_weak_password', 'legacy_format', 'takes_legacy_tokens']) {
      older.exec(`alter table accounts drop column ${column}`)
    }
    older.exec('alter table identifiers drop column is_claimed')
    for (const column of LATER_KEY_COLUMNS) older.exec(`alter table signing_keys drop column ${column}`)
    older.close()
    const { code, stdout, stderr } = await runCli(['restore', file, '--yes'], { env })
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^Applied 0002-/m)
    assert.match(stdout, /^Restored 1 account /)
  })

  it('refuses what is no good backup, in one sentence, and changes nothing', async () => {
    const { env, directory, database, file } = await makeBackup()
    const make = (name: string, change: (path: string) => void) => {
      const path = join(directory, name)
      copyFileSync(file, path)
      change(path)
      return path
    }
    const bytes = readFileSync(file)
    const cases: readonly { path: string; says: RegExp }[] = [
      { path: join(directory, 'none.db'), says: /There is no file/ },
      { path: directory, says: /is no ordinary file/ },
      { path: database, says: /is the database itself/ },
      { path: make('short.db', (path) => writeFileSync(path, bytes.subarray(0, 5000))), says: /cannot be restored/ },
      {
        path: make('half.db', (path) => writeFileSync(path, bytes.subarray(0, 60_000))),
        says: /cannot be restored|damaged/,
      },
      { path: make('noise.db', (path) => writeFileSync(path, Buffer.alloc(9000, 'x'))), says: /is it one/ },
      { path: make('empty.db', (path) => writeFileSync(path, '')), says: /no database of Latchkey’s/ },
      {
        path: make('hole.db', (path) => writeFileSync(path, Buffer.from(bytes).fill(0, 40_960, 81_920))),
        says: /malformed\.|damaged/,
      },
      {
        path: make('newer.db', (path) => execute(path, "insert into kysely_migration values ('9999-later', '')")),
        says: /newer Latchkey \(it has 9999-later\)/,
      },
    ]
    const before = photograph(database)
    for (const { path, says } of cases) {
      const { code, stdout, stderr } = await runCli(['restore', path, '--yes'], { env })
      assert.equal(code, 1, path)
      assert.match(stderr, says)
      assert.equal(stderr.trimEnd().split('\n').length, 1, stderr)
      assert.equal(stdout, '')
    }
    assert.deepEqual(photograph(database), before)
  })

  it('refuses a backup that was sealed under another secret, before it changes anything', async () => {
    const { env, database, file } = await makeBackup()
    const before = photograph(database)
    const other = { ...env, LATCHKEY_SECRET: 'xK4-pQ9_vT2mZ7wB1nR6sD3fG8hJ5lC0yU' }
    const { code, stderr } = await runCli(['restore', file, '--yes'], { env: other })
    assert.equal(code, 1)
    assert.match(stderr, /sealed under another secret than LATCHKEY_SECRET: put the one that was kept with the backup/)
    assert.deepEqual(photograph(database), before)
  })

  it('does not guess about a database too damaged to tell whether it is in use, and says what to do', async () => {
    const { env, database, file } = await makeBackup()
    writeFileSync(database, 'no database any more'.repeat(500))
    const refused = await runCli(['restore', file, '--yes'], { env })
    assert.equal(refused.code, 1)
    assert.match(
      refused.stderr,
      /cannot be told .*: stop every server, move it and any latchkey\.db-wal beside it away/,
    )
    renameSync(database, `${database}.damaged`)
    assert.equal((await runCli(['restore', file, '--yes'], { env })).code, 0)
    await using(env, (core) => signIn(core, ADA))
  })

  it('removes the draft of a restore that was killed', async () => {
    const { env, database, file } = await makeBackup()
    const { draft, kill } = await startRestore(database, file)
    await kill()
    assert.ok(existsSync(draft))
    const { stderr } = await runCli(['restore', file, '--yes'], { env })
    assert.equal(stderr, `Removed ${draft}, which was left unfinished.\n`)
    assert.deepEqual(
      readdirSync(dirname(database)).filter((name) => name.includes('.draft')),
      [],
    )
  })

  it('replaces a database whose accounts cannot be read any more, after asking, and says what it cannot know', async () => {
    const { env, database, file } = await makeBackup()
    damage(database, 'accounts')
    const unasked = await runCli(['restore', file], { env })
    assert.equal(unasked.code, 2)
    assert.match(unasked.stderr, /The database is too damaged to count its accounts: add --yes/)
    const declined = await runCli(['restore', file], { env, stdin: { types: ['n\r'] } })
    assert.match(declined.stderr, /Replace a database that is too damaged to be counted by 1 account, and end every/)
    const { code, stdout, stderr } = await runCli(['restore', file, '--yes', '--json'], { env })
    assert.equal(code, 0, stderr)
    const { kept, ...facts } = JSON.parse(stdout)
    // How many ids were given is in another table, which is whole.
    assert.partialDeepStrictEqual(facts, { accounts: 1, last_id_known: true })
    assert.ok(existsSync(kept))
    await using(env, (core) => signIn(core, ADA))
  })

  it('passes over many ids where the database is too damaged to tell which were given', async () => {
    const { env, database, file } = await makeBackup()
    damage(database, 'sqlite_sequence')
    const { code, stdout, stderr } = await runCli(['restore', file, '--yes'], { env })
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^Which ids accounts were given since cannot be told, .*: the next is 100,000 higher\.$/m)
    const carol = await using(env, (core) => core.register({ ...BOB, email: 'carol@example.com' }, LOCAL))
    assert.ok(carol.account.id > 100_000, String(carol.account.id))
  })

  it('keeps a log that lies beside an empty file, and says where', async () => {
    const { env, database, file } = await makeBackup()
    writeFileSync(database, '')
    writeFileSync(`${database}-wal`, 'all that was written last')
    const { code, stdout, stderr } = await runCli(['restore', file], { env })
    assert.equal(code, 0, stderr)
    const moved = /^What lay there without its database is (\S+-wal) now\.$/m.exec(stdout)?.[1] ?? ''
    assert.equal(readFileSync(moved, 'utf8'), 'all that was written last')
    await using(env, (core) => signIn(core, ADA))
  })

  it('puts a lone log back when it does not come to its end', async () => {
    const { env, database, file } = await makeBackup()
    rmSync(database)
    writeFileSync(`${database}-wal`, 'all that was written last')
    const before = photograph(database)
    // The copy is refused once its place is held.
    execute(file, 'drop table letters')
    const { code, stderr } = await runCli(['restore', file], { env })
    assert.equal(code, 1)
    assert.match(stderr, /The copy could not be finished: .* Nothing was changed\./)
    assert.deepEqual(photograph(database), before)
  })

  it('can be done again where it was killed on a machine without a database', async () => {
    const { env, database, file } = await makeBackup()
    rmSync(database)
    writeFileSync(`${database}-wal`, 'all that was written last')
    const { draft, kill } = await startRestore(database, file)
    await kill()
    const { code, stdout, stderr } = await runCli(['restore', file, '--json'], { env })
    assert.equal(code, 0, stderr)
    assert.equal(stderr, `Removed ${draft}, which was left unfinished.\n`)
    assert.partialDeepStrictEqual(JSON.parse(stdout), { accounts: 1, kept: null })
    // The killed one has moved it.
    const log = readdirSync(dirname(database)).find((name) => name.endsWith('-wal')) ?? ''
    assert.equal(readFileSync(join(dirname(database), log), 'utf8'), 'all that was written last')
    await using(env, (core) => signIn(core, ADA))
  })

  it('replaces the database that a link leads to, and not the link', async () => {
    const { env, directory, database, file } = await makeBackup()
    const link = join(directory, 'link.db')
    symlinkSync(database, link)
    copyFileSync(`${database}.secret`, `${link}.secret`)
    const linked = { ...env, DATABASE_URL: `sqlite:${link}` }
    const { code, stderr } = await runCli(['restore', file, '--yes'], { env: linked })
    assert.equal(code, 0, stderr)
    assert.ok(lstatSync(link).isSymbolicLink())
    await using(env, async (core) => assert.rejects(signIn(core, BOB), { code: 'unknown_account' }))
    assert.deepEqual(readdirSync(directory).sort(), ['backup.db', 'data', 'link.db', 'link.db.secret'])
  })
})

describe('latchkey sessions revoke --all', () => {
  it('ends every session of everybody, after asking', async () => {
    const { env, tokens, since } = await makeBackup()
    assert.equal((await runCli(['sessions', 'revoke', '--all'], { env })).code, 2)
    const declined = await runCli(['sessions', 'revoke', '--all'], { env, stdin: { types: ['n\r'] } })
    assert.equal(declined.code, 1)
    assert.deepEqual(await findAlive(env, tokens), ['key', 'jwt', 'access'])
    const { stdout } = await runCli(['sessions', 'revoke', '--all', '--yes'], { env })
    assert.equal(stdout, 'Revoked 6 sessions and 0 one-time tokens: everybody signs in again.\n')
    assert.deepEqual(await findAlive(env, { ...tokens }), [])
    assert.deepEqual(await findAlive(env, { ...since }), [])
    assert.equal((await runCli(['sessions', 'revoke', '--all', '--account', '1'], { env })).code, 2)
  })
})

function execute(file: string, sql: string): void {
  const database = new DatabaseSync(file)
  database.exec(sql)
  database.close()
}

/** Writes nonsense over the first page of a table, and of each of its indexes. */
function damage(file: string, table: string): void {
  const database = new DatabaseSync(file)
  database.exec('pragma wal_checkpoint(truncate)')
  const pages = database.prepare('select rootpage from sqlite_schema where tbl_name = ?').all(table)
  const size = Number(database.prepare('pragma page_size').get()?.page_size)
  database.close()
  const bytes = readFileSync(file)
  for (const { rootpage } of pages) bytes.fill(0xaa, (Number(rootpage) - 1) * size, Number(rootpage) * size)
  writeFileSync(file, bytes)
}

/** A process that has copied a backup to restore it, and waits until it is killed. */
async function startRestore(database: string, file: string) {
  const script = `
    const { holdSqlite } = await import(${JSON.stringify(RESTORE)})
    const held = holdSqlite(process.argv[1])
    await held.draft(process.argv[2], () => {})
    process.stdout.write('copied')
    setInterval(() => {}, 1000)`
  const running = startNode(script, [database, file])
  await running.firstOutput
  const name = readdirSync(dirname(database)).find((name) => name.endsWith('.draft'))
  return {
    draft: join(dirname(database), name ?? ''),
    async kill() {
      running.kill()
      await running.ended
    },
  }
}
