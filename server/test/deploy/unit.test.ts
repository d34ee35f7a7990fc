import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { countThreads } from '../../src/workers/share-cores.ts'
import { makeDirectory } from '../kit/server-process.ts'
import { ROOT, readDrainSeconds, readText } from './files.ts'
import { loadAsMounted } from './settings.ts'

const TEXT = readText('deploy/latchkey.service')
const NO_SYSTEMD = 'systemd-analyze is not on the PATH: apt-get install systemd'

describe('latchkey.service', () => {
  it('starts the server with the Node that the project brings', () => {
    assert.deepEqual(values('ExecStart'), [
      '/opt/latchkey/node_modules/.bin/node /opt/latchkey/server/bin/latchkey.js serve',
    ])
    assert.match(readText('server/bin/latchkey.js'), /^#!/)
  })

  it('has settings that the server starts with, and a database where it may write', () => {
    const pairs = values('Environment').map((line) => line.split(/=(.*)/s).slice(0, 2))
    const config = loadAsMounted(Object.fromEntries(pairs))
    const [directory] = values('StateDirectory')
    assert.equal(config.databaseUrl, `sqlite:/var/lib/${directory}/latchkey.db`)
    assert.deepEqual(values('WorkingDirectory'), [`/var/lib/${directory}`])
    assert.deepEqual(values('StateDirectoryMode'), ['0700'])
  })

  it('hands over the secret as a credential', () => {
    assert.deepEqual(values('LoadCredential'), ['secret:/etc/latchkey/secret'])
    assert.ok(values('Environment').includes('LATCHKEY_SECRET_FILE=%d/secret'))
  })

  it('tells the main process alone to stop, and waits for longer than the drain takes', () => {
    assert.deepEqual(values('KillMode'), ['mixed'])
    assert.ok(Number(values('TimeoutStopSec')[0]) > readDrainSeconds() + 5)
    assert.deepEqual(values('Restart'), ['on-failure'])
  })

  it('runs as a user of its own that can gain nothing', () => {
    assert.deepEqual(values('User'), ['latchkey'])
    assert.deepEqual(values('NoNewPrivileges'), ['yes'])
    assert.deepEqual(values('CapabilityBoundingSet'), [''])
    assert.deepEqual(values('ProtectSystem'), ['strict'])
    assert.deepEqual(values('SystemCallFilter'), ['@system-service @pkey', '~@privileged @resources'])
  })

  it('allows the threads of one worker on each of 128 cores, and of who leads them', () => {
    // What Node has besides libuv's own: the same in every process.
    const others = readdirSync('/proc/self/task')
      .map((id) => readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim())
      .filter((name) => name !== 'libuv-worker').length
    assert.ok(others >= 6, `${others}`)
    const needed = 128 * (others + countThreads(1)) + others + countThreads(128)
    assert.ok(Number(values('TasksMax')[0]) >= needed, `${needed}`)
  })

  it('is understood by systemd, word for word', (t) => {
    const directory = makeDirectory()
    const path = join(directory, 'latchkey.service')
    writeFileSync(path, TEXT.replaceAll('/opt/latchkey/', ROOT))
    const said = analyze(t, ['verify', '--man=no', path])
    assert.equal(said ?? '', '')
  })

  it('is found to be well shut in by systemd', (t) => {
    const directory = makeDirectory()
    const path = join(directory, 'latchkey.service')
    writeFileSync(path, TEXT)
    const said = analyze(t, ['security', '--offline=yes', '--no-pager', path])
    if (said === null) return
    const exposure = Number(/exposure level for latchkey\.service: ([\d.]+)/.exec(said)?.[1])
    assert.ok(exposure <= 1.5, `${exposure}`)
  })
})

/** Every value of a key, in order. */
function values(key: string): string[] {
  return [...TEXT.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value)
}

/** What systemd-analyze says, or `null` where there is none. */
function analyze(t: TestContext, args: readonly string[]): string | null {
  const { status, stdout, stderr, error } = spawnSync('systemd-analyze', args, { encoding: 'utf8' })
  if (error !== undefined) {
    t.skip(NO_SYSTEMD)
    return null
  }
  assert.equal(status, 0, stderr)
  return stdout + stderr
}
