import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assertFramed, faults, withApp } from '../../test/kit/frame.ts'
import { LIGHT_HASHING } from '../../test/kit/hashing.ts'
import { readAnswers, sendBytes } from '../../test/kit/raw-http.ts'
import { findShapeFlaws, type Voice } from '../../test/kit/voices.ts'
import type { WireAnswer } from '../../test/kit/wire.ts'

const ORIGIN = 'https://app.example.com'
const LOGIN = '{"email":"nobody@example.com","password":"password"}'

describe('a request that can be read in two ways', () => {
  const served = withApp({ config: { ...LIGHT_HASHING, corsOrigins: [ORIGIN] } })

  /** Writes a request whose end is the body, and gives all answers. */
  async function ask(lines: readonly string[], body = ''): Promise<readonly WireAnswer[]> {
    const [first = '', ...headers] = lines
    const text = [first, ...headers, `Origin: ${ORIGIN}`, '', body].join('\r\n')
    return readAnswers(await sendBytes(served.port, [text]), { isHead: false }).answers
  }

  it('has two hosts, or one that is none: 400, which a page of an allowed origin can read', async () => {
    for (const hosts of [
      ['Host: a.example', 'Host: b.example'],
      ['Host: a.example', 'hOST: a.example'],
      ['Host: a b'],
      ['Host: a/b'],
      ['Host: user@a.example'],
      ['Host: a?b'],
      ['Host: a\\b'],
    ]) {
      const [answer, ...more] = await ask(['GET /healthz HTTP/1.1', ...hosts])
      assert.deepEqual([answer?.status, answer?.json, more], [400, { detail: 'Bad Request.' }, []], hosts.join())
      assert.equal(answer?.headers['access-control-allow-origin'], ORIGIN)
      assert.equal(answer?.headers.connection, 'close')
      if (answer !== undefined) assertFramed(answer, hosts.join())
    }
    for (const host of ['a.example', 'a.example:8000', '[::1]:8000', '']) {
      assert.equal((await ask(['GET /healthz HTTP/1.1', `Host: ${host}`]))[0]?.status, 200, host)
    }
  })

  it('has two tokens, or two types: a refusal in the shape of its door, whichever of the two would have been right', async () => {
    const table: readonly [Voice, string, readonly string[], number][] = [
      ['v1', 'GET /v1/session', ['Authorization: Bearer x', 'authorization: Bearer y'], 401],
      ['drf', 'GET /api/users/user/', ['Authorization: Token x', 'Authorization: Token x'], 401],
      ['drf', 'POST /login/', ['Content-Type: application/json', 'Content-Type: text/plain'], 400],
      ['express', 'POST /api/auth/login', ['Content-Type: application/json', 'content-type: application/json'], 400],
    ]
    for (const [voice, start, headers, status] of table) {
      const [answer] = await ask([`${start} HTTP/1.1`, 'Host: x', `Content-Length: ${LOGIN.length}`, ...headers], LOGIN)
      assert.equal(answer?.status, status, start)
      if (answer !== undefined) assert.deepEqual(findShapeFlaws(voice, 'POST', answer), [], start)
    }
  })

  it('has a length and chunks, or two lengths: one answer, and what follows is never taken for a request', async () => {
    const smuggled = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'
    for (const headers of [
      ['Content-Length: 5', 'Transfer-Encoding: chunked'],
      ['Transfer-Encoding: chunked', 'Content-Length: 5'],
      ['Content-Length: 5', 'Content-Length: 6'],
      ['Content-Length: 5', 'Content-Length: 5'],
      ['Content-Length: 5, 5'],
      ['Content-Length: +5'],
      ['Content-Length: 0x5'],
      ['Content-Length: 5 '.trimEnd(), 'Content-Length :5'],
      ['Transfer-Encoding: xchunked'],
      ['Transfer-Encoding: chunked, identity'],
      ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'],
      ['Transfer-Encoding : chunked'],
      ['Transfer-Encoding: \x0bchunked'],
      [' Transfer-Encoding: chunked'],
    ]) {
      const answers = await ask(['POST /login/ HTTP/1.1', 'Host: x', ...headers], `0\r\n\r\n${smuggled}`)
      assert.deepEqual(
        answers.map(({ status }) => status),
        [400],
        headers.join(),
      )
    }
  })

  it('has headers that end in another way than the standard’s: no answer is a success', async () => {
    for (const bytes of [
      'GET /healthz HTTP/1.1\nHost: x\n\n',
      'GET /healthz HTTP/1.1\rHost: x\r\r',
      'GET /healthz HTTP/1.1\r\nHost: x\r\nA: b\n\r\n',
      'GET /healthz HTTP/1.1\r\nHost: x\r\nA: b\r\n folded\r\n\r\n',
      'GET /healthz HTTP/1.1\r\nHost: x\r\nA\r\n\r\n',
      'GET\t/healthz HTTP/1.1\r\nHost: x\r\n\r\n',
      'GET /healthz HTTP/1.1 \r\nHost: x\r\n\r\n',
    ]) {
      const { answers } = readAnswers(await sendBytes(served.port, [bytes]), { isHead: false })
      assert.deepEqual(
        answers.map(({ status }) => status),
        [400],
        JSON.stringify(bytes),
      )
    }
  })

  it('has more than 100 headers: 431, rather than an answer to what was kept of them', async () => {
    const headers = (count: number) => Array.from({ length: count }, (_, index) => `X-${index}: x`)
    assert.equal((await ask(['GET /healthz HTTP/1.1', 'Host: x', ...headers(98)]))[0]?.status, 200)
    for (const count of [99, 100, 150, 1200]) {
      const [answer, ...more] = await ask(['GET /healthz HTTP/1.1', 'Host: x', ...headers(count)])
      assert.deepEqual([answer?.status, more], [431, []], `${count}`)
      if (answer !== undefined) assertFramed(answer, `${count}`)
    }
  })

  it('has the method with which HTTP/2 begins: 400 with our headers, and no fault in the log', async () => {
    const answer = await sendBytes(served.port, ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'])
    assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/)
    assert.match(answer, /x-content-type-options: nosniff/)
    const odd = await sendBytes(served.port, ['PRI *!HTTP/2.0\r\n\r\nSM\r\n\r\n'])
    assert.match(odd, /^HTTP\/1\.1 400 Bad Request\r\n/)
    assert.deepEqual(faults(served.test), [])
  })

  it('names a scheme and a host in its target: only the path counts', async () => {
    for (const [target, status] of [
      ['http://evil.example/healthz', 200],
      ['HTTPS://evil.example:99/healthz?x', 200],
      ['http://evil.example', 404],
      ['http://evil.example?/healthz', 404],
      ['ftp://evil.example/healthz', 404],
      ['*', 404],
    ] as const) {
      assert.equal((await ask([`GET ${target} HTTP/1.1`, 'Host: x']))[0]?.status, status, target)
    }
    const [answer] = await ask(['GET http://x/api/auth/nothing HTTP/1.1', 'Host: x'])
    if (answer !== undefined) assert.deepEqual(findShapeFlaws('express', 'GET', answer), [])
  })

  it('asks for another protocol, for trailers, or for another method in a header: it is read as what it is', async () => {
    const table: readonly [readonly string[], number][] = [
      [['Connection: Upgrade', 'Upgrade: websocket'], 401],
      [['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'], 401],
      [['TE: trailers', 'Connection: TE'], 401],
      [['X-HTTP-Method-Override: OPTIONS'], 401],
      [['X-HTTP-Method: POST', 'X-Method-Override: POST', '_method: POST'], 401],
      [['X-Original-URL: /healthz', 'X-Rewrite-URL: /healthz', 'X-Forwarded-Prefix: /healthz'], 401],
    ]
    for (const [headers, status] of table) {
      const [answer] = await ask(['GET /v1/session HTTP/1.1', 'Host: x', ...headers])
      assert.equal(answer?.status, status, headers.join())
    }
  })

  it('has a body of another length than it says: what is over is no part of it, what is missing is waited for', async () => {
    const head = ['POST /login/ HTTP/1.1', 'Host: x', 'Content-Type: application/json']
    const over = await ask([...head, 'Content-Length: 2'], '{}{"email":1}')
    assert.equal(over.length, 1)
    assert.equal(over[0]?.status, 400)
    // The client ends first: what never came whole is never answered as if it had.
    for (const answer of await ask([...head, 'Content-Length: 400'], LOGIN)) assert.equal(answer.status, 400)
    for (const answer of await ask([...head, 'Transfer-Encoding: chunked'], 'ff\r\n{}\r\n0\r\n\r\n')) {
      assert.equal(answer.status, 400)
    }
    assert.deepEqual(faults(served.test), [])
  })
})
