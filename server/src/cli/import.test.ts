import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, lstatSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { makeEnvironment, runCli } from '../../test/kit/run-cli.ts'
import { openRejects } from './import-rejects.ts'

const BIN = fileURLToPath(new URL('../../bin/latchkey.js', import.meta.url))
const SLOW = 'pbkdf2_sha256$260000$abcdefghijkl$NLbcWnEBvGTRdLbPS9ar3OBpUjJt1Ms0gBYxtrDeLdM='
const QUICK = 'md5$salt$5f4dcc3b5aa765d61d8327deb882cf99'

/** Users as `manage.py dumpdata` writes them. */
const DUMP = [
  user(7, { username: 'ada', email: 'ada@example.com', is_staff: true, is_superuser: true, groups: [1] }),
  user(8, { username: 'bob', email: 'ADA@example.com' }),
  user(9, { username: 'carol', email: 'not one', is_active: false, password: QUICK }),
  user(12, { username: 'dan', password: '!unusable' }),
  { model: 'authtoken.token', pk: 'a'.repeat(40), fields: { user: 7, created: new Date().toISOString() } },
]

function user(pk: number, fields: Record<string, unknown>) {
  const rest = { password: SLOW, first_name: '', last_name: '', email: '', is_active: true, is_staff: false }
  return {
    model: 'auth.user',
    pk,
    fields: { ...rest, date_joined: '2015-03-01T12:00:00Z', last_login: null, ...fields },
  }
}

function prepare(rows: readonly unknown[] = DUMP) {
  const { env, directory } = makeEnvironment()
  const file = join(directory, 'users.json')
  writeFileSync(file, JSON.stringify(rows))
  const rejects = join(directory, 'rejects.jsonl')
  return { env, directory, file, rejects, database: join(directory, 'data', 'latchkey.db') }
}

async function readJson(env: Record<string, string>, ...args: string[]) {
  const { code, stdout, stderr } = await runCli([...args, '--json'], { env })
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout)
}

describe('latchkey import', () => {
  it('says what would happen, and leaves everything as it was', async () => {
    const { env, directory, file } = prepare()
    const { code, stdout, stderr } = await runCli(['import', file, '--dry-run'], { env })
    assert.equal(code, 0, stderr)
    assert.match(stderr, /^Reading a Django dump/)
    assert.match(stdout, /^This is what would happen\. Nothing was changed\.\n {2}would be imported +3\n/)
    assert.match(stdout, /wrapped-django-md5 +1/)
    assert.match(
      stdout,
      /1 have the email address of another account.*\n {4}object 2: ADA@example\.com \(as in object 1\)/,
    )
    assert.match(stdout, /1 were superusers/)
    assert.match(stdout, /1 have an email address that is none/)
    assert.match(stdout, /1 are disabled/)
    assert.ok(!existsSync(join(directory, 'data')))

    assert.equal((await runCli(['accounts', 'create', '--username', 'DAN'], { env, stdin: 'correct horse\n' })).code, 0)
    const before = readFileSync(join(directory, 'data', 'latchkey.db'))
    const report = await readJson(env, 'import', file, '--dry-run')
    assert.partialDeepStrictEqual(report, { dry_run: true, rows: 5, imported: 2, skipped: 2, tokens: { imported: 1 } })
    assert.equal(report.skipped_because.username_taken.examples[0].what, 'dan (of an account that is here)')
    assert.deepEqual(readFileSync(join(directory, 'data', 'latchkey.db')), before)
  })

  it('foretells what becomes of each row', async () => {
    const tokenOf = (user: number) => {
      const fields = { user, created: new Date().toISOString() }
      return { model: 'authtoken.token', pk: String(user).repeat(40).slice(0, 40), fields }
    }
    // Of whoever is left behind, disabled or not there at all, tokens are not taken.
    const { env, file, rejects } = prepare([...DUMP, tokenOf(8), tokenOf(9), tokenOf(12), tokenOf(99)])
    const counts = ({ rows, imported, skipped, tokens, hashes, skipped_because, notes }: Record<string, unknown>) => {
      assert.ok(typeof skipped_because === 'object' && skipped_because !== null)
      const reasons = Object.entries(skipped_because).map(([name, { count }]) => [name, count])
      return { rows, imported, skipped, tokens, hashes, notes, reasons }
    }
    const foretold = await readJson(env, 'import', file, '--dry-run')
    const done = await readJson(env, 'import', file, '--rejects', rejects)
    assert.deepEqual(counts(done), counts(foretold))
    assert.deepEqual(counts(done).reasons, [
      ['email_taken', 1],
      ['no_account', 3],
    ])
  })

  it('brings accounts and tokens, accounts for every row, and changes nothing the second time', async () => {
    const { env, file, rejects } = prepare()
    const report = await readJson(env, 'import', file, '--rejects', rejects)
    assert.partialDeepStrictEqual(report, {
      format: 'django',
      ended: true,
      rows: 5,
      imported: 3,
      updated: 0,
      unchanged: 0,
      skipped: 1,
      tokens: { imported: 1, known: 0, revoked: 0 },
      hashes: { 'django-pbkdf2-sha256': 1, 'wrapped-django-md5': 1, none: 1 },
      rejects,
    })
    const [line, ...others] = readFileSync(rejects, 'utf8').trimEnd().split('\n')
    assert.equal(others.length, 0)
    assert.partialDeepStrictEqual(JSON.parse(line ?? ''), { reason: 'email_taken', row: { id: 8, username: 'bob' } })
    assert.ok(!line?.includes('pbkdf2'))
    assert.equal(statSync(rejects).mode & 0o777, 0o600)
    const ada = await readJson(env, 'accounts', 'show', 'ada@example.com')
    assert.partialDeepStrictEqual(ada, { id: 1, username: 'ada', is_staff: false, created_at: '2015-03-01T12:00:00Z' })
    assert.equal((await readJson(env, 'sessions', 'list', 'ada')).length, 1)

    const refused = await runCli(['import', file, '--rejects', rejects], { env })
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /rejects\.jsonl is there already: name another file/)
    const again = await readJson(env, 'import', file, '--rejects', `${rejects}.2`)
    assert.partialDeepStrictEqual(again, { imported: 0, updated: 0, unchanged: 3, skipped: 1, tokens: { known: 1 } })
    assert.deepEqual(await readJson(env, 'accounts', 'show', 'ada'), ada)
  })

  it('keeps ids and staff where it is asked to', async () => {
    const { env, file, rejects } = prepare()
    await readJson(env, 'import', file, '--keep-ids', '--keep-staff', '--rejects', rejects)
    assert.partialDeepStrictEqual(await readJson(env, 'accounts', 'show', 'ada'), { id: 7, is_staff: true })
    assert.equal((await runCli(['accounts', 'create', '--username', 'eve'], { env, stdin: 'correct horse\n' })).code, 0)
    assert.ok((await readJson(env, 'accounts', 'show', 'eve')).id > 12)
  })

  it('tells what was moved in and what is left of it', async () => {
    const { env, file, rejects } = prepare()
    await readJson(env, 'import', file, '--rejects', rejects)
    const status = await readJson(env, 'import', 'status')
    assert.partialDeepStrictEqual(status, {
      accounts: 3,
      legacy_hashes: 2,
      legacy_formats: { 'django-pbkdf2-sha256': 1, 'wrapped-django-md5': 1 },
      legacy_sessions: 1,
      imports: [{ from: file, ended: true, imported: 3 }],
    })
    const { stdout } = await runCli(['import', 'status'], { env })
    assert.match(stdout, /^3 accounts, 2 of them with the hash they came with\.\n/)
    assert.match(stdout, /Import of .*users\.json: 5 rows, 3 imported, 0 updated, 1 left behind; ended 20/)
    const events = await runCli(['audit', 'list', '--type', 'accounts_imported'], { env })
    assert.match(events.stdout, /accounts_imported .*ended=true/)
  })

  it('writes rejected rows into a file that nobody else can read, whatever is there by its name', async () => {
    const { env, directory, file } = prepare()
    const rejects = join(directory, 'old.jsonl')
    writeFileSync(join(directory, 'others'), 'not ours')
    symlinkSync(join(directory, 'others'), rejects)
    const opened = openRejects(rejects, { state: null, mayReplace: true })
    opened.write('{}\n')
    opened.close()
    assert.equal(readFileSync(join(directory, 'others'), 'utf8'), 'not ours')
    assert.equal(lstatSync(rejects).mode & 0o777, 0o600)
    const nowhere = await runCli(['import', file, '--rejects', join(directory, 'no', 'rows.jsonl')], { env })
    assert.equal(nowhere.code, 1)
    assert.match(nowhere.stderr, /rows\.jsonl cannot be made: is its directory there/)
    assert.equal((await readJson(env, 'import', 'status')).accounts, 0)
  })

  it('goes on where it was killed, with nothing lost and nothing twice', async () => {
    const names = Array.from({ length: 3000 }, (_, index) => (index % 100 === 99 ? `USER${index - 1}` : `user${index}`))
    // The first batch is soon done; each of those after it takes its time, as it has hashes to be wrapped.
    const rows = names.map((username, index) =>
      user(index + 1, { username, password: index >= 500 && index % 100 === 0 ? QUICK : SLOW }),
    )
    for (let tries = 0; ; tries++) {
      const { env: light, file, rejects, database, directory } = prepare(rows)
      const env = { ...light, LATCHKEY_ARGON2: 'm=65536,t=4,p=1' }
      const child = spawn(process.execPath, [BIN, 'import', file, '--rejects', rejects], {
        cwd: directory,
        // Nothing of the tests' own: a setting that is unknown would stop it.
        env: { PATH: process.env.PATH ?? '', ...env },
        stdio: 'ignore',
      })
      const closed = once(child, 'close')
      while (child.exitCode === null && readPosition(database) === 0) await sleep(5)
      child.kill('SIGKILL')
      await closed
      assert.ok(child.exitCode === null || child.exitCode === 0, `it failed with ${child.exitCode}`)
      // On a busy machine it may have been done by then.
      if (child.signalCode === null && tries < 20) continue
      assert.equal(child.signalCode, 'SIGKILL')
      const position = readPosition(database)
      if (position === rows.length && tries < 20) continue
      const status = await readJson(env, 'import', 'status')
      assert.partialDeepStrictEqual(status.imports[0], { ended: false, rows: position })

      const { code, stdout, stderr } = await runCli(['import', file, '--rejects', rejects, '--json'], { env })
      assert.equal(code, 0, stderr)
      const report = JSON.parse(stdout)
      assert.partialDeepStrictEqual(report, { rows: 3000, imported: 2970, updated: 0, unchanged: 0, skipped: 30 })
      const told = await runCli(['import', file, '--rejects', `${rejects}.2`], { env })
      assert.match(told.stdout, /unchanged +2,970/)
      const lines = readFileSync(rejects, 'utf8').trimEnd().split('\n')
      assert.deepEqual(
        lines.map((line) => JSON.parse(line).row.id),
        Array.from({ length: 30 }, (_, index) => 100 * (index + 1)),
      )
      assert.equal((await readJson(env, 'import', 'status')).accounts, 2970)
      return
    }
  })

  it('does not go on in a file that has changed since it was broken off, and begins anew when told to', async () => {
    const { env, file, rejects, database } = prepare()
    await readJson(env, 'import', file, '--rejects', rejects)
    breakOff(database)
    const again = await runCli(['import', file, '--rejects', rejects], { env })
    assert.equal(again.code, 0, again.stderr)
    assert.match(again.stderr, /Going on after 5 rows, where this import was broken off\./)
    breakOff(database)
    writeFileSync(file, JSON.stringify([...DUMP, user(20, { username: 'frank' })]))
    const refused = await runCli(['import', file, '--rejects', rejects], { env })
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /users\.json has changed since this import was broken off after 5 rows: .*--restart/)
    const anew = await readJson(env, 'import', file, '--restart', '--rejects', `${rejects}.2`)
    assert.partialDeepStrictEqual(anew, { imported: 1, unchanged: 3, skipped: 1 })
  })

  it('refuses in one sentence what it cannot read, and makes no database for it', async () => {
    const { env, directory, file } = prepare()
    writeFileSync(join(directory, 'hashes.json'), '{"md6":1}')
    for (const [args, words] of [
      [[], /Name a FILE to import, or a database with --from/],
      [[file, '--from', 'sqlite:x'], /one of the two/],
      [[directory], /is not a file that can be read twice/],
      [[join(directory, 'no-such-file')], /There is no file .*no-such-file/],
      [[file, '--format', 'xml'], /--format is one of django, csv/],
      [[file, '--map', 'email'], /--map takes/],
      [[file, '--source', 'Über'], /--source takes a name of small letters/],
      [[file, '--hashes', join(directory, 'hashes.json')], /hashes\.json cannot be used: "md6" is not known/],
      [[file, '--format', 'mongo', '--table', 'x.y'], /has no tables/],
      [['--from', 'mysql://x'], /--from takes sqlite:PATH or postgres:/],
    ] as const) {
      const { code, stdout, stderr } = await runCli(['import', ...args], { env })
      assert.ok(code !== 0, args.join(' '))
      assert.equal(stdout, '')
      assert.match(stderr, words)
      assert.ok(!stderr.includes('    at '), stderr)
    }
    assert.ok(!existsSync(join(directory, 'data')))
  })
})

/** How many rows of the one import are done with. */
function readPosition(file: string): number {
  if (!existsSync(file)) return 0
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5000 })
  try {
    return Number(database.prepare('select position from imports').get()?.position ?? 0)
  } catch {
    // Its tables are being made.
    return 0
  } finally {
    database.close()
  }
}

/** Makes an import that has ended look as if it had been broken off after its last row. */
function breakOff(file: string): void {
  const database = new DatabaseSync(file, { timeout: 5000 })
  database.exec(`update imports set state = json_set(state, '$.isEnded', json('false'))`)
  database.close()
}
