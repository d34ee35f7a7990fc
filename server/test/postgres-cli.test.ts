import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { findFreePort } from './kit/ports.ts'
import { FAST } from './kit/postgres.ts'
import { type PostgresServer, startPostgres } from './kit/postgres-server.ts'
import { makeEnvironment, runCli } from './kit/run-cli.ts'
import { ask, makeDirectory, startServerProcess } from './kit/server-process.ts'

const SECRET = 'only-tests-have-this-secret-0123456789abcdef'
const PASSWORD = 'a pass/word: with @ all?'

describe('the command line on PostgreSQL', () => {
  let server: PostgresServer
  let port: number
  before(async () => {
    port = await findFreePort()
    server = await startPostgres({
      port,
      access: ['host all guarded 127.0.0.1/32 scram-sha-256'],
      settings: { ...FAST, listen_addresses: '127.0.0.1' },
    })
    await server.query(`create role guarded login superuser password '${PASSWORD}'`)
  })
  after(() => server.destroy())

  let count = 0
  async function makeEnv(
    more: Record<string, string> = {},
  ): Promise<{ database: string; env: Record<string, string> }> {
    const database = `cli_${++count}`
    await server.query(`create database ${database}`)
    const env = { DATABASE_URL: server.url(database), LATCHKEY_SECRET: SECRET, LOG_LEVEL: 'silent', ...more }
    return { database, env }
  }

  const guardedUrl = (database: string, password = '') => `postgres://guarded${password}@127.0.0.1:${port}/${database}`

  /** Runs statements as an operator would. */
  function runPsql(database: string, text: string): void {
    execFileSync(
      join(server.programs, 'psql'),
      ['-h', server.directory, '-p', String(port), '-U', 'postgres', '-d', database, '-v', 'ON_ERROR_STOP=1', '-q'],
      { input: text, stdio: ['pipe', 'ignore', 'pipe'] },
    )
  }

  /** Everything that a database has but rows. */
  function dumpSchema(database: string): string {
    const dump = execFileSync(
      join(server.programs, 'pg_dump'),
      ['-h', server.directory, '-p', String(port), '-U', 'postgres', '--schema-only', database],
      { encoding: 'utf8' },
    )
    // Newer versions begin and end with a word of their own making.
    return dump.replace(/^\\(un)?restrict .*$/gm, '')
  }

  it('makes, lists, shows, disables, enables and deletes accounts, and ends their sessions', async () => {
    const { env } = await makeEnv()
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await runCli(args, { env, stdin: 'Password-1-ada\n' })
      assert.equal(code, 0, `${args.join(' ')}: ${stderr}`)
      return stdout
    }
    await run('accounts', 'create', '--email', 'Ada@example.com', '--username', 'ada', '--staff')
    assert.partialDeepStrictEqual(JSON.parse(await run('accounts', 'show', 'ADA', '--json')), {
      id: 1,
      email: 'Ada@example.com',
      is_active: true,
      is_staff: true,
    })
    assert.match(await run('accounts', 'list'), /ada/)
    const running = await startServerProcess({ ...env, LOG_LEVEL: 'info' })
    const json = { username: 'ada', password: 'Password-1-ada' }
    const signIn = () => ask(`${running.url}/api/users/login/`, { json })
    assert.equal((await signIn()).status, 200)
    const sessions = JSON.parse(await run('sessions', 'list', '--json'))
    assert.equal(sessions.length, 1)
    await run('accounts', 'disable', 'ada')
    assert.equal((await signIn()).status, 401)
    await run('accounts', 'enable', 'ada')
    assert.equal((await signIn()).status, 200)
    await run('accounts', 'set-password', 'ada')
    await run('accounts', 'delete', 'ada', '--yes')
    assert.equal((await signIn()).status, 401)
    running.terminate()
    await running.ended
    const twice = await runCli(['accounts', 'show', 'ada'], { env })
    assert.equal(twice.code, 1)
  })

  describe('latchkey doctor', () => {
    it('finds a database that is up to date sound, and tells what would not survive a power cut', async () => {
      const { env } = await makeEnv()
      await runCli(['migrate'], { env })
      const { code, stdout } = await runCli(['doctor'], { env })
      assert.match(stdout, /^ok {2,}database +PostgreSQL \S+ .*, sound; accounts: 0, sessions: 0$/m)
      assert.match(stdout, /^ok {2,}migrations +\d+ applied, none pending$/m)
      assert.match(stdout, /^ok {2,}durability +synchronous_commit is on$/m)
      // The tests' own server is fast rather than safe.
      assert.match(stdout, /^FAIL +durability +fsync is off: what is acknowledged may be lost in a power cut/m)
      assert.equal(code, 1)
    })

    it('tells what is pending, and makes nothing', async () => {
      const { env, database } = await makeEnv()
      const { code, stdout } = await runCli(['doctor'], { env })
      assert.equal(code, 1)
      assert.match(stdout, /^FAIL +migrations +pending: 0001-.*Run: npm run latchkey -- migrate$/m)
      assert.equal(dumpSchema(database).includes('CREATE TABLE'), false)
    })

    it('says in one line that the server is away, without the password', async () => {
      const nobody = await findFreePort()
      const url = `postgres://guarded:${encodeURIComponent(PASSWORD)}@127.0.0.1:${nobody}/auth`
      const env = { DATABASE_URL: url, LATCHKEY_SECRET: SECRET, LOG_LEVEL: 'silent' }
      const { code, stdout, stderr } = await runCli(['doctor'], { env })
      assert.equal(code, 1)
      assert.match(
        stdout,
        /^FAIL +database +PostgreSQL cannot be reached at postgres:\/\/127\.0\.0\.1:\d+\/auth .*\.$/m,
      )
      assert.doesNotMatch(stdout + stderr, /pass[%/]|word:/)
    })
  })

  describe('latchkey config', () => {
    it('shows the URL and the password masked', async () => {
      const { database, env } = await makeEnv()
      for (const settings of [
        { DATABASE_URL: guardedUrl(database, `:${encodeURIComponent(PASSWORD)}`) },
        { DATABASE_URL: guardedUrl(database), LATCHKEY_DATABASE_PASSWORD: PASSWORD },
      ]) {
        for (const format of [[], ['--json']]) {
          const { code, stdout, stderr } = await runCli(['config', ...format], { env: { ...env, ...settings } })
          assert.equal(code, 0, stderr)
          assert.ok(stdout.includes(`127.0.0.1:${port}/${database}`))
          assert.match(stdout, /\*{8}/)
          assert.ok(!stdout.includes(PASSWORD) && !stdout.includes(encodeURIComponent(PASSWORD)))
        }
      }
    })
  })

  describe('a password beside the URL', () => {
    it('is taken from LATCHKEY_DATABASE_PASSWORD, or from a file that nobody else can read', async () => {
      const { database, env } = await makeEnv()
      const path = join(makeDirectory(), 'password')
      writeFileSync(path, `${PASSWORD}\n`, { mode: 0o600 })
      const guarded = { ...env, DATABASE_URL: guardedUrl(database) }
      for (const settings of [{ LATCHKEY_DATABASE_PASSWORD: PASSWORD }, { LATCHKEY_DATABASE_PASSWORD_FILE: path }]) {
        const { code, stderr } = await runCli(['migrate'], { env: { ...guarded, ...settings } })
        assert.equal(code, 0, stderr)
      }
      const without = await runCli(['migrate'], { env: guarded })
      assert.equal(without.code, 1)
      assert.match(without.stderr, /^latchkey: PostgreSQL refused the user guarded: check the password .*\.\n$/)
      chmodSync(path, 0o644)
      const open = await runCli(['migrate'], { env: { ...guarded, LATCHKEY_DATABASE_PASSWORD_FILE: path } })
      assert.equal(open.code, 1)
      assert.match(open.stderr, /LATCHKEY_DATABASE_PASSWORD_FILE.*chmod 600/)
    })
  })

  describe('latchkey migrate', () => {
    it('brings an empty database up to date, once', async () => {
      const { env } = await makeEnv()
      const first = await runCli(['migrate'], { env })
      assert.match(first.stdout, /^Applied 0001-accounts-and-sessions\n/)
      const second = await runCli(['migrate'], { env })
      assert.match(second.stdout, /is up to date: nothing to apply\.\n$/)
    })

    it('prints with --dry-run what psql makes the same database of, which a server takes as it is', async () => {
      const { env, database } = await makeEnv({ LATCHKEY_MIGRATE: 'manual' })
      const empty = dumpSchema(database)
      const refused = startServerProcess(env)
      await assert.rejects(
        refused,
        /The database needs 0001-.*, and LATCHKEY_MIGRATE is manual: run .* then start again\.\n$/,
      )
      const plan = await runCli(['migrate', '--dry-run'], { env })
      assert.equal(plan.code, 0, plan.stderr)
      assert.equal(dumpSchema(database), empty)
      runPsql(database, plan.stdout)
      const other = await makeEnv()
      assert.equal((await runCli(['migrate'], { env: other.env })).code, 0)
      assert.equal(dumpSchema(database), dumpSchema(other.database))
      const again = await runCli(['migrate', '--dry-run'], { env })
      assert.match(again.stdout, /^-- The database .* is up to date: nothing to apply\.\n$/)
      runPsql(database, again.stdout)
      await signUp(env)
    })
  })

  it('does not serve without a secret: every process needs the same', async () => {
    const { env } = await makeEnv()
    const { LATCHKEY_SECRET: _, ...without } = env
    const { code, stdout, stderr } = await runCli(['serve'], { env: without })
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.match(
      stderr,
      /LATCHKEY_SECRET is missing: on PostgreSQL every process needs the same one.*openssl rand -base64 48\n$/,
    )
  })
})

describe('latchkey migrate --dry-run on SQLite', () => {
  it('prints what makes the same database of an empty one, which a server takes as it is', async () => {
    const read = (path: string) => {
      const database = new DatabaseSync(path)
      const rows = database.prepare('select type, name, tbl_name, sql from sqlite_master order by type, name').all()
      database.close()
      return rows
    }
    const [byHand, byCommand] = [makeEnvironment(), makeEnvironment()]
    const env = { ...byHand.env, LATCHKEY_MIGRATE: 'manual' }
    const plan = await runCli(['migrate', '--dry-run'], { env })
    assert.equal(plan.code, 0, plan.stderr)
    const [path, other] = [byHand, byCommand].map(({ env }) => (env.DATABASE_URL ?? '').slice('sqlite:'.length))
    assert.ok(path !== undefined && other !== undefined)
    mkdirSync(dirname(path), { mode: 0o700 })
    const database = new DatabaseSync(path)
    database.exec(plan.stdout)
    database.close()
    chmodSync(path, 0o600)
    assert.equal((await runCli(['migrate'], { env: byCommand.env })).code, 0)
    assert.deepEqual(read(path), read(other))
    await signUp(env)
  })
})

/** Starts a server, and proves that somebody can sign up there. */
async function signUp(env: Readonly<Record<string, string>>): Promise<void> {
  const running = await startServerProcess({ ...env, LOG_LEVEL: 'info' })
  const json = { username: 'ada', password: 'Password-1-ada' }
  assert.equal((await ask(`${running.url}/api/users/register/`, { json })).status, 201)
  running.terminate()
  assert.equal((await running.ended).code, 0)
}
