import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startTestApp } from '../../test/kit/start-test-app.ts'

describe('a slow client', () => {
  it('has 10 s for its headers, 16 KiB of them, and 15 s for its request', async () => {
    const { app, close } = await startTestApp()
    assert.equal(app.server.headersTimeout, 10_000)
    assert.equal(app.server.requestTimeout, 15_000)
    const tooLong = await app
      .listen({ host: '127.0.0.1', port: 0 })
      .then((url) => fetch(`${url}/healthz`, { headers: { 'x-long': 'x'.repeat(16 * 1024) } }))
    assert.equal(tooLong.status, 431)
    await close()
  })
})
