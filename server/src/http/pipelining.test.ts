import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { faults, withApp } from '../../test/kit/frame.ts'
import { readAnswers, sendBytes } from '../../test/kit/raw-http.ts'
import { send } from '../../test/kit/wire.ts'
import { PIPELINE_LIMIT } from './pipelining.ts'

const CHECK = 'GET /v1/session HTTP/1.1\r\nHost: x\r\n\r\n'

describe('requests that are sent before earlier ones are answered', () => {
  const served = withApp()

  it('are answered in their order, as many as a client of good will sends', async () => {
    const bytes = ['/healthz', '/v1/session', '/api/auth/nothing', '/healthz']
      .map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
      .join('')
    const { answers } = readAnswers(await sendBytes(served.port, [bytes]), { isHead: false })
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 401, 404, 200],
    )
    const most = readAnswers(await sendBytes(served.port, [CHECK.repeat(PIPELINE_LIMIT + 1)]), { isHead: false })
    assert.equal(most.answers.length, PIPELINE_LIMIT + 1)
  })

  it('cost their connection where more wait, and are not worked on', async () => {
    const body = '{"email":"nobody@example.com","password":"password"}'
    const login = `POST /login/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    const before = served.test.hasherCalls.verify
    await sendBytes(served.port, [login.repeat(5000)])
    // Whatever of them is still worked on is done once this has its answer.
    assert.equal((await send(served.test, { method: 'POST', path: '/login/', json: { email: 'a' } })).status, 400)
    assert.ok(served.test.hasherCalls.verify - before <= PIPELINE_LIMIT + 1)
    assert.deepEqual(faults(served.test), [])
  })

  it('hold no memory, however many there are on however many connections', async (t) => {
    const burst = CHECK.repeat(20_000)
    const round = () => Promise.all(Array.from({ length: 10 }, () => sendBytes(served.port, [burst])))
    for (let index = 0; index < 3; index++) await round()
    const before = process.memoryUsage().rss
    for (let index = 0; index < 5; index++) await round()
    const growth = (process.memoryUsage().rss - before) / 2 ** 20
    t.diagnostic(`grown by ${growth.toFixed(0)} MB after 1 000 000 requests`)
    assert.ok(growth < 100, `${growth} MB`)
    assert.equal((await send(served.test, { method: 'GET', path: '/healthz' })).status, 200)
  })
})
