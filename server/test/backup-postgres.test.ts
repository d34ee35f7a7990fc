import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { FAST } from './kit/postgres.ts'
import { type PostgresServer, startPostgres } from './kit/postgres-server.ts'
import { runCli } from './kit/run-cli.ts'
import { ask, makeDirectory, startServerProcess } from './kit/server-process.ts'

const BIN = fileURLToPath(new URL('../bin/latchkey.js', import.meta.url))
const LATCHKEY = `'${process.execPath}' '${BIN}'`
const PASSWORD = 'Password-1'

describe('the lines that backup and restore print for PostgreSQL', () => {
  let server: PostgresServer
  before(async () => {
    server = await startPostgres({ settings: FAST })
    // Neither a superuser, nor allowed anything but what is its own.
    await server.query('create role latchkey login')
    await server.query('create database latchkey owner latchkey')
  })
  after(() => server.destroy())

  it('bring back what was, over a migration and all that was made since, and end every session', async () => {
    const directory = makeDirectory()
    const file = join(directory, "ada's auth.dump")
    const env = {
      DATABASE_URL: server.url('latchkey').replace('postgres@', 'latchkey@'),
      LATCHKEY_SECRET: 'only-tests-have-this-secret-0123456789abcdef',
      LATCHKEY_MIGRATE: 'manual',
      LATCHKEY_LIMITS: 'off',
    }
    const run = (lines: string) =>
      runLines(lines, { ...env, PATH: `${server.programs}${delimiter}${process.env.PATH}` })
    assert.equal((await runCli(['migrate'], { env })).code, 0)
    const first = await startServerProcess(env)
    await signUp(first.url, 'ada')
    const token = await signIn(first.url, 'ada')
    first.terminate()
    await first.ended
    // As a version left it that did not have the second migration.
    await server.query(
      `drop table letters; drop table one_time_tokens; delete from kysely_migration where name like '0002%'`,
      'latchkey',
    )
    await run(readLines((await runCli(['backup', file], { env })).stderr))

    // A newer version since: with a table that refers to the accounts, and other accounts.
    assert.equal((await runCli(['migrate'], { env })).code, 0)
    const second = await startServerProcess(env)
    await signUp(second.url, 'bob')
    second.terminate()
    await second.ended
    await server.query(
      `create table later (account_id bigint references accounts (id)); insert into later select id from accounts;
       alter table later owner to latchkey;
       insert into one_time_tokens select 'hash', 'password_reset', id, 'ada@example.com', 9e15 from accounts limit 1`,
      'latchkey',
    )

    await run(readLines((await runCli(['restore', file], { env })).stderr))
    const third = await startServerProcess(env)
    assert.equal((await ask(`${third.url}/v1/session`, { method: 'GET', token })).status, 401)
    await signIn(third.url, 'ada')
    assert.equal((await ask(`${third.url}/api/users/login/`, { json: loginOf('bob') })).status, 401)
    await signUp(third.url, 'carol')
    third.terminate()
    await third.ended
    const rows = await server.query('select username, id from accounts order by id', 'latchkey')
    assert.deepEqual(
      rows.map(({ username }) => username),
      ['ada', 'carol'],
    )
    assert.ok(Number(rows[1]?.id) > 1000)
    const tables = await server.query(
      "select to_regclass('later') as later, count(*) as tokens from one_time_tokens",
      'latchkey',
    )
    assert.deepEqual(tables, [{ later: null, tokens: '0' }])
  })

  it('change nothing where the backup cannot be restored', async () => {
    const file = join(makeDirectory(), 'auth.dump')
    await server.query('create database other owner latchkey')
    const env = {
      DATABASE_URL: server.url('other').replace('postgres@', 'latchkey@'),
      LATCHKEY_SECRET: 'only-tests-have-this-secret-0123456789abcdef',
    }
    const run = (lines: string) =>
      runLines(lines, { ...env, PATH: `${server.programs}${delimiter}${process.env.PATH}` })
    assert.equal((await runCli(['migrate'], { env })).code, 0)
    // It is filled last, when all else is there, with what only a superuser may see.
    await server.query(
      'create materialized view secrets as select rolpassword from pg_authid; alter materialized view secrets owner to latchkey',
      'other',
    )
    await run(readLines((await runCli(['backup', file], { env })).stderr))
    await server.query("drop materialized view secrets; insert into notes values ('since', 'the backup')", 'other')
    await assert.rejects(run(readLines((await runCli(['restore', file], { env })).stderr)), /permission denied/)
    assert.deepEqual(await server.query("select value from notes where name = 'since'", 'other'), [
      { value: 'the backup' },
    ])
  })
})

/** The indented lines: what an operator copies into a shell. */
function readLines(text: string): string {
  const lines = text.split('\n').filter((line) => line.startsWith('  '))
  return lines.join('\n').replaceAll('npm run latchkey --', LATCHKEY)
}

async function runLines(lines: string, env: Record<string, string>): Promise<string> {
  const { stdout } = await promisify(execFile)('sh', ['-c', lines], { env })
  return stdout
}

const loginOf = (username: string) => ({ username, password: PASSWORD })

async function signUp(url: string, username: string): Promise<void> {
  assert.equal((await ask(`${url}/api/users/register/`, { json: loginOf(username) })).status, 201)
}

async function signIn(url: string, username: string): Promise<string> {
  const { status, json } = await ask(`${url}/api/users/login/`, { json: loginOf(username) })
  assert.equal(status, 200)
  return (json as { access: string }).access
}
