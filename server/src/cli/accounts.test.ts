import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeEnvironment, runCli } from '../../test/kit/run-cli.ts'

const PASSWORD = 'correct horse battery'

async function makeAda(env: Record<string, string>, ...more: string[]): Promise<void> {
  const args = ['accounts', 'create', '--email', 'Ada@example.com', '--username', 'ada', ...more]
  const { code, stderr } = await runCli(args, { env, stdin: `${PASSWORD}\n` })
  assert.equal(code, 0, stderr)
}

async function readJson(env: Record<string, string>, ...args: string[]) {
  const { code, stdout, stderr } = await runCli([...args, '--json'], { env })
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout)
}

describe('latchkey accounts', () => {
  it('makes an account from a line of stdin and finds it by id, email and username', async () => {
    const { env } = makeEnvironment()
    await makeAda(env, '--name', 'Ada Lovelace', '--phone', '+123456789', '--staff')
    for (const name of ['1', 'ada@EXAMPLE.com', 'ADA']) {
      const account = await readJson(env, 'accounts', 'show', name)
      assert.partialDeepStrictEqual(account, {
        id: 1,
        email: 'Ada@example.com',
        username: 'ada',
        name: 'Ada Lovelace',
        first_name: 'Ada',
        last_name: 'Lovelace',
        phone_number: '+123456789',
        is_active: true,
        is_staff: true,
        last_login_at: null,
      })
    }
    const { code, stderr } = await runCli(['accounts', 'show', 'nobody'], { env })
    assert.equal(code, 1)
    assert.match(stderr, /There is no account nobody/)
  })

  it('says everything that is wrong with a new account, in words', async () => {
    const { env } = makeEnvironment()
    await makeAda(env)
    const taken = ['accounts', 'create', '--email', 'ADA@example.com', '--username', 'Ada']
    const again = await runCli(taken, { env, stdin: PASSWORD })
    assert.equal(again.code, 1)
    assert.match(again.stderr, /email already belongs to an account\.\n {2}- username already belongs/)
    const odd = ['accounts', 'create', '--email', 'x', '--username', 'a b', '--phone', '1', '--name', ' ']
    const refused = await runCli(odd, { env, stdin: PASSWORD })
    assert.equal(refused.code, 1)
    assert.equal(refused.stderr.match(/^ {2}- /gm)?.length, 4, refused.stderr)
  })

  it('refuses what is not one line of a password, and never repeats it', async () => {
    const { env } = makeEnvironment()
    const refused = ['', '\n', 'short', '        ', 'two lines\nof password\n', 'x'.repeat(20_000), 'x'.repeat(1025)]
    for (const stdin of [...refused, Buffer.from([0xff, 0xfe, 65, 66, 67, 68, 69, 70, 71, 72])]) {
      const { code, stderr } = await runCli(['accounts', 'create', '--email', 'a@b.c'], { env, stdin })
      assert.equal(code, 1, String(stdin).slice(0, 20))
      assert.ok(!stderr.includes('two lines') && !stderr.includes('short'), stderr)
    }
    assert.deepEqual(await readJson(env, 'accounts', 'list'), [])
  })

  it('asks twice on a terminal, shows nothing of what is typed, and refuses two different answers', async () => {
    const { env } = makeEnvironment()
    const args = ['accounts', 'create', '--username', 'ada']
    const differ = await runCli(args, { env, stdin: { types: ['first password\r', 'other password\r'] } })
    assert.equal(differ.code, 1)
    assert.match(differ.stderr, /The two passwords differ/)
    const cancelled = await runCli(args, { env, stdin: { types: ['first pass\u0003'] } })
    assert.equal(cancelled.code, 1)
    assert.match(cancelled.stderr, /Cancelled/)
    const made = await runCli(args, { env, stdin: { types: ['first pässword\r', 'first pässword\r'] } })
    assert.equal(made.code, 0, made.stderr)
    for (const { stdout, stderr } of [differ, cancelled, made]) assert.ok(!/first|other pass/.test(stdout + stderr))
  })

  it('takes both lines of a paste', async () => {
    const { env } = makeEnvironment()
    const stdin = { types: ['pasted password\rpasted password\r', ''] }
    const { code, stderr } = await runCli(['accounts', 'create', '--username', 'ada'], { env, stdin })
    assert.equal(code, 0, stderr)
  })

  it('disables, enables and sets a password', async () => {
    const { env } = makeEnvironment()
    await makeAda(env)
    assert.match((await runCli(['accounts', 'disable', 'ada'], { env })).stdout, /^Disabled account 1 /)
    assert.equal((await readJson(env, 'accounts', 'show', 'ada')).is_active, false)
    assert.match((await runCli(['accounts', 'enable', 'ada'], { env })).stdout, /^Enabled account 1 /)
    assert.equal((await readJson(env, 'accounts', 'show', 'ada')).is_active, true)
    const changed = await runCli(['accounts', 'set-password', 'ada'], { env, stdin: 'another password\n' })
    assert.equal(changed.code, 0, changed.stderr)
    for (const verb of ['disable', 'enable', 'set-password', 'delete']) {
      const flags = verb === 'delete' ? ['--yes'] : []
      const { code } = await runCli(['accounts', verb, 'nobody', ...flags], { env, stdin: PASSWORD })
      assert.equal(code, 1, verb)
    }
  })

  it('shows the account as it is after its password was set', async () => {
    const { env } = makeEnvironment()
    await makeAda(env)
    const before = await readJson(env, 'accounts', 'show', 'ada')
    await sleep(1100)
    const set = await runCli(['accounts', 'set-password', 'ada', '--json'], { env, stdin: 'another password\n' })
    assert.deepEqual(JSON.parse(set.stdout), await readJson(env, 'accounts', 'show', 'ada'))
    assert.notEqual(JSON.parse(set.stdout).updated_at, before.updated_at)
  })

  it('leaves an audit line on stderr whatever LOG_LEVEL says, but for silent, and keeps stdout clean', async () => {
    for (const [level, count] of [
      ['info', 1],
      ['error', 1],
      ['silent', 0],
    ] as const) {
      const { env } = makeEnvironment()
      const args = ['accounts', 'create', '--username', 'ada', '--json']
      const made = await runCli(args, { env: { ...env, LOG_LEVEL: level }, stdin: PASSWORD })
      assert.equal(JSON.parse(made.stdout).username, 'ada')
      const lines = made.stderr.split('\n').filter((line) => line !== '')
      assert.equal(lines.length, count, made.stderr)
      const audit = { type: 'account_registered', actor: 'operator', accountId: 1, detail: { is_staff: 'false' } }
      for (const line of lines) assert.deepEqual(JSON.parse(line).audit, audit)
    }
  })

  it('makes no database where there is none, unless it is to make an account', async () => {
    const { env, directory } = makeEnvironment()
    for (const args of [
      ['accounts', 'list'],
      ['accounts', 'show', 'ada'],
      ['accounts', 'disable', 'ada'],
      ['accounts', 'set-password', 'ada'],
      ['accounts', 'delete', 'ada', '--yes'],
      ['sessions', 'list'],
      ['sessions', 'revoke', '--account', 'ada'],
    ]) {
      const { code, stdout, stderr } = await runCli(args, { env, stdin: PASSWORD })
      assert.deepEqual({ code, stdout }, { code: 1, stdout: '' }, args.join(' '))
      assert.ok(stderr.includes(`There is no database at ${join(directory, 'data', 'latchkey.db')}: `), stderr)
    }
    assert.ok(!existsSync(join(directory, 'data')))
    await makeAda(env)
    assert.ok(existsSync(join(directory, 'data', 'latchkey.db')))
  })

  it('deletes only after a yes', async () => {
    const { env } = makeEnvironment()
    await makeAda(env)
    for (const answer of ['n\r', '\r', 'no\r', '\u0003']) {
      const kept = await runCli(['accounts', 'delete', 'ada'], { env, stdin: { types: [answer] } })
      assert.equal(kept.code, 1)
      assert.match(kept.stderr, /Nothing was deleted/)
    }
    assert.equal((await runCli(['accounts', 'delete', 'ada'], { env, stdin: { types: ['y\r'] } })).code, 0)
    assert.deepEqual(await readJson(env, 'accounts', 'list'), [])
    await makeAda(env)
    assert.equal((await runCli(['accounts', 'delete', 'ada', '--yes'], { env })).code, 0)
  })

  it('lists page by page', async () => {
    const { env } = makeEnvironment()
    for (const name of ['a1', 'a2', 'a3']) {
      await runCli(['accounts', 'create', '--username', name], { env, stdin: PASSWORD })
    }
    const first = await runCli(['accounts', 'list', '--limit', '2'], { env })
    assert.match(first.stdout, /^ID {2}EMAIL {2}USERNAME/)
    assert.equal(first.stdout.trimEnd().split('\n').length, 3)
    assert.match(first.stderr, /--after 2/)
    const rest = await readJson(env, 'accounts', 'list', '--limit', '2', '--after', '2')
    assert.equal(rest.length, 1)
    assert.equal(rest[0].username, 'a3')
  })

  it('lets no registered text steer the terminal', async () => {
    const { env } = makeEnvironment()
    const name = 'x\u001b[2J\u009b31m\u202eevil'
    await makeAda(env, '--name', name)
    for (const args of [['list'], ['list', '--json'], ['show', 'ada'], ['show', 'ada', '--json']]) {
      const { stdout } = await runCli(['accounts', ...args], { env })
      assert.ok(!/[\u001b\u0080-\u009f\u202e]/.test(stdout), JSON.stringify(stdout))
    }
    assert.equal((await readJson(env, 'accounts', 'show', 'ada')).name, name)
  })
})

describe('latchkey sessions', () => {
  it('lists none and revokes none where there are none', async () => {
    const { env } = makeEnvironment()
    await makeAda(env)
    assert.deepEqual(await readJson(env, 'sessions', 'list'), [])
    assert.deepEqual(await readJson(env, 'sessions', 'list', 'ada'), [])
    assert.deepEqual(await readJson(env, 'sessions', 'revoke', '--account', 'ada'), { revoked: 0 })
    assert.equal((await runCli(['sessions', 'list', 'nobody'], { env })).code, 1)
    const { code, stderr } = await runCli(['sessions', 'revoke', '3b1f8a52-0000-4000-8000-000000000000'], { env })
    assert.equal(code, 1)
    assert.match(stderr, /There is no live session with this id/)
  })
})
