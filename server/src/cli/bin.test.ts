import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { findFreePort } from '../../test/kit/ports.ts'
import { makeEnvironment } from '../../test/kit/run-cli.ts'

const BIN = fileURLToPath(new URL('../../bin/latchkey.js', import.meta.url))

function start(args: readonly string[], env: Record<string, string>, nodeOptions: readonly string[] = []) {
  const child = spawn(process.execPath, [...nodeOptions, BIN, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] })
  const written = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => (written.stdout += String(chunk)))
  child.stderr.on('data', (chunk) => (written.stderr += String(chunk)))
  after(() => child.kill('SIGKILL'))
  const ended = once(child, 'close').then(([code]) => ({ code, ...written }))
  return { child, ended }
}

async function waitForAnswer(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (
      await fetch(url)
        .then((response) => response.ok)
        .catch(() => false)
    )
      return
    await sleep(50)
  }
  throw new Error(`${url} never answered`)
}

describe('bin/latchkey.js', () => {
  it('says one sentence on an old Node, and exits 1', async () => {
    const pretend = `data:text/javascript,${encodeURIComponent(
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })",
    )}`
    const { code, stdout, stderr } = await start(['serve'], {}, ['--import', pretend]).ended
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.match(stderr, /^Latchkey, .* needs Node 24\.12 or newer and this is 20\.20\.2: .*npm start.*\n$/)
  })

  it('runs a command in a process of its own, with a password from a pipe', async () => {
    const { env } = makeEnvironment()
    const create = start(['accounts', 'create', '--username', 'ada', '--json'], env)
    create.child.stdin.write('correct horse battery\n')
    const { code, stdout, stderr } = await create.ended
    assert.equal(stderr, '')
    assert.equal(code, 0)
    assert.equal(JSON.parse(stdout).username, 'ada')
    assert.equal((await start(['nothing'], env).ended).code, 2)
    assert.equal((await start(['accounts', 'show', 'x'], env).ended).code, 1)
  })

  it('says in one sentence that its output could not be written, and exits 1', {
    skip: !existsSync('/dev/full') && 'there is no /dev/full on this system',
  }, async () => {
    const full = openSync('/dev/full', 'w')
    const child = spawn(process.execPath, [BIN, '--help'], { stdio: ['ignore', full, 'pipe'] })
    closeSync(full)
    let stderr = ''
    child.stderr?.on('data', (chunk) => (stderr += String(chunk)))
    assert.deepEqual(await once(child, 'close'), [1, null])
    assert.match(stderr, /^latchkey: the output could not be written: ENOSPC.*\n$/)
  })

  it('serves until SIGTERM or SIGINT, and then exits 0', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const { env } = makeEnvironment()
      const port = await findFreePort()
      const server = start(['serve'], { ...env, PORT: String(port) })
      await waitForAnswer(`http://127.0.0.1:${port}/healthz`)
      server.child.kill(signal)
      const { code, stderr } = await server.ended
      assert.equal(code, 0, stderr)
      assert.equal(stderr, '')
    }
  })

  it('says that its port is taken', async () => {
    const { env } = makeEnvironment()
    const port = await findFreePort()
    const first = start(['serve'], { ...env, PORT: String(port) })
    await waitForAnswer(`http://127.0.0.1:${port}/healthz`)
    const { code, stderr } = await start(['serve'], { ...env, PORT: String(port) }).ended
    assert.equal(code, 1)
    assert.match(stderr, /^latchkey: .*is in use: .*set PORT.*\n$/)
    first.child.kill('SIGTERM')
    assert.equal((await first.ended).code, 0)
  })
})
