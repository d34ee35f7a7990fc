import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { dieTogether, makeDirectory, startServerProcess } from './kit/server-process.ts'
import { isRunning, reachAll, readLog, until } from './kit/worker-processes.ts'

const BIN = fileURLToPath(new URL('../bin/latchkey.js', import.meta.url))
const SECRET = 'only-tests-have-this-secret-0123456789abcdef'
const TWO = ['--workers', '2']

describe('workers that are starting', () => {
  // From the first breath of the first worker to when both listen, in milliseconds: whenever it comes, they end alike.
  for (const delay of [0, 50, 100, 150, 200, 250, 300, 400, 600, 900]) {
    it(`end without a word when Ctrl-C reaches all of them ${delay} ms after the first is there`, async () => {
      const { leader, output, ended } = spawnLeader()
      const workers = await until(() => listChildren(leader), 'there was no worker')
      await sleep(delay)
      // To the whole group, as a terminal does.
      process.kill(-leader, 'SIGINT')
      const { code, signal } = await ended
      assert.deepEqual({ code, signal, stderr: output.stderr }, { code: 0, signal: null, stderr: '' })
      assert.deepEqual(
        readLog({ output: () => output.stdout }).filter(({ level }) => Number(level) >= 50),
        [],
      )
      assert.ok(!workers.some(isRunning))
    })
  }

  it('end as quietly when Ctrl-C comes before the first of them is there', async () => {
    const { leader, database, output, ended } = spawnLeader()
    await until(() => existsSync(database), 'there was no database')
    process.kill(-leader, 'SIGINT')
    const { code, signal } = await ended
    assert.deepEqual({ code, signal, ...output }, { code: 0, signal: null, stdout: '', stderr: '' })
  })
})

describe('workers that have started', () => {
  it('each have threads for their own cores, however many the leader has', async () => {
    const server = await startServerProcess({ ...environment(), UV_THREADPOOL_SIZE: '20' }, TWO)
    const workers = await reachAll(server, 2)
    const share = Math.ceil(Math.max(2, availableParallelism()) / 2)
    for (const { processId } of workers) {
      const names = readdirSync(`/proc/${processId}/task`).map((id) =>
        readFileSync(`/proc/${processId}/task/${id}/comm`, 'utf8').trim(),
      )
      const threads = names.filter((name) => name === 'libuv-worker').length
      assert.ok(threads >= 4 && threads <= Math.max(4, share + 2), names.join())
    }
    for (const worker of workers) worker.close()
    server.terminate()
    assert.equal((await server.ended).code, 0)
  })

  it('are as many as was said, with a warning where that is more than there are cores', async () => {
    const cores = availableParallelism()
    const server = await startServerProcess(environment(), ['--workers', String(cores + 1)])
    assert.equal(listChildren(server.processId).length, cores + 1)
    const warnings = readLog(server).filter(({ level }) => Number(level) >= 40)
    assert.deepEqual(
      warnings.map(({ level, workers, cores }) => ({ level, workers, cores })),
      [{ level: 40, workers: cores + 1, cores }],
    )
    server.terminate()
    assert.equal((await server.ended).code, 0)
  })
})

function environment(database = join(makeDirectory(), 'latchkey.db')) {
  return { DATABASE_URL: `sqlite:${database}`, LATCHKEY_SECRET: SECRET }
}

/** Starts two workers and who leads them, in a group of their own, and waits for nothing. */
function spawnLeader() {
  const database = join(makeDirectory(), 'latchkey.db')
  const child = spawn(process.execPath, [BIN, 'serve', ...TWO], {
    env: { HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'info', ...environment(database) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  dieTogether(child)
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => (output.stdout += String(chunk)))
  child.stderr.on('data', (chunk) => (output.stderr += String(chunk)))
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }))
  return { leader: child.pid ?? 0, database, output, ended }
}

function listChildren(processId: number): number[] {
  const text = readFileSync(`/proc/${processId}/task/${processId}/children`, 'utf8')
  return text.split(' ').filter(Boolean).map(Number)
}
