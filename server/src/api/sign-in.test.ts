import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import Value from 'typebox/value'
import { LOCAL } from '../../test/kit/clients.ts'
import { LIGHT_HASHING } from '../../test/kit/hashing.ts'
import { startTestApp, type TestApp } from '../../test/kit/start-test-app.ts'
import { send } from '../../test/kit/wire.ts'
import { ProblemReply } from './problem-schema.ts'
import { RefreshReply, TokensReply } from './session-schema.ts'

const PASSWORD = 'enigma machine 1940'

describe('sessions of /v1', () => {
  let test: TestApp
  let count = 0
  before(async () => {
    test = await startTestApp({ config: { ...LIGHT_HASHING, v1AccessSeconds: 300, v1RefreshSeconds: 1000 } })
  })
  after(() => test.close())

  const post = (path: string, json: unknown) => send(test, { method: 'POST', path, json })
  const ask = (token: string, method = 'GET') =>
    send(test, { method, path: '/v1/session', headers: { authorization: `Bearer ${token}` } })
  const makeAccount = async () => {
    const names = { email: `Somebody-${++count}@example.com`, username: `somebody${count}` }
    await test.core.register({ ...names, password: PASSWORD }, LOCAL)
    return names
  }
  const signIn = async (identifier: string) => {
    const answer = await post('/v1/sessions', { identifier, password: PASSWORD })
    assert.equal(answer.status, 201, answer.text)
    const body = Value.Parse(TokensReply, answer.json)
    assert.deepEqual(answer.json, body)
    return body
  }
  const codeOf = (answer: { json: unknown }) => Value.Parse(ProblemReply, answer.json).code
  const partsOf = (token: string) =>
    token
      .split('.')
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))

  it('are opened with an address or a username in whatever case, and give tokens, account and session', async () => {
    const { email, username } = await makeAccount()
    for (const identifier of [email, username, email.toUpperCase(), username.toUpperCase()]) {
      const { access_token, refresh_token, session, account, ...rest } = await signIn(identifier)
      assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 300, refresh_expires_in: 1000 })
      assert.deepEqual([session.kind, session.contract], ['pair', 'v1'])
      assert.deepEqual([account.email, account.username], [email, username])
      const { status, json } = await ask(access_token)
      assert.equal(status, 200)
      assert.deepEqual(json, { account, session })
      assert.equal((await ask(refresh_token)).status, 401)
    }
  })

  it('have access tokens by RFC 9068, and refresh tokens that are none', async () => {
    const { email } = await makeAccount()
    const { access_token, refresh_token, account, session } = await signIn(email)
    const [header, claims] = partsOf(access_token)
    const { iat, exp, jti, ...rest } = claims
    assert.equal(header.typ, 'at+jwt')
    assert.equal(exp - iat, 300)
    assert.match(jti, /^[0-9a-f]{32}$/)
    const iss = test.config.publicUrl
    assert.deepEqual(rest, {
      iss,
      aud: iss,
      sub: account.subject,
      sid: session.id,
      client_id: 'v1',
      token_type: 'access',
    })
    const [refreshHeader, refreshClaims] = partsOf(refresh_token)
    assert.equal(refreshHeader.typ, 'JWT')
    assert.equal(refreshClaims.token_type, 'refresh')
    assert.equal(refreshClaims.exp - refreshClaims.iat, 1000)
  })

  it('are not opened with another password, nor for nobody, and nobody can tell which it was', async () => {
    const { email } = await makeAccount()
    const disabled = await makeAccount()
    const account = await test.core.administration.findAccount(disabled.email)
    await test.core.administration.setActive(account?.id ?? 0, false)
    const answers = await Promise.all([
      post('/v1/sessions', { identifier: email, password: `${PASSWORD}!` }),
      post('/v1/sessions', { identifier: 'nobody@example.com', password: PASSWORD }),
      post('/v1/sessions', { identifier: disabled.email, password: PASSWORD }),
      post('/v1/sessions', { identifier: 'a\0b', password: PASSWORD }),
    ])
    for (const answer of answers) {
      assert.equal(answer.status, 400)
      assert.equal(codeOf(answer), 'invalid_credentials')
      assert.equal(answer.text, answers[0]?.text)
    }
  })

  it('tell what is wrong with the form', async () => {
    const { errors } = Value.Parse(ProblemReply, (await post('/v1/sessions', { identifier: '', remember: true })).json)
    assert.deepEqual(errors, [
      { field: 'identifier', code: 'blank', detail: 'This may not be empty.' },
      { field: 'password', code: 'required', detail: 'This has to be sent.' },
      { field: 'remember', code: 'unknown', detail: 'There is no such member.' },
    ])
    const before = test.hasherCalls.verify
    const long = await post('/v1/sessions', { identifier: 'ada', password: 'x'.repeat(1025) })
    assert.equal(codeOf(long), 'invalid_input')
    assert.equal(test.hasherCalls.verify, before)
  })

  it('are refreshed as long as they live, by a refresh token that stays the same', async () => {
    const { email } = await makeAccount()
    const { refresh_token, session } = await signIn(email)
    for (const [wait, expected] of [
      [0, 300],
      [750_000, 250],
    ] as const) {
      test.advance(wait)
      const answer = await post('/v1/session/refresh', { refresh_token })
      assert.equal(answer.status, 200, answer.text)
      const body = Value.Parse(RefreshReply, answer.json)
      assert.deepEqual(answer.json, body)
      assert.ok(body.expires_in <= expected && body.expires_in > expected - 60, String(body.expires_in))
      const [header, claims] = partsOf(body.access_token)
      assert.deepEqual([header.typ, claims.sid, claims.client_id], ['at+jwt', session.id, 'v1'])
      assert.equal(claims.exp - claims.iat, body.expires_in)
      assert.equal((await ask(body.access_token)).status, 200)
    }
    test.advance(250_000)
    const answer = await post('/v1/session/refresh', { refresh_token })
    assert.deepEqual([answer.status, codeOf(answer)], [400, 'invalid_token'])
  })

  it('are refreshed by nothing else, and not at all once they have ended', async () => {
    const { email } = await makeAccount()
    const { access_token, refresh_token } = await signIn(email)
    for (const token of [access_token, `${refresh_token}x`, 'x', refresh_token.slice(0, -1), ` ${refresh_token}`]) {
      const answer = await post('/v1/session/refresh', { refresh_token: token })
      assert.deepEqual([answer.status, codeOf(answer)], [400, 'invalid_token'], token)
    }
    assert.equal((await ask(access_token, 'DELETE')).status, 204)
    assert.equal(codeOf(await post('/v1/session/refresh', { refresh_token })), 'invalid_token')
    assert.equal((await ask(access_token)).status, 401)
    for (const json of [{}, { refresh_token: '' }, { refresh_token: null }, { refresh: refresh_token }]) {
      assert.equal(codeOf(await post('/v1/session/refresh', json)), 'invalid_input')
    }
  })
})
