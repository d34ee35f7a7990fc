import assert from 'node:assert/strict'
import { chmodSync, existsSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { checkNode } from './doctor/check-machine.ts'
import { makeEnvironment, runCli } from './run-cli.suite.ts'

/** Which lines are not well, and the exit code. */
async function examine(env: Record<string, string>) {
  const { code, stdout } = await runCli(['doctor'], { env })
  const lines = stdout.trimEnd().split('\n')
  return { code, lines, bad: lines.filter((line) => !line.startsWith('ok ')) }
}

describe('latchkey doctor', () => {
  it('finds all well on a new database', async () => {
    const { env } = makeEnvironment()
    assert.equal((await runCli(['migrate'], { env })).code, 0)
    const { code, lines, bad } = await examine(env)
    assert.deepEqual(bad, [])
    assert.equal(code, 0)
    for (const about of ['node', 'settings', 'clock', 'data directory', 'database file', 'secret', 'database']) {
      assert.ok(
        lines.some((line) => line.startsWith(`ok  ${about} `)),
        about,
      )
    }
  })

  it('says that there is no database yet, and makes none', async () => {
    const { env, directory } = makeEnvironment()
    const { code, bad } = await examine(env)
    assert.equal(code, 0)
    assert.equal(bad.length, 1)
    assert.match(bad[0] ?? '', /^warn +database +there is none yet/)
    assert.ok(!existsSync(join(directory, 'data')))
  })

  it('fails on files that others can read, and says which chmod to run', async () => {
    const { env, directory } = makeEnvironment()
    await runCli(['migrate'], { env })
    const file = join(directory, 'data', 'latchkey.db')
    chmodSync(file, 0o644)
    chmodSync(join(directory, 'data'), 0o777)
    const { code, bad } = await examine(env)
    assert.equal(code, 1)
    assert.ok(bad.some((line) => line.startsWith('FAIL') && line.includes(`chmod 700 ${join(directory, 'data')}`)))
    assert.ok(bad.some((line) => line.startsWith('FAIL') && line.includes(`chmod 600 ${file}`)))
  })

  it('fails on a secret that others can read, or that is gone, and makes no other', async () => {
    const { env, directory } = makeEnvironment()
    await runCli(['migrate'], { env })
    const file = join(directory, 'data', 'latchkey.db.secret')
    chmodSync(file, 0o640)
    const open = await examine(env)
    assert.equal(open.code, 1)
    assert.ok(open.bad.some((line) => /^FAIL +secret .*chmod 600/.test(line)))
    rmSync(file)
    const gone = await examine(env)
    assert.equal(gone.code, 1)
    assert.ok(gone.bad.some((line) => /^FAIL +secret .*is missing/.test(line)))
    assert.ok(!existsSync(file))
  })

  it('fails on a clock that is behind the database', async () => {
    const { env, directory } = makeEnvironment()
    await runCli(['migrate'], { env })
    const later = Date.now() / 1000 + 3600
    utimesSync(join(directory, 'data', 'latchkey.db'), later, later)
    const { code, bad } = await examine(env)
    assert.equal(code, 1)
    assert.match(bad.join('\n'), /^FAIL +clock +it is 3\d\d\d seconds behind/)
  })

  it('fails on settings that cannot be used, a line each', async () => {
    const { code, bad } = await examine({ PORT: 'x', LOG_LEVEL: 'y' })
    assert.equal(code, 1)
    assert.equal(bad.filter((line) => /^FAIL +settings +(PORT|LOG_LEVEL) /.test(line)).length, 2)
  })

  it('warns of an open network without https, and of limits that are off', async () => {
    const open = await examine({ DATABASE_URL: 'sqlite::memory:', HOST: '0.0.0.0' })
    assert.equal(open.code, 0)
    assert.ok(open.bad.some((line) => /^warn +network .*LATCHKEY_PUBLIC_URL is not https/.test(line)))
    const behindProxy = { HOST: '0.0.0.0', LATCHKEY_PUBLIC_URL: 'https://auth.example.com' }
    const closed = await examine({ DATABASE_URL: 'sqlite::memory:', ...behindProxy })
    assert.ok(!closed.bad.some((line) => line.includes('network')))
    const unlimited = await examine({ DATABASE_URL: 'sqlite::memory:', LATCHKEY_LIMITS: 'off' })
    assert.ok(unlimited.bad.some((line) => /^warn +limits /.test(line)))
  })

  it('says the same in JSON', async () => {
    const { env } = makeEnvironment()
    await runCli(['migrate'], { env })
    const { code, stdout } = await runCli(['doctor', '--json'], { env })
    const { ok, findings } = JSON.parse(stdout)
    assert.equal(code, 0)
    assert.equal(ok, true)
    assert.deepEqual(Object.keys(findings[0]), ['about', 'level', 'says'])
  })

  it('knows which Node is too old', () => {
    assert.equal(checkNode('24.12.0').level, 'ok')
    assert.equal(checkNode('26.0.0').level, 'ok')
    assert.equal(checkNode('24.11.9').level, 'FAIL')
    assert.equal(checkNode('22.30.0').level, 'FAIL')
  })
})

describe('latchkey migrate', () => {
  it('makes the database, says what it applied, and has nothing to do the second time', async () => {
    const { env, directory } = makeEnvironment()
    const first = await runCli(['migrate'], { env })
    assert.equal(first.code, 0, first.stderr)
    assert.match(first.stdout, /^Applied 0001/)
    assert.ok(existsSync(join(directory, 'data', 'latchkey.db')))
    assert.match((await runCli(['migrate'], { env })).stdout, /is up to date: nothing to apply\.\n$/)
    const { applied, before } = JSON.parse((await runCli(['migrate', '--json'], { env })).stdout)
    assert.deepEqual(applied, [])
    assert.match(before[0], /^0001/)
  })
})
