import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import Format from 'typebox/format'
import Value from 'typebox/value'
import { LOCAL, openEveryKind, PASSWORD } from '../../test/kit/clients.ts'
import { LIGHT_HASHING } from '../../test/kit/hashing.ts'
import { startTestApp, type TestApp } from '../../test/kit/start-test-app.ts'
import { send, type WireAnswer } from '../../test/kit/wire.ts'
import type { Authenticated } from '../core/account.ts'
import { SessionReply } from './session-schema.ts'

describe('/v1/session', () => {
  let test: TestApp
  let count = 0
  let authenticated: Authenticated
  let tokens: Awaited<ReturnType<typeof openEveryKind>>
  before(async () => {
    test = await startTestApp({ config: LIGHT_HASHING })
  })
  after(() => test.close())
  beforeEach(async () => {
    const email = `Somebody-${++count}@example.com`
    authenticated = await test.core.register({ email, password: PASSWORD, profile: { name: 'Some Body' } }, LOCAL)
    tokens = await openEveryKind(test.core, authenticated)
  })

  const ask = (method: string, authorization?: string, path = '/v1/session') =>
    send(test, { method, path, ...(authorization === undefined ? {} : { headers: { authorization } }) })
  const live = () => [
    { token: tokens.key, kind: 'key' },
    { token: tokens.jwt, kind: 'jwt' },
    { token: tokens.access, kind: 'pair' },
  ]

  it('GET gives the account and the session of any live token, under Bearer and Token', async () => {
    for (const { token, kind } of live()) {
      for (const scheme of ['Bearer', 'Token', 'token', 'TOKEN']) {
        const answer = await ask('GET', `${scheme} ${token}`)
        assert.equal(answer.status, 200)
        assert.equal(answer.headers['content-type'], 'application/json')
        assert.equal(answer.headers['cache-control'], 'no-store')
        const body = Value.Parse(SessionReply, answer.json)
        assert.deepEqual(answer.json, body)
        const { account, session } = body
        assert.equal(account.id, authenticated.account.id)
        assert.equal(account.subject, authenticated.account.subject)
        assert.equal(account.email, `Somebody-${count}@example.com`)
        assert.equal(account.username, '')
        assert.equal(account.first_name, 'Some')
        assert.equal(session.kind, kind)
        assert.equal(session.contract, 'a-door')
        for (const time of [account.created_at, session.created_at, session.expires_at]) {
          assert.ok(Format.IsDateTime(time), time)
        }
        assert.ok(Format.IsUuid(account.subject) && Format.IsUuid(session.id))
        assert.ok(!answer.text.includes(token) && !answer.text.includes('argon2'))
      }
    }
  })

  it('HEAD answers as GET does, without the body', async () => {
    for (const { token } of live()) {
      const [get, head] = [await ask('GET', `Bearer ${token}`), await ask('HEAD', `Bearer ${token}`)]
      assert.equal(head.status, 200)
      assert.equal(head.text, '')
      assert.equal(head.headers['content-type'], get.headers['content-type'])
      assert.equal(head.headers['content-length'], get.headers['content-length'])
    }
    assert.equal((await ask('HEAD')).status, 401)
  })

  it('DELETE ends the session of any token, once, and only that one', async () => {
    for (const { token } of live()) {
      const answers = await Promise.all(Array.from({ length: 8 }, () => ask('DELETE', `Bearer ${token}`)))
      const ended = answers.filter(({ status }) => status === 204)
      assert.equal(ended.length, 1)
      assert.equal(ended[0]?.text, '')
      for (const answer of answers) if (answer.status !== 204) assertRefused(answer, 401, 'invalid_access_token')
      assertRefused(await ask('GET', `Token ${token}`), 401, 'invalid_access_token')
    }
    await assert.rejects(test.core.verifyToken(tokens.refresh, LOCAL), { code: 'invalid_token' })
  })

  it('is answered with and without its slash', async () => {
    assert.equal((await ask('GET', `Bearer ${tokens.key}`, '/v1/session/')).status, 200)
    assert.equal((await ask('GET', `Bearer ${tokens.key}`, '/v1/Session')).status, 404)
  })

  it('never takes a refresh token', async () => {
    for (const scheme of ['Bearer', 'Token']) {
      assertRefused(await ask('GET', `${scheme} ${tokens.refresh}`), 401, 'invalid_access_token')
      assertRefused(await ask('DELETE', `${scheme} ${tokens.refresh}`), 401, 'invalid_access_token')
    }
    assert.equal((await ask('GET', `Bearer ${tokens.access}`)).status, 200)
  })

  it('challenges without an error when no token was sent, and with one when a bad one was (RFC 6750, 3)', async () => {
    const table: readonly [string | undefined, string, string][] = [
      [undefined, 'unauthenticated', 'Bearer realm="latchkey"'],
      ['', 'unauthenticated', 'Bearer realm="latchkey"'],
      ['Basic YTpi', 'unauthenticated', 'Bearer realm="latchkey"'],
      ['bearer x', 'unauthenticated', 'Bearer realm="latchkey"'],
      [tokens.key, 'unauthenticated', 'Bearer realm="latchkey"'],
      ['Bearer', 'malformed_authorization', 'Bearer realm="latchkey", error="invalid_request"'],
      ['Bearer ', 'malformed_authorization', 'Bearer realm="latchkey", error="invalid_request"'],
      [`Bearer ${tokens.key} x`, 'malformed_authorization', 'Bearer realm="latchkey", error="invalid_request"'],
      ['Token é', 'malformed_authorization', 'Bearer realm="latchkey", error="invalid_request"'],
      ['Bearer x', 'invalid_access_token', 'Bearer realm="latchkey", error="invalid_token"'],
      [`Bearer ${tokens.key.toUpperCase()}`, 'invalid_access_token', 'Bearer realm="latchkey", error="invalid_token"'],
    ]
    for (const [authorization, code, challenge] of table) {
      for (const method of ['GET', 'DELETE']) {
        const answer = await ask(method, authorization)
        assertRefused(answer, 401, code)
        assert.equal(answer.headers['www-authenticate'], challenge, String(authorization))
      }
    }
  })

  it('says of an expired token that it expired, and of a disabled account that it is', async () => {
    const other = await test.core.register({ username: `disabled-${count}`, password: PASSWORD }, LOCAL)
    const { key } = await test.core.openKeySession(other, { client: LOCAL, lifetime: 5000 })
    await test.core.administration.setActive(other.account.id, false)
    const challenge = 'Bearer realm="latchkey", error="invalid_token"'
    const inactive = await ask('GET', `Token ${key}`)
    assertRefused(inactive, 401, 'account_inactive')
    assert.equal(inactive.headers['www-authenticate'], challenge)
    test.advance(1_100_000)
    for (const { token } of live()) {
      const expired = await ask('GET', `Bearer ${token}`)
      assertRefused(expired, 401, 'expired_access_token')
      assert.equal(expired.headers['www-authenticate'], challenge)
    }
  })

  it('refuses other methods and paths with problem documents', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'OPTIONS']) {
      const answer = await ask(method)
      assertRefused(answer, 405, 'method_not_allowed')
      assert.equal(answer.headers.allow, 'GET, HEAD, DELETE')
    }
    assertRefused(await ask('GET', undefined, '/v1'), 404, 'not_found')
    assertRefused(await ask('GET', undefined, '/v1/'), 404, 'not_found')
    assertRefused(await ask('GET', undefined, '/v1/session/x'), 404, 'not_found')
  })

  it('refuses a body that is too large with a problem document', async () => {
    const answer = await send(test, { method: 'DELETE', path: '/v1/session', body: 'x'.repeat(20_000) })
    assertRefused(answer, 413, 'body_too_large')
  })
})

/** A problem document (RFC 9457) whose members agree with the answer that carries it. */
function assertRefused(answer: WireAnswer, status: number, code: string): void {
  assert.equal(answer.status, status, answer.text)
  assert.equal(answer.headers['content-type'], 'application/problem+json')
  const problem = answer.json as Readonly<Record<string, unknown>>
  assert.deepEqual(Object.keys(problem), ['type', 'title', 'status', 'detail', 'code'])
  assert.equal(problem.type, 'about:blank')
  assert.equal(problem.status, status)
  assert.equal(problem.code, code)
  for (const words of [problem.title, problem.detail]) assert.match(String(words), /\S/)
}
