import assert from 'node:assert/strict'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Config } from '../src/config/config.ts'
import { loadConfig } from '../src/config/load-config.ts'
import { CONTRACT_NAMES } from '../src/contracts/index.ts'
import { inspectDatabase } from '../src/inspect-database.ts'
import { createLog } from '../src/log.ts'
import { startServer } from '../src/start.ts'
import { ask, makeDirectory, startServerProcess } from './kit/server-process.ts'

const PERSON = { name: 'Ada', email: 'ada@example.com', password: 'Password-1' }
const SECRET = 'only-tests-have-this-secret-0123456789abcdef'

function settings(more: Partial<Config> = {}): Config {
  const env = { LATCHKEY_SECRET: SECRET, PORT: '0', DATABASE_URL: 'sqlite::memory:' }
  return { ...loadConfig({ env, contractNames: CONTRACT_NAMES }), ...more }
}

describe('a running server', () => {
  it('makes no new secret for a database that is sealed under one that is lost', async () => {
    const file = join(makeDirectory(), 'latchkey.db')
    const config = settings({ databaseUrl: `sqlite:${file}`, secret: null, logLevel: 'silent' })
    await (await startServer(config)).stop()
    rmSync(`${file}.secret`)
    await assert.rejects(startServer(config), /latchkey\.db\.secret is missing/)
    assert.equal(existsSync(`${file}.secret`), false)
  })

  it('leaves audit lines whatever LOG_LEVEL says, but for silent', async () => {
    for (const [level, count] of [
      ['info', 2],
      ['warn', 2],
      ['fatal', 2],
      ['silent', 0],
    ] as const) {
      const lines: string[] = []
      const log = createLog(level, { write: (line) => lines.push(line) }, { isForPeople: false })
      const server = await startServer(settings(), { log })
      assert.equal((await ask(`${server.url}/api/auth/register/`, { json: PERSON })).status, 200)
      await server.stop()
      const audits = lines.map((line) => JSON.parse(line)).filter(({ audit }) => audit !== undefined)
      assert.equal(audits.length, count, level)
      if (level !== 'info') assert.equal(lines.length, count, lines.join(''))
    }
  })

  it('says once that it listens, and where', async () => {
    const server = await startServerProcess({ LATCHKEY_SECRET: SECRET, DATABASE_URL: 'sqlite::memory:' })
    server.terminate()
    const lines = (await server.ended).stdout
      .trimEnd()
      .split('\n')
      .filter((line) => line.includes(server.url))
    assert.equal(lines.length, 1, lines.join('\n'))
    const { msg, url, mounted } = JSON.parse(lines[0] ?? '')
    assert.deepEqual({ msg, url }, { msg: 'listening', url: server.url })
    assert.ok(mounted.length > 1)
  })

  it('closes its database when its doors cannot be opened', async () => {
    const path = join(makeDirectory(), 'latchkey.db')
    const config = settings({ databaseUrl: `sqlite:${path}`, contracts: ['no-such-contract'] })
    await assert.rejects(startServer(config), /There is no contract no-such-contract/)
    assert.ok(existsSync(path) && !existsSync(`${path}-wal`))
  })
})

describe('looking at a database', () => {
  it('makes none', async () => {
    const path = join(makeDirectory(), 'data', 'latchkey.db')
    await assert.rejects(inspectDatabase(settings({ databaseUrl: `sqlite:${path}` })), /There is no database at /)
    assert.ok(!existsSync(join(path, '..')))
  })
})
