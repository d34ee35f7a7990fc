import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { DOORS, faults, JSON_TYPE, withApp } from '../../test/kit/frame.ts'
import { sendOverWire } from '../../test/kit/raw-http.ts'
import { findShapeFlaws } from '../../test/kit/voices.ts'
import { send } from '../../test/kit/wire.ts'

describe('a body', () => {
  const served = withApp()

  for (const { voice, path } of DOORS) {
    it(`of more than 16 KiB is 413 in the voice of ${path}, announced or not`, async () => {
      const body = `{"email":"${'x'.repeat(16_384)}"}`
      const announced = await sendOverWire(served.port, { method: 'POST', target: path, headers: JSON_TYPE, body })
      const chunked = await sendOverWire(served.port, {
        method: 'POST',
        target: path,
        headers: { ...JSON_TYPE, 'transfer-encoding': 'chunked' },
        body,
      })
      for (const answer of [announced, chunked]) {
        assert.equal(answer.status, 413)
        assert.deepEqual(findShapeFlaws(voice, 'POST', answer), [])
      }
    })

    it(`of 16 KiB exactly is read at ${path}`, async () => {
      const rest = '{"email":"","password":""}'.length
      const body = `{"email":"${'x'.repeat(16_384 - rest)}","password":""}`
      assert.equal(body.length, 16_384)
      const answer = await send(served.test, { method: 'POST', path, headers: JSON_TYPE, body })
      assert.notEqual(answer.status, 413)
      assert.ok(answer.status < 500)
    })
  }

  it('whose sender hangs up while it is answered is nobody’s fault either', async () => {
    const sockets = Array.from({ length: 40 }, () => connect(served.port, '127.0.0.1'))
    const body = '{"email":"nobody@example.com","password":"password"}'
    for (const socket of sockets) {
      socket.on('error', () => {})
      socket.write(
        `POST /login/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      )
      socket.resetAndDestroy()
    }
    // Whatever of them is still worked on is done once this has its answer.
    assert.equal(
      (await send(served.test, { method: 'POST', path: '/login/', headers: JSON_TYPE, body })).status < 500,
      true,
    )
    assert.deepEqual(faults(served.test), [])
  })

  it('that ends early is nobody’s fault: it is logged as none, and the process goes on', async () => {
    const socket = connect(served.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(
      `POST /login/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"email"`,
    )
    await new Promise((resolve) => setTimeout(resolve, 50))
    socket.resetAndDestroy()
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.deepEqual(faults(served.test), [])
    assert.equal((await send(served.test, { method: 'GET', path: '/healthz' })).status, 200)
  })
})

describe('a path', () => {
  const served = withApp()

  it('that cannot be decoded is not there, in the voice of its neighbours', async () => {
    for (const [path, voice] of [
      ['/%', 'drf'],
      ['/%zz', 'drf'],
      ['/%c0%af', 'drf'],
      ['/login/%ff', 'drf'],
      ['/api/auth/%zz', 'express'],
      ['/api/auth/login%', 'express'],
      ['/v1/%80', 'v1'],
      ['/v1/session%', 'v1'],
    ] as const) {
      for (const method of ['GET', 'POST']) {
        const answer = await sendOverWire(served.port, { method, target: path, headers: { 'content-length': '0' } })
        assert.equal(answer.status, 404, path)
        assert.deepEqual(findShapeFlaws(voice, method, answer), [], path)
      }
    }
    assert.deepEqual(faults(served.test), [])
  })

  it('is taken with and without its slash, with a query, and not in another spelling', async () => {
    for (const path of ['/login', '/login/', '/login?x=1', '/login/?x=/']) {
      assert.equal((await send(served.test, { method: 'POST', path })).status, 400, path)
    }
    for (const path of ['/login//', '//login', '/LOGIN', '/login/x', '/./login/', '/login/..']) {
      const answer = await sendOverWire(served.port, {
        method: 'POST',
        target: path,
        headers: { 'content-length': '0' },
      })
      assert.equal(answer.status, 404, path)
    }
  })
})
