import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { runCli } from '../../test/kit/run-cli.ts'
import { listSettings } from '../config/list-settings.ts'
import { COMMANDS } from './commands.ts'

const env = { DATABASE_URL: 'sqlite::memory:' }

describe('the command line', () => {
  it('helps when it is given nothing', async () => {
    const { code, stdout, stderr } = await runCli([], { env })
    assert.equal(code, 0)
    assert.equal(stderr, '')
    for (const { name } of COMMANDS) assert.ok(stdout.includes(`  ${name}`), name)
  })

  it('explains every command, however it is asked', async () => {
    for (const { name, summary, options } of COMMANDS) {
      for (const args of [
        [...name.split(' '), '--help'],
        [...name.split(' '), 'x', '-h'],
        ['help', ...name.split(' ')],
      ]) {
        const { code, stdout } = await runCli(args, { env })
        assert.equal(code, 0, name)
        assert.ok(stdout.includes(summary) && stdout.includes(`Usage: latchkey ${name}`), name)
        for (const option of Object.keys(options)) assert.ok(stdout.includes(`--${option}`), `${name} --${option}`)
      }
    }
  })

  it('explains every setting under serve and config', async () => {
    for (const command of ['serve', 'config']) {
      const { stdout } = await runCli([command, '--help'], { env })
      for (const { name, description } of listSettings()) {
        assert.ok(stdout.includes(`  ${name} (default: `) && stdout.includes(description), name)
      }
    }
  })

  it('says its version', async () => {
    const { code, stdout } = await runCli(['--version'], { env })
    assert.equal(code, 0)
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
  })

  const misunderstood = {
    acounts: 'Did you mean latchkey accounts?',
    'accounts lst': 'Did you mean latchkey accounts list?',
    accounts: 'accounts needs a command: create, list',
    'help srve': 'Did you mean latchkey serve?',
    '--verbose': 'There is no such option',
    'accounts list --limt 3': 'Did you mean --limit?',
    'accounts list --limit 0': '--limit takes a whole number from 1 to 1000.',
    'accounts list --limit': '--limit <value>',
    'accounts list more': 'a word too much',
    'accounts show': 'ACCOUNT is missing.',
    'accounts show ada more': 'There are words after ACCOUNT.',
    'accounts delete ada': 'add --yes',
    'accounts create': '--email or --username',
    'sessions revoke': 'either one SESSION or --account',
    'sessions revoke x --account y': 'either one SESSION or --account',
    'serve --json': 'Unknown option',
  }
  for (const [line, words] of Object.entries(misunderstood)) {
    it(`exits 2 after: latchkey ${line}`, async () => {
      const { code, stdout, stderr } = await runCli(line.split(' '), { env })
      assert.equal(code, 2)
      assert.equal(stdout, '')
      assert.ok(stderr.includes(words) && stderr.includes('Usage: latchkey'), stderr)
    })
  }

  it('takes no password as an argument, and does not repeat it', async () => {
    for (const option of ['--password=canary-words', '--password', '-password', '--passwd', '--pass']) {
      for (const command of [
        ['accounts', 'create', '--email', 'a@b.c'],
        ['accounts', 'set-password', 'ada'],
      ]) {
        const { code, stderr } = await runCli([...command, option, 'canary-words'], { env })
        assert.equal(code, 2)
        assert.match(stderr, /A password is never taken from the command line/)
        assert.ok(!stderr.includes('canary-words'))
      }
    }
  })

  it('lists every problem of the settings, without a stack, and exits 1', async () => {
    const bad = { PORT: 'x', HOST: 'a b', LATCHKEY_SECRETS: 'canary-canary-canary' }
    for (const args of [['serve'], ['migrate'], ['config'], ['accounts', 'list']]) {
      const { code, stderr } = await runCli(args, { env: bad })
      assert.equal(code, 1)
      assert.equal(stderr.match(/^ {2}- /gm)?.length, 3, stderr)
      assert.ok(!stderr.includes('canary') && !stderr.includes(' at '), stderr)
    }
  })
})

describe('latchkey config', () => {
  const secret = 'kN3vT9qLw2XzR7bYc5HdPf8JmSgVaU4e6Ko1'

  it('shows what holds and where it came from, and masks the secret', async () => {
    const { code, stdout } = await runCli(['config'], { env: { ...env, PORT: '9000', LATCHKEY_SECRET: secret } })
    assert.equal(code, 0)
    assert.match(stdout, /^PORT +9000 +environment$/m)
    assert.match(stdout, /^LOG_LEVEL +info +default$/m)
    assert.match(stdout, /^LATCHKEY_SECRET +\*{8} +environment$/m)
    assert.ok(!stdout.includes(secret))
  })

  it('says the same in JSON', async () => {
    const { stdout } = await runCli(['config', '--json'], { env: { ...env, LATCHKEY_SECRET: secret } })
    const settings: unknown = JSON.parse(stdout)
    assert.ok(Array.isArray(settings) && !stdout.includes(secret))
    assert.deepEqual(
      settings.map(({ name }) => name),
      listSettings().map(({ name }) => name),
    )
  })
})
