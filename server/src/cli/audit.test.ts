import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { runRawSql } from '../../test/kit/raw-sql.ts'
import { makeEnvironment, runCli } from '../../test/kit/run-cli.ts'
import { dieTogether } from '../../test/kit/server-process.ts'

const BIN = fileURLToPath(new URL('../../bin/latchkey.js', import.meta.url))
const PASSWORD = 'correct horse battery'

describe('latchkey audit', () => {
  const { env, directory } = makeEnvironment()
  const url = env.DATABASE_URL ?? ''

  const run = (...args: string[]) => runCli(['audit', ...args], { env })
  async function readLines(...args: string[]): Promise<Record<string, unknown>[]> {
    const { code, stdout, stderr } = await run(...args)
    assert.equal(code, 0, stderr)
    return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
  }

  before(async () => {
    for (const name of ['ada', 'bob']) {
      await runCli(['accounts', 'create', '--username', name], { env, stdin: `${PASSWORD}\n` })
    }
    await runCli(['accounts', 'disable', 'ada'], { env })
    await runCli(['accounts', 'delete', 'bob', '--yes'], { env })
    await runRawSql(url, "update accounts set name = '=1+1' where id = 1")
  })

  it('lists what the commands before it did: each was written before its command ended', async () => {
    const { code, stdout } = await run('list')
    assert.equal(code, 0)
    const [headings, ...rows] = stdout.trimEnd().split('\n')
    assert.match(headings ?? '', /^SEQ +TIME +TYPE +ACTOR +ACCOUNT/)
    const types = rows.map((row) => row.split(/ +/)[2])
    assert.deepEqual(types, ['account_registered', 'account_registered', 'account_disabled', 'account_deleted'])
    const entries = await readLines('list', '--json')
    assert.deepEqual(
      entries.map(({ type }) => type),
      types,
    )
    assert.partialDeepStrictEqual(entries[3], {
      seq: 4,
      actor: 'operator',
      account_id: 2,
      contract: null,
      request_id: null,
      network: null,
      user_agent: null,
      detail: {},
    })
  })

  it('lists what is asked for, the newest of it', async () => {
    const seqs = async (...args: string[]) => (await readLines('list', '--json', ...args)).map(({ seq }) => seq)
    assert.deepEqual(await seqs('--limit', '2'), [3, 4])
    assert.deepEqual(await seqs('--type', 'account_registered'), [1, 2])
    assert.deepEqual(await seqs('--type', 'account_deleted,account_disabled'), [3, 4])
    assert.deepEqual(await seqs('--account', 'ADA'), [1, 3])
    assert.deepEqual(await seqs('--account', '2'), [2, 4], 'one that is gone, by its id')
    assert.deepEqual(await seqs('--since', '1h'), [1, 2, 3, 4])
    assert.deepEqual(await seqs('--until', '1h'), [])
    assert.deepEqual(await seqs('--network', '192.0.2.1'), [])
    await runRawSql(url, "update audit_log set network = '2001:db8:1:2::/64' where seq = 2")
    await runRawSql(url, "update audit_log set network = '2001:db8:1::/48' where seq = 3")
    assert.deepEqual(await seqs('--network', '2001:DB8:1:2::7'), [2, 3])
    assert.deepEqual(await seqs('--network', '2001:db8:1::/48'), [3])
    assert.deepEqual(await seqs('--network', '2001:0db8:0001:0002::/64'), [2, 3])
    assert.deepEqual(await seqs('--network', 'unknown'), [])
    await runRawSql(url, 'update audit_log set network = null')
    for (const [args, words] of [
      [['--type', 'account_delete'], /Did you mean account_deleted/],
      [['--type', ''], /There is no event ""/],
      [['--type', 'x\u001b[2J'], /There is no event "x\\u\{1b\}/],
      [['--since', 'yesterday'], /--since takes a time/],
      [['--network', 'office'], /--network takes/],
      [['--network', '10.0.0.0/8'], /--network takes/],
      [['--network', '2001:db8::/32'], /--network takes/],
      [['--network', '192.0.2.0/24/24'], /--network takes/],
      [['--network', '127.0.0.1'], /loopback is no network/],
      [['--limit', '0'], /--limit takes/],
    ] as const) {
      const { code, stderr } = await run('list', ...args)
      assert.equal(code, 2)
      assert.match(stderr, words)
    }
    const nobody = await run('list', '--account', 'nobody')
    assert.deepEqual([nobody.code, nobody.stdout], [1, ''])
  })

  it('exports all of it, as JSON lines or CSV, into a file of its owner’s alone or not at all', async () => {
    const lines = await readLines('export')
    assert.deepEqual(lines, await readLines('list', '--json'))
    const file = join(directory, 'audit.csv')
    const made = await run('export', '--format', 'csv', '--out', file)
    assert.equal(made.code, 0, made.stderr)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    const text = readFileSync(file, 'utf8')
    assert.equal(text, (await run('export', '--format', 'csv')).stdout)
    const rows = text.split('\r\n')
    assert.equal(rows.length, 6)
    assert.equal(
      rows[0],
      '"seq","at","type","actor","account_id","contract","request_id","network","user_agent","detail","hash"',
    )
    for (const [name, status, words] of [
      ['', 2, /--out takes the name of a new file/],
      [join(directory, 'nowhere', 'audit.csv'), 1, /There is no directory .*nowhere: make it/],
    ] as const) {
      const refused = await run('export', '--out', name)
      assert.equal(refused.code, status)
      assert.match(refused.stderr, words)
    }
    const again = await run('export', '--out', file)
    assert.equal(again.code, 1)
    assert.match(again.stderr, /is there already/)
    assert.equal(readFileSync(file, 'utf8'), text)
    assert.equal((await run('export', '--format', 'xml')).code, 2)
    const nowhere = await run('export', '--out', join(directory, 'no-such', 'file'))
    assert.equal(nowhere.code, 1)
    assert.deepEqual(readdirSync(directory).toSorted(), ['audit.csv', 'data'])
  })

  it('verifies, names the end to be kept, and compares with one that was', async () => {
    const sound = await run('verify')
    assert.deepEqual([sound.code, sound.stderr], [0, ''])
    const end = /^Its end is (4:[0-9a-f]{64})$/m.exec(sound.stdout)?.[1] ?? ''
    assert.match(sound.stdout, /as it was written: 4 entries, from 1 to 4/)
    const met = await run('verify', '--expect', end)
    assert.equal(met.code, 0)
    assert.match(met.stdout, /What was expected is in it/)
    const other = await run('verify', '--expect', `9:${'0'.repeat(64)}`)
    assert.equal(other.code, 1)
    assert.match(other.stdout, /entry 9, which was expected, is beyond the end/)
    assert.equal((await run('verify', '--expect', '4')).code, 2)
    const json = JSON.parse((await run('verify', '--json')).stdout)
    assert.deepEqual(json, { ok: true, entries: 4, first: 1, head: end, expected: null, secret_fits: true, faults: [] })
  })

  it('names the broken entry, and exits with 1', async () => {
    await runRawSql(url, "update audit_log set actor = 'anonymous' where seq = 3")
    const broken = await run('verify')
    assert.equal(broken.code, 1)
    assert.match(broken.stdout, /is not as it was written:\n {2}- entry 3 was changed\.\n$/)
    const json = JSON.parse((await run('verify', '--json')).stdout)
    assert.deepEqual([json.ok, json.faults], [false, [{ kind: 'changed', seq: 3 }]])
    await runRawSql(url, "update audit_log set actor = 'operator' where seq = 3")
    await runRawSql(
      url,
      'create table kept as select * from audit_log where seq = 2',
      'delete from audit_log where seq = 2',
    )
    assert.match((await run('verify')).stdout, /- entry 2 is missing\./)
    await runRawSql(url, 'insert into audit_log select * from kept', 'drop table kept')
    assert.equal((await run('verify')).code, 0)
  })

  it('says of a secret that is not the one the log was written under that it is another', async () => {
    const other = await runCli(['audit', 'verify'], {
      env: { ...env, LATCHKEY_SECRET: 'a secret that only thieves have 32+' },
    })
    assert.equal(other.code, 1)
    assert.match(other.stderr, /The secret in force is not the one this database was sealed under/)
    assert.ok(!/changed/.test(other.stdout + other.stderr))
  })

  it('follows what happens from now on until it is interrupted', async () => {
    const child = spawn(process.execPath, [BIN, 'audit', 'list', '--follow', '--json', '--limit', '1'], {
      env: { ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    dieTogether(child)
    let output = ''
    child.stdout.on('data', (chunk) => (output += String(chunk)))
    const ended = once(child, 'exit')
    const untilLines = async (count: number) => {
      while (output.split('\n').length - 1 < count) await once(child.stdout, 'data')
    }
    await untilLines(1)
    await runCli(['accounts', 'enable', 'ada'], { env })
    await untilLines(2)
    await runCli(['accounts', 'disable', 'ada'], { env })
    await untilLines(3)
    child.kill('SIGINT')
    assert.deepEqual(await ended, [0, null])
    const types = output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).type)
    assert.deepEqual(types, ['account_deleted', 'account_enabled', 'account_disabled'])
  })

  it('follows no longer than somebody reads', async () => {
    const child = spawn(process.execPath, [BIN, 'audit', 'list', '--follow', '--limit', '1'], {
      env: { ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    dieTogether(child)
    const ended = once(child, 'exit')
    await once(child.stdout, 'data')
    child.stdout.destroy()
    await runCli(['accounts', 'enable', 'ada'], { env })
    assert.deepEqual(await ended, [0, null])
  })

  it('exports into a pipe as fast as somebody reads, and no longer', async () => {
    const own = makeEnvironment()
    await runCli(['accounts', 'create', '--username', 'ada'], { env: own.env, stdin: `${PASSWORD}\n` })
    const columns = 'at, type, actor, account_id, contract, request_id, network, user_agent, detail, hash'
    await runRawSql(
      own.env.DATABASE_URL ?? '',
      `with recursive more (n) as (select 2 union all select n + 1 from more where n < 20000)
      insert into audit_log (seq, ${columns}) select n, ${columns} from more, audit_log where seq = 1`,
    )
    for (const isRead of [true, false]) {
      const child = spawn(process.execPath, [BIN, 'audit', 'export'], {
        env: own.env,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      dieTogether(child)
      const ended = once(child, 'close')
      const read = { lines: 0, warnings: '' }
      child.stderr.on('data', (chunk) => (read.warnings += String(chunk)))
      child.stdout.on('data', (chunk) => {
        read.lines += String(chunk).split('\n').length - 1
        if (!isRead) child.stdout.destroy()
      })
      assert.deepEqual(await ended, [0, null])
      assert.equal(read.warnings, '')
      assert.equal(read.lines === 20_000, isRead)
    }
  })

  it('lets nothing that a stranger sent steer the terminal', async () => {
    const evil = "char(27) || '[2J' || char(155) || char(8238)"
    await runRawSql(url, `update audit_log set user_agent = ${evil}, actor = ${evil}, detail = ${evil} where seq = 1`)
    for (const args of [['list'], ['list', '--json'], ['export'], ['export', '--format', 'csv'], ['verify']]) {
      const { stdout } = await run(...args)
      assert.ok(!/[\u001b\u0080-\u009f\u202e]/.test(stdout), args.join(' '))
    }
  })

  it('says so when what a command did cannot be written, and the command has done it all the same', async () => {
    const own = makeEnvironment()
    const loud = { ...own.env, LOG_LEVEL: 'info' }
    await runCli(['accounts', 'create', '--username', 'ada'], { env: own.env, stdin: `${PASSWORD}\n` })
    await runRawSql(own.env.DATABASE_URL ?? '', 'alter table audit_log rename to away')
    const { code, stderr } = await runCli(['accounts', 'disable', 'ada'], { env: loud })
    assert.equal(code, 0)
    assert.match(stderr, /audit entries could not be written/)
  })
})

describe('latchkey restore', () => {
  it('leaves an audit log that is sound, says that it was restored, and has not what came after the backup', async () => {
    const { env, directory } = makeEnvironment()
    const file = join(directory, 'backup.db')
    const run = (...args: string[]) => runCli(args, { env, stdin: `${PASSWORD}\n` })
    await run('accounts', 'create', '--username', 'ada')
    assert.equal((await run('backup', file)).code, 0)
    for (const verb of ['disable', 'enable', 'disable', 'enable', 'disable']) await run('accounts', verb, 'ada')
    const end = /6:[0-9a-f]{64}/.exec((await run('audit', 'verify')).stdout)?.[0] ?? ''
    assert.equal((await run('restore', file, '--yes')).code, 0)
    const entries = (await run('audit', 'list', '--json')).stdout.trimEnd().split('\n')
    const types = entries.map((line) => JSON.parse(line).type)
    assert.deepEqual(types, ['account_registered', 'sessions_ended', 'database_restored'])
    assert.equal((await run('audit', 'verify')).code, 0)
    assert.match((await run('audit', 'verify', '--expect', end)).stdout, /the log was cut off or put back/)
  })
})
