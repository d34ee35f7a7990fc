import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { askOnce } from '../tools/ask-once.ts'
import { findFreePort } from '../tools/find-free-port.ts'
import { writeRequest } from '../tools/write-request.ts'

const HEALTH = writeRequest({ method: 'GET', path: '/healthz' })
/** How long a start may take, in milliseconds. */
const PATIENCE = 10_000

/** Starts Node with nothing but an HTTP server; says in how many milliseconds it gave its first answer. */
export async function startPlain(): Promise<number> {
  const port = await findFreePort()
  const program = `require('node:http').createServer((_, r) => r.end('{}')).listen(${port}, '127.0.0.1')`
  const started = performance.now()
  const child = spawn(process.execPath, ['--eval', program], { stdio: 'ignore', env: { PATH: process.env.PATH } })
  const ended = once(child, 'exit')
  try {
    while (!(await answers(port))) {
      if (performance.now() - started > PATIENCE) throw new Error('Plain Node did not start.')
      await sleep(2)
    }
    return performance.now() - started
  } finally {
    child.kill()
    await ended
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    await askOnce(port, HEALTH)
    return true
  } catch {
    return false
  }
}
