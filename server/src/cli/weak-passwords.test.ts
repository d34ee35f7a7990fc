import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { type RangeServer, startRangeServer } from '../../test/kit/range-server.ts'
import { makeEnvironment, runCli } from '../../test/kit/run-cli.ts'

const SOUND = 'copper kettle 7 tall windows'
const COMMON = 'password123'

async function make(env: Record<string, string>, username: string, password: string) {
  return runCli(['accounts', 'create', '--username', username], { env, stdin: `${password}\n` })
}

describe('an operator', () => {
  it('is shown which passwords are weak', async () => {
    const { env } = makeEnvironment()
    const weak = await make(env, 'weak', COMMON)
    assert.equal(weak.code, 0, weak.stderr)
    assert.match(weak.stderr, /common or breached/)
    const sound = await make(env, 'sound', SOUND)
    assert.deepEqual([sound.code, sound.stderr], [0, ''])

    assert.match((await runCli(['accounts', 'show', 'weak'], { env })).stdout, /^weak password +yes$/m)
    const shown = JSON.parse((await runCli(['accounts', 'show', 'sound', '--json'], { env })).stdout)
    assert.equal(shown.weak_password, false)

    const all = (await runCli(['accounts', 'list'], { env })).stdout.split('\n')
    assert.match(all[0] ?? '', / PASSWORD /)
    assert.match(all[1] ?? '', /^1 .* weak .* weak /)
    assert.doesNotMatch(all[2] ?? '', /weak/)
    const listed = JSON.parse((await runCli(['accounts', 'list', '--weak', '--json'], { env })).stdout)
    assert.deepEqual(
      listed.map(({ username, weak_password }: Record<string, unknown>) => [username, weak_password]),
      [['weak', true]],
    )

    const doctor = await runCli(['doctor'], { env })
    assert.equal(doctor.code, 0, doctor.stdout)
    assert.match(doctor.stdout, /^warn +passwords +accounts whose password is common or breached: 1\. /m)

    const better = await runCli(['accounts', 'set-password', 'weak'], { env, stdin: SOUND })
    assert.equal(better.code, 0, better.stderr)
    assert.equal((await runCli(['accounts', 'list', '--weak', '--json'], { env })).stdout, '[]\n')
    assert.doesNotMatch((await runCli(['doctor'], { env })).stdout, /common or breached/)
  })

  it('is refused the same passwords as everybody under hardened rules, all reasons at once', async () => {
    const { env: plain } = makeEnvironment()
    const env = { ...plain, LATCHKEY_PASSWORD_POLICY: 'hardened', LATCHKEY_PRODUCT_NAMES: 'Widgets' }
    assert.equal((await make(env, 'ada', SOUND)).code, 0)
    const table: readonly [string, readonly string[]][] = [
      ['tiny 7x', ['must have at least 15 characters.']],
      [COMMON, ['must have at least 15 characters.', 'is one of the most common ones.']],
      ['lovelace-2026-07', ['is too similar to the account’s username.']],
      ['widgetswidgetswidgets', ['is too similar to the product’s name', 'is one of the most common ones.']],
    ]
    for (const [password, expected] of table) {
      const commands = [
        await make(env, 'lovelace', password),
        ...(password.startsWith('lovelace')
          ? []
          : [await runCli(['accounts', 'set-password', 'ada'], { env, stdin: password })]),
      ]
      for (const { code, stderr } of commands) {
        assert.equal(code, 1)
        const lines = stderr.split('\n').filter((line) => line.startsWith('  - password '))
        assert.equal(lines.length, expected.length, stderr)
        for (const [index, words] of expected.entries()) assert.ok(lines[index]?.includes(words), stderr)
        assert.ok(!stderr.includes(password))
      }
    }
    const taken = await make(env, 'ada', 'short')
    assert.match(taken.stderr, /username already belongs to an account\.\n {2}- password must have at least 15/)
  })
})

describe('doctor', () => {
  let ranges: RangeServer
  before(async () => {
    ranges = await startRangeServer({ password: 10_000_000 })
  })
  after(() => ranges.close())
  const examine = async (env: Record<string, string>) => {
    const { env: plain } = makeEnvironment()
    await runCli(['migrate'], { env: plain })
    const { code, stdout } = await runCli(['doctor'], { env: { ...plain, ...env } })
    return { code, lines: stdout.split('\n').filter((line) => /^\S+ +passwords /.test(line)) }
  }

  it('says which rules hold, and asks nobody unless it is switched on', async () => {
    const count = ranges.requests.length
    const { lines } = await examine({ LATCHKEY_BREACHED_PASSWORDS_URL: ranges.url })
    assert.match(lines[0] ?? '', /^ok +passwords +each contract’s own rules hold; common ones are flagged$/)
    assert.match(lines[1] ?? '', /^ok +passwords +nobody is asked for breached ones$/)
    assert.equal(ranges.requests.length, count)
    const hardened = await examine({ LATCHKEY_PASSWORD_POLICY: 'hardened' })
    assert.match(hardened.lines[0] ?? '', /^ok +passwords +short, common and contextual ones are refused$/)
  })

  it('says whether breached passwords can be asked for, and whether the answer is to be believed', async () => {
    const env = { LATCHKEY_BREACHED_PASSWORDS: 'hibp', LATCHKEY_BREACHED_PASSWORDS_URL: ranges.url }
    const good = await examine(env)
    assert.match(good.lines[1] ?? '', /^ok +passwords +breached ones are known to http:/)
    const ignorant = await startRangeServer({})
    after(() => ignorant.close())
    const odd = await examine({ ...env, LATCHKEY_BREACHED_PASSWORDS_URL: ignorant.url })
    assert.match(odd.lines[1] ?? '', /^warn +passwords +.* does not know the best known password of all/)
    const silent = await examine({
      ...env,
      LATCHKEY_BREACHED_PASSWORDS_URL: `http://127.0.0.1:${await findClosedPort()}/`,
    })
    assert.match(silent.lines[1] ?? '', /^warn +passwords +breached ones cannot be asked for at .*ECONNREFUSED/)
    assert.equal(silent.code, 0)
  })
})

async function findClosedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
