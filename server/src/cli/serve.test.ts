import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { makeEnvironment, runCli } from '../../test/kit/run-cli.ts'
import { readConfig } from '../read-config.ts'
import { readWorkerCount } from './read-worker-count.ts'
import { writeBanner } from './serve.ts'

describe('the start banner', () => {
  const server = { url: 'http://127.0.0.1:8000', mounted: ['drf-token  /api/users/login/'] }

  it('says where it listens, what is mounted, and which database it is', () => {
    const banner = writeBanner(readConfig({ DATABASE_URL: 'sqlite:/tmp/some.db' }), server)
    for (const words of ['http://127.0.0.1:8000', 'drf-token  /api/users/login/', 'sqlite:/tmp/some.db']) {
      assert.ok(banner.includes(words), words)
    }
    assert.ok(!banner.includes('Warning') && !banner.includes('installed'))
    assert.ok(banner.includes('npm run latchkey -- doctor'))
  })

  it('warns when limits are off', () => {
    assert.match(writeBanner(readConfig({ LATCHKEY_LIMITS: 'off' }), server), /Warning +LATCHKEY_LIMITS=off/)
  })
})

describe('serve --workers', () => {
  it('takes a number up to four for each core, or one for each, and is one unless told', () => {
    assert.equal(readWorkerCount(undefined, { cores: 4 }), 1)
    assert.equal(readWorkerCount('1', { cores: 1 }), 1)
    assert.equal(readWorkerCount('2', { cores: 1 }), 2)
    assert.equal(readWorkerCount('16', { cores: 4 }), 16)
    assert.throws(() => readWorkerCount('17', { cores: 4 }), { message: /^--workers may be 16 at most, 4 for each / })
    assert.equal(readWorkerCount('auto', { cores: 4 }), 4)
  })

  it('refuses anything else in a sentence, and starts nothing', async () => {
    const { env } = makeEnvironment()
    for (const [text, sentence] of [
      ['100000', /^latchkey: --workers may be \d+ at most, 4 for each core that this process may use: [^\n]+\.\n/],
      ['0', /^latchkey: --workers takes a whole number from 1 on, or auto\.\n/],
      ['1.5', /^latchkey: --workers takes a whole number from 1 on, or auto\.\n/],
      ['all', /^latchkey: --workers takes a whole number from 1 on, or auto\.\n/],
    ] as const) {
      const { code, stdout, stderr } = await runCli(['serve', '--workers', text], { env })
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
      assert.match(stderr, sentence)
    }
  })

  it('refuses several processes on a database that only one of them would see', async () => {
    const env = { DATABASE_URL: 'sqlite::memory:', LOG_LEVEL: 'silent' }
    const { code, stdout, stderr } = await runCli(['serve', '--workers', '2'], { env })
    assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
    assert.equal(
      stderr,
      'latchkey: A database in memory is seen by one process only: leave --workers out, or set DATABASE_URL.\n',
    )
  })
})
