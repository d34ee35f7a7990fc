import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { until } from './kit/postgres-session.ts'
import { ask, makeDirectory, type ServerProcess, startServerProcess } from './kit/server-process.ts'

/** A server in a process of its own, in which a script runs beside it. */
function start(script = ''): Promise<ServerProcess> {
  const flag = `--import=data:text/javascript,${encodeURIComponent(script)}`
  return startServerProcess({
    DATABASE_URL: `sqlite:${makeDirectory()}/latchkey.db`,
    ...(script === '' ? {} : { NODE_OPTIONS: flag }),
  })
}

describe('a server process', () => {
  it('opens no debugger when it gets SIGUSR1, and goes on', async () => {
    const server = await start()
    for (let index = 0; index < 3; index++) process.kill(server.processId, 'SIGUSR1')
    await pause(300)
    assert.equal((await ask(`${server.url}/healthz`, { method: 'GET' })).status, 200)
    server.terminate()
    const { code, stderr } = await server.ended
    assert.deepEqual([code, stderr], [0, ''])
  })

  it('has no way to reach a prototype by name, and keeps its environment out of reports', async () => {
    const server = await start(
      'process.once("SIGUSR2", () => console.log(JSON.stringify({ proto: typeof {}.__proto__, report: process.report.excludeEnv })))',
    )
    process.kill(server.processId, 'SIGUSR2')
    await until(async () => server.output().includes('"proto"'))
    server.terminate()
    const { stdout } = await server.ended
    assert.ok(stdout.includes('{"proto":"undefined","report":true}'), stdout)
  })

  for (const [name, script] of [
    ['an exception', 'process.once("SIGUSR2", () => { throw new Error("a bug of ours") })'],
    ['a rejection', 'process.once("SIGUSR2", () => { Promise.reject(new Error("a bug of ours")) })'],
  ] as const) {
    it(`that meets ${name} which nobody caught logs it and ends with exit code 1, rather than go on half dead`, async () => {
      const server = await start(script)
      process.kill(server.processId, 'SIGUSR2')
      const { code, stdout, stderr } = await server.ended
      assert.equal(code, 1)
      const lines = stdout.trim().split('\n')
      const last = JSON.parse(lines.at(-1) ?? '{}') as { level: number; err: { stack: string } }
      assert.equal(last.level, 60)
      assert.match(last.err.stack, /a bug of ours/)
      assert.match(stderr, /a bug of ours/)
    })
  }

  it('reads HTTP strictly even where its environment says otherwise', async () => {
    const server = await startServerProcess({
      DATABASE_URL: `sqlite:${makeDirectory()}/latchkey.db`,
      NODE_OPTIONS: '--insecure-http-parser --max-http-header-size=1000000',
    })
    const { connect } = await import('node:net')
    for (const [bytes, status] of [
      ['POST /login/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
      [`GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`, 431],
    ] as const) {
      const socket = connect(server.port, '127.0.0.1')
      socket.write(bytes)
      const [answer] = await once(socket, 'data')
      assert.ok(String(answer).startsWith(`HTTP/1.1 ${status} `), String(answer).slice(0, 60))
      socket.destroy()
    }
    server.terminate()
    await server.ended
  })
})
