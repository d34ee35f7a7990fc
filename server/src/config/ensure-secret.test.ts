import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { claimWithoutLinks, ensureSecret } from './ensure-secret.ts'
import { findSecretWeakness } from './find-secret-weakness.ts'

const directory = mkdtempSync(join(tmpdir(), 'latchkey-secret-'))
after(() => rmSync(directory, { recursive: true, force: true }))

describe('ensureSecret', () => {
  it('gives the configured secret and writes nothing', () => {
    const databaseUrl = `sqlite:${join(directory, 'given/latchkey.db')}`
    assert.equal(ensureSecret({ databaseUrl, secret: 'configured' }), 'configured')
    assert.deepEqual(readdirSync(directory), [])
  })

  it('makes one at first start, in a directory and a file for the owner alone, and keeps it', () => {
    const database = join(directory, 'made/deep/latchkey.db')
    const config = { databaseUrl: `sqlite:${database}`, secret: null }
    const secret = ensureSecret(config)
    assert.equal(findSecretWeakness(secret), null)
    assert.equal(ensureSecret(config), secret)
    assert.equal(readFileSync(`${database}.secret`, 'utf8'), `${secret}\n`)
    assert.equal(statSync(`${database}.secret`).mode & 0o777, 0o600)
    assert.equal(statSync(join(directory, 'made/deep')).mode & 0o777, 0o700)
    assert.deepEqual(readdirSync(join(directory, 'made/deep')), ['latchkey.db.secret'])
  })

  it('refuses a kept file that others can read, with the chmod to run', () => {
    const database = join(directory, 'open.db')
    const config = { databaseUrl: `sqlite:${database}`, secret: null }
    ensureSecret(config)
    chmodSync(`${database}.secret`, 0o644)
    assert.throws(() => ensureSecret(config), {
      name: 'ConfigError',
      message: new RegExp(`chmod 600 ${database}\\.secret`),
    })
  })

  it('refuses a kept file that is empty rather than replacing it', () => {
    const database = join(directory, 'empty.db')
    writeFileSync(`${database}.secret`, '', { mode: 0o600 })
    assert.throws(() => ensureSecret({ databaseUrl: `sqlite:${database}`, secret: null }), { name: 'ConfigError' })
  })

  it('gives a name to the first only, and whole, where a file system has no hard links', () => {
    const path = join(directory, 'claimed')
    const [first = '', second = ''] = ['first', 'second'].map((name) => {
      const draft = join(directory, `${name}.new`)
      writeFileSync(draft, name)
      return draft
    })
    assert.equal(claimWithoutLinks(first, path), true)
    assert.equal(claimWithoutLinks(second, path), false)
    assert.equal(readFileSync(path, 'utf8'), 'first')
    assert.deepEqual(
      [first, second].map((draft) => existsSync(draft)),
      [false, true],
    )
  })

  it('waits for a secret whose name is claimed already', async () => {
    const database = join(directory, 'claimed.db')
    const config = { databaseUrl: `sqlite:${database}`, secret: null }
    const secret = ensureSecret({ databaseUrl: `sqlite:${join(directory, 'another.db')}`, secret: null })
    writeFileSync(`${database}.secret`, '', { mode: 0o600 })
    writeFileSync(`${database}.draft`, `${secret}\n`, { mode: 0o600 })
    const script = `
      import { renameSync } from 'node:fs'
      process.stdout.write('ready')
      process.stdin.once('data', () => setTimeout(() => renameSync(...process.argv.slice(1)), 50))`
    const other = spawn(process.execPath, [
      '--input-type=module',
      '--eval',
      script,
      `${database}.draft`,
      `${database}.secret`,
    ])
    await once(other.stdout, 'data')
    other.stdin.end('now')
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(ensureSecret(config), secret)
    await once(other, 'close')
  })

  it('gives a database in memory one of its own each time', () => {
    const config = { databaseUrl: 'sqlite::memory:', secret: null }
    assert.notEqual(ensureSecret(config), ensureSecret(config))
  })

  it('gives of 8 processes that start at once the same secret to all', async () => {
    const databaseUrl = `sqlite:${join(directory, 'race/latchkey.db')}`
    const script = `
      import { ensureSecret } from ${JSON.stringify(import.meta.resolve('./ensure-secret.ts'))}
      while (Date.now() < ${Date.now() + 1500});
      process.stdout.write(ensureSecret({ databaseUrl: ${JSON.stringify(databaseUrl)}, secret: null }))`
    const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
    const outputs = await Promise.all(Array.from({ length: 8 }, run))
    assert.equal(new Set(outputs.map(({ stdout }) => stdout)).size, 1)
    assert.equal(outputs[0]?.stdout.length, 64)
    assert.deepEqual(readdirSync(join(directory, 'race')), ['latchkey.db.secret'])
  })
})
