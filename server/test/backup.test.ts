import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { runNode } from './kit/run-node.ts'
import { ask, makeDirectory, startServerProcess } from './kit/server-process.ts'

const BIN = fileURLToPath(new URL('../bin/latchkey.js', import.meta.url))
const OPEN_STORE = new URL('../src/store/open.ts', import.meta.url).href
const RUN_COMMAND = new URL('../src/cli/run-command.ts', import.meta.url).href
/** An account of the system that owns nothing. */
const NOBODY = 65_534
const PASSWORD = 'Password-1'
type Environment = Record<string, string>

function makeSettings(): { env: Environment; directory: string; database: string; file: string } {
  const directory = makeDirectory()
  const database = join(directory, 'data', 'latchkey.db')
  const env = {
    DATABASE_URL: `sqlite:${database}`,
    LATCHKEY_SECRET: 'only-tests-have-this-secret-0123456789abcdef',
    LATCHKEY_LIMITS: 'off',
  }
  return { env, directory, database, file: join(directory, 'backup.db') }
}

type RunOptions = {
  /** Told how to end the process at once. */
  readonly kill?: (end: () => void) => void
  /** The largest file that it may write, in bytes. */
  readonly fileLimit?: number
}

/** Runs a command in a process of its own. */
async function runLatchkey(args: readonly string[], env: Environment, { kill, fileLimit }: RunOptions = {}) {
  const command = [process.execPath, BIN, ...args]
  // Counted in blocks of 512 bytes.
  const shell = ['sh', '-c', `trap '' XFSZ; ulimit -f ${Math.floor((fileLimit ?? 0) / 512)}; exec "$@"`, 'sh']
  const [file = '', ...rest] = fileLimit === undefined ? command : [...shell, ...command]
  const child = spawn(file, rest, {
    env: { ...env, PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const written = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => (written.stdout += String(chunk)))
  child.stderr.on('data', (chunk) => (written.stderr += String(chunk)))
  kill?.(() => child.kill('SIGKILL'))
  const [code, signal] = await once(child, 'close')
  return { code, signal, ...written }
}

async function register(url: string, email: string): Promise<boolean> {
  const answer = await ask(`${url}/api/auth/register/`, { json: { name: 'Somebody', email, password: PASSWORD } })
  return answer.status < 300
}

/** A process that writes to the database without a pause, until it is killed. */
async function startWriter(databaseUrl: string) {
  const script = `
    const { openStore } = await import(${JSON.stringify(OPEN_STORE)})
    const { store } = await openStore(process.argv[1])
    process.stdout.write(String(process.pid))
    for (let count = 0; ; count++) await store.writeNote('steady', String(count))`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', script, databaseUrl], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  after(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return async () => {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
}

/** What a statement answers. Not read-only: what a killed process left half done, SQLite undoes when it may write. */
function read(file: string, sql: string): unknown {
  const database = new DatabaseSync(file)
  try {
    return Object.values(database.prepare(sql).get() ?? {})[0]
  } finally {
    database.close()
  }
}

function listEmails(file: string): readonly string[] {
  const database = new DatabaseSync(file)
  try {
    return database
      .prepare('select email from accounts order by id')
      .all()
      .map(({ email }) => String(email))
  } finally {
    database.close()
  }
}

/** Makes a database larger than one step of a copy: sessions of one account, long ended. */
function fill(database: string, sessions: number): void {
  const filled = new DatabaseSync(database)
  filled.exec(`
    with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${sessions})
    insert into sessions (id, account_id, kind, contract, token_hash, credential_version, created_at, expires_at, user_agent)
    select 'filled-' || n, 1, 'key', 'drf-token', 'hash-' || n, 0, 0, 9e15, printf('%300d', n) from numbers`)
  filled.close()
}

describe('a backup under load', () => {
  it('ends while another process writes without a pause, and has all that was acknowledged before it began', {
    timeout: 60_000,
  }, async () => {
    const { env, database, file } = makeSettings()
    const server = await startServerProcess(env)
    assert.ok(await register(server.url, 'first@example.com'))
    fill(database, 20_000)
    const stopWriter = await startWriter(env.DATABASE_URL ?? '')

    const acknowledged: string[] = []
    let isOver = false
    const clients = [1, 2, 3, 4].map(async (client) => {
      for (let turn = 0; !isOver; turn++) {
        const email = `client-${client}-${turn}@example.com`
        if (await register(server.url, email)) acknowledged.push(email)
      }
    })
    while (acknowledged.length < 12) await sleep(10)
    const before = [...acknowledged]
    // The server has its turns too: some backup, if not the first, sees it answer.
    let latest = await runLatchkey(['backup', file, '--json'], env)
    while (latest.code === 0 && acknowledged.length === before.length) {
      latest = await runLatchkey(['backup', file, '--json', '--force'], env)
    }
    const { code, stdout, stderr } = latest
    isOver = true
    await Promise.all(clients)
    await stopWriter()
    server.terminate()
    await server.ended

    assert.equal(code, 0, stderr)
    assert.equal(read(file, 'pragma integrity_check'), 'ok')
    const kept = listEmails(file)
    for (const email of ['first@example.com', ...before]) assert.ok(kept.includes(email), email)
    const { accounts, sessions } = JSON.parse(stdout)
    assert.equal(accounts, kept.length)
    assert.ok(sessions >= 20_000)
    assert.ok(!existsSync(`${file}-wal`) && !existsSync(`${file}-journal`))
  })

  it('holds nothing up: a write of the server is never refused for it', async () => {
    const { env, database, file } = makeSettings()
    const server = await startServerProcess(env)
    await register(server.url, 'first@example.com')
    fill(database, 20_000)
    let isOver = false
    const statuses: number[] = []
    const writing = (async () => {
      for (let turn = 0; !isOver; turn++) {
        const json = { name: 'Somebody', email: `turn-${turn}@example.com`, password: PASSWORD }
        statuses.push((await ask(`${server.url}/api/auth/register/`, { json })).status)
      }
    })()
    for (let turn = 0; turn < 3; turn++) {
      assert.equal((await runLatchkey(['backup', file, '--force'], env)).code, 0)
    }
    isOver = true
    await writing
    server.terminate()
    await server.ended
    assert.ok(statuses.length > 3)
    assert.deepEqual(new Set(statuses), new Set([200]))
  })
})

describe('a restore', () => {
  it('is refused while a server runs on the database, even an idle one, and the server goes on', async () => {
    const { env, database, file } = makeSettings()
    const server = await startServerProcess(env)
    await register(server.url, 'ada@example.com')
    assert.equal((await runLatchkey(['backup', file], env)).code, 0)
    await register(server.url, 'bob@example.com')
    const names = readdirSync(dirname(database)).sort()

    const { code, stdout, stderr } = await runLatchkey(['restore', file, '--yes'], env)
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.match(stderr, /^latchkey: \S+latchkey\.db is in use: stop the server .* Nothing was changed\.\n$/)
    assert.deepEqual(readdirSync(dirname(database)).sort(), names)
    assert.ok(await register(server.url, 'carol@example.com'))
    server.terminate()
    await server.ended
    assert.deepEqual(listEmails(database), ['ada@example.com', 'bob@example.com', 'carol@example.com'])
    assert.equal(read(database, 'pragma journal_mode'), 'wal')
  })

  it('leaves every token of every contract dead, and every password good', async () => {
    const { env, file } = makeSettings()
    const first = await startServerProcess(env)
    const before = await signUpEverywhere(first.url)
    for (const token of Object.values(before)) assert.equal((await findSession(first.url, token)).status, 200)
    assert.equal((await runLatchkey(['backup', file], env)).code, 0)
    const since = await signInEverywhere(first.url)
    first.terminate()
    await first.ended

    const { code, stderr } = await runLatchkey(['restore', file, '--yes'], env)
    assert.equal(code, 0, stderr)
    const second = await startServerProcess(env)
    for (const tokens of [before, since]) {
      for (const [contract, token] of Object.entries(tokens)) {
        assert.equal((await findSession(second.url, token)).status, 401, contract)
      }
    }
    const again = await signInEverywhere(second.url)
    for (const token of Object.values(again)) assert.equal((await findSession(second.url, token)).status, 200)
    second.terminate()
    await second.ended
  })

  it('that is killed at any moment leaves the old database or the new one, whole', async () => {
    const { env, database, file } = makeSettings()
    assert.equal((await runLatchkey(['migrate'], env)).code, 0)
    insertAccount(database, 'backed-up@example.com')
    fill(database, 5000)
    assert.equal((await runLatchkey(['backup', file], env)).code, 0)
    const started = performance.now()
    assert.equal((await runLatchkey(['restore', file, '--yes'], env)).code, 0)
    const whole = performance.now() - started

    const moments = 8
    for (let moment = 1; moment <= moments; moment++) {
      insertAccount(database, 'since@example.com')
      const { signal } = await runLatchkey(['restore', file, '--yes'], env, {
        kill: (end) => setTimeout(end, (whole * (moment + 2)) / moments),
      })
      assert.equal(read(database, 'pragma integrity_check'), 'ok')
      const isOld = listEmails(database).includes('since@example.com')
      assert.deepEqual(listEmails(database), ['backed-up@example.com', ...(isOld ? ['since@example.com'] : [])])
      assert.equal(read(database, 'select count(*) from sessions'), isOld ? 1 : 0)
      if (signal === null) assert.ok(!isOld, 'it said that it was done')
    }
    // Whatever was left, the next one removes.
    assert.equal((await runLatchkey(['restore', file, '--yes'], env)).code, 0)
    assert.deepEqual(
      readdirSync(dirname(database)).filter((name) => name.includes('.draft')),
      [],
    )
    const server = await startServerProcess(env)
    assert.ok(await register(server.url, 'after@example.com'))
    server.terminate()
    await server.ended
  })
})

describe('a backup that cannot be finished', () => {
  it('that is killed at any moment leaves nothing under its name, and the next removes the rest', async () => {
    const { env, directory, database, file } = makeSettings()
    assert.equal((await runLatchkey(['migrate'], env)).code, 0)
    insertAccount(database, 'ada@example.com')
    fill(database, 20_000)
    const started = performance.now()
    assert.equal((await runLatchkey(['backup', `${file}-timed`], env)).code, 0)
    const whole = performance.now() - started
    const moments = 6
    for (let moment = 1; moment <= moments; moment++) {
      const { signal } = await runLatchkey(['backup', file, '--force'], env, {
        kill: (end) => setTimeout(end, (whole * (moment + 2)) / moments),
      })
      if (existsSync(file)) assert.equal(read(file, 'pragma integrity_check'), 'ok')
      else assert.equal(signal, 'SIGKILL')
    }
    assert.equal((await runLatchkey(['backup', file, '--force'], env)).code, 0)
    assert.deepEqual(readdirSync(directory).sort(), ['backup.db', 'backup.db-timed', 'data'])
    assert.equal(read(database, 'pragma integrity_check'), 'ok')
  })

  it('for want of room says so in one sentence, and leaves nothing behind', { skip: isWindows() }, async () => {
    const { env, directory, database, file } = makeSettings()
    assert.equal((await runLatchkey(['migrate'], env)).code, 0)
    insertAccount(database, 'ada@example.com')
    fill(database, 5000)
    assert.equal((await runLatchkey(['backup', file], env)).code, 0)
    const { size } = statSync(file)

    for (const args of [
      ['backup', `${file}-2`],
      ['restore', file, '--yes'],
    ]) {
      const { code, stderr } = await runLatchkey(args, env, { fileLimit: size / 2 })
      assert.equal(code, 1, stderr)
      assert.match(stderr, /^latchkey: (There is no room |The backup was not (made|restored): )/)
      assert.equal(stderr.trimEnd().split('\n').length, 1, stderr)
    }
    assert.deepEqual(readdirSync(directory).sort(), ['backup.db', 'data'])
    assert.deepEqual(readdirSync(join(directory, 'data')), ['latchkey.db'])
    assert.equal(read(database, 'pragma integrity_check'), 'ok')
  })

  it('where it may not write says so in one sentence', { skip: isWindows() }, async () => {
    const { env, directory, database } = makeSettings()
    assert.equal((await runLatchkey(['migrate'], env)).code, 0)
    const closed = join(directory, 'closed')
    mkdirSync(closed, { mode: 0o500 })
    const { code, stderr } = await runUnprivileged(['backup', join(closed, 'backup.db')], env, database)
    assert.equal(code, 1)
    assert.match(stderr, /^latchkey: This user may not write in \S+closed: name another place for the backup\.\n$/)
  })

  it('where the disk does not confirm its name says that it is there, and not to rely on it', {
    skip: isWindows(),
  }, async () => {
    const { env, directory, database } = makeSettings()
    assert.equal((await runLatchkey(['migrate'], env)).code, 0)
    // One may write there, but not read, and so not wait for the directory to be on the disk.
    const dropBox = join(directory, 'drop-box')
    mkdirSync(dropBox, { mode: 0o300 })
    if (process.getuid?.() === 0) chownSync(dropBox, NOBODY, NOBODY)
    const file = join(dropBox, 'backup.db')
    for (const options of [[], ['--force']]) {
      const { code, stderr } = await runUnprivileged(['backup', file, ...options], env, database)
      assert.equal(code, 1)
      assert.match(stderr, /^latchkey: \S+backup\.db is the new file now, but the disk did not confirm .*\n$/)
      assert.doesNotMatch(stderr, /nothing was changed|not made/i)
    }
    assert.equal(read(file, 'pragma integrity_check'), 'ok')
  })
})

/** Runs a command as somebody to whom directories can be closed, as they cannot to root; the database is theirs then. */
function runUnprivileged(command: readonly string[], env: Environment, database: string) {
  if (process.getuid?.() === 0) {
    for (const path of [dirname(dirname(database)), dirname(database), database]) chownSync(path, NOBODY, NOBODY)
  }
  const script = `
    const [runCommandFile, env, ...args] = process.argv.slice(1)
    const { runCommand } = await import(runCommandFile)
    if (process.getuid() === 0) process.setegid(${NOBODY})
    if (process.getuid() === 0) process.seteuid(${NOBODY})
    const { stdin, stdout, stderr } = process
    process.exitCode = await runCommand({ args, env: JSON.parse(env), stdin, stdout, stderr })`
  return runNode(script, [RUN_COMMAND, JSON.stringify(env), ...command])
}

describe('a plain copy of the database file, which is no backup', () => {
  it('lacks what the server acknowledged last', async () => {
    const { env, database, file } = makeSettings()
    const server = await startServerProcess(env)
    assert.ok(await register(server.url, 'ada@example.com'))
    copyFileSync(database, `${file}-plain`)
    assert.equal((await runLatchkey(['backup', file], env)).code, 0)
    server.terminate()
    await server.ended
    assert.throws(() => listEmails(`${file}-plain`), /no such table/)
    assert.deepEqual(listEmails(file), ['ada@example.com'])
  })

  it('is torn when the log is written back while it is made', async () => {
    const { env, database, file } = makeSettings()
    assert.equal((await runLatchkey(['migrate'], env)).code, 0)
    insertAccount(database, 'ada@example.com')
    fill(database, 2000)
    const half = Math.floor(statSync(database).size / 2 / 4096) * 4096

    const beginning = readPart(database, 0, half)
    // The server goes on, and its log is written back, as it is now and then by itself.
    const server = new DatabaseSync(database)
    server.exec(
      "delete from sessions where id like 'filled-%5'; update sessions set user_agent = 'x'; pragma wal_checkpoint",
    )
    const end = readPart(database, half, statSync(database).size)
    server.close()
    writeFileSync(file, Buffer.concat([beginning, end]))

    assert.notEqual(examine(file), 'ok')
    assert.equal(examine(database), 'ok')
  })
})

function readPart(file: string, from: number, to: number): Buffer {
  const handle = openSync(file, 'r')
  try {
    const part = Buffer.alloc(to - from)
    readSync(handle, part, 0, part.length, from)
    return part
  } finally {
    closeSync(handle)
  }
}

/** What SQLite says of a database, whether it says or throws it. */
function examine(file: string): string {
  try {
    return String(read(file, 'pragma integrity_check(1)'))
  } catch (error) {
    return String(error)
  }
}

/** Adds an account, unless it is there, with one session. */
function insertAccount(database: string, email: string): void {
  const opened = new DatabaseSync(database)
  opened.exec(`
    insert into accounts (subject, email, email_verified, name, first_name, last_name, phone_number, is_active, is_staff,
      credential_version, created_at, updated_at)
    select '${email}', '${email}', 0, '', '', '', '', 1, 0, 0, 0, 0
    where not exists (select 1 from accounts where email = '${email}');
    insert or ignore into sessions (id, account_id, kind, contract, credential_version, created_at, expires_at, user_agent)
    select '${email}', id, 'key', 'drf-token', 0, 0, 9e15, '' from accounts where email = '${email}'`)
  opened.close()
}

type Account = { readonly path: string; readonly json: Readonly<Record<string, string>> }
type Doorway = { readonly register: Account; readonly login: Account }

const DOORWAYS: Readonly<Record<string, Doorway>> = {
  'drf-jwt': {
    register: {
      path: '/registration/',
      json: { name: 'A', username: 'ann', email: 'ann@example.com', password: PASSWORD },
    },
    login: { path: '/login/', json: { email: 'ann', password: PASSWORD } },
  },
  'drf-token': {
    register: {
      path: '/api/users/registration/',
      json: { first_name: 'B', last_name: 'B', email: 'ben@example.com', password1: PASSWORD, password2: PASSWORD },
    },
    login: { path: '/api/users/login/', json: { email: 'ben@example.com', password: PASSWORD } },
  },
  'express-jwt': {
    register: { path: '/api/auth/register/', json: { name: 'Cid', email: 'cid@example.com', password: PASSWORD } },
    login: { path: '/api/auth/login/', json: { email: 'cid@example.com', password: PASSWORD } },
  },
  simplejwt: {
    register: { path: '/api/users/register/', json: { username: 'dot', password: PASSWORD } },
    login: { path: '/api/users/login/', json: { username: 'dot', password: PASSWORD } },
  },
}

async function signUpEverywhere(url: string): Promise<Readonly<Record<string, string>>> {
  for (const { register } of Object.values(DOORWAYS)) {
    const { status } = await ask(url + register.path, { json: register.json })
    assert.ok(status < 300, `${register.path} answered ${status}`)
  }
  return signInEverywhere(url)
}

/** A token of every contract. */
async function signInEverywhere(url: string): Promise<Readonly<Record<string, string>>> {
  const tokens: Record<string, string> = {}
  for (const [contract, { login }] of Object.entries(DOORWAYS)) {
    const { status, json } = await ask(url + login.path, { json: login.json })
    assert.ok(status < 300, `${login.path} answered ${status}`)
    const { token, key, access } = json as Readonly<Record<string, string | undefined>>
    tokens[contract] = token ?? key ?? access ?? ''
  }
  return tokens
}

function findSession(url: string, token: string): Promise<{ status: number }> {
  return ask(`${url}/v1/session`, { method: 'GET', token })
}

function isWindows(): boolean {
  return process.platform === 'win32'
}
