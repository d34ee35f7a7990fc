import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { LIGHT_HASHING } from '../../../test/kit/hashing.ts'
import { startTestApp, type TestApp, type TestOptions } from '../../../test/kit/start-test-app.ts'
import { send, type WireAnswer } from '../../../test/kit/wire.ts'

const REGISTER = '/api/auth/register/'
const LOGIN = '/api/auth/login/'
const ANN = { name: 'Ann Lee', email: 'ann@example.com', password: 'password' }
const CREDENTIALS = { email: ANN.email, password: ANN.password }
const WRONG_PASSWORD = failure({ main: { msg: 'user password incorrect' } })

function failure(errors: unknown): unknown {
  return { status: 'fail', errors }
}

async function start(t: TestContext, options: TestOptions = {}): Promise<TestApp> {
  const app = await startTestApp(options)
  t.after(() => app.close())
  return app
}

function post(app: TestApp, path: string, json: unknown): Promise<WireAnswer> {
  return send(app, { method: 'POST', path, json })
}

function tokenOf({ json }: WireAnswer): string {
  return (json as { token: string }).token
}

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
}

function whoami(app: TestApp, token: string): Promise<WireAnswer> {
  return send(app, { method: 'GET', path: '/v1/session', headers: { Authorization: `Bearer ${token}` } })
}

describe('a token of express-jwt', () => {
  it('is alive in the last millisecond of its 24 hours, and not after it', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
    const app = await start(t)
    const token = tokenOf(await post(app, REGISTER, ANN))
    const { iat, exp } = claimsOf(token) as { iat: number; exp: number }
    assert.equal(exp - iat, 86_400)
    app.advance(exp * 1000 - Date.now() - 1)
    assert.equal((await whoami(app, token)).status, 200)
    app.advance(1)
    assert.equal((await whoami(app, token)).status, 401)
  })

  it('lives as long as LATCHKEY_EXPRESS_JWT_SECONDS says', async (t) => {
    const app = await start(t, { config: { expressJwtSeconds: 90 } })
    const { iat, exp } = claimsOf(tokenOf(await post(app, REGISTER, ANN)))
    assert.equal(Number(exp) - Number(iat), 90)
  })

  it('carries the account’s number as id, and the claims that every token has', async (t) => {
    const app = await start(t)
    const claims = claimsOf(tokenOf(await post(app, REGISTER, ANN)))
    const names = ['exp', 'iat', 'id', 'iss', 'jti', 'sid', 'sub', 'token_type']
    assert.deepEqual(Object.keys(claims).sort(), names)
    assert.equal(claims.id, 1)
  })

  it('from registration and from each login is of a session of its own', async (t) => {
    const app = await start(t)
    const tokens = [tokenOf(await post(app, REGISTER, ANN)), tokenOf(await post(app, LOGIN, CREDENTIALS))]
    assert.equal(new Set(tokens.map((token) => claimsOf(token).sid)).size, 2)
    const headers = { Authorization: `Bearer ${tokens[0]}` }
    assert.equal((await send(app, { method: 'DELETE', path: '/v1/session', headers })).status, 204)
    assert.equal((await whoami(app, tokens[0] ?? '')).status, 401)
    assert.equal((await whoami(app, tokens[1] ?? '')).status, 200)
  })

  it('is dead once its account is disabled', async (t) => {
    const app = await start(t)
    const token = tokenOf(await post(app, REGISTER, ANN))
    await app.core.administration.setActive(1, false)
    assert.equal((await whoami(app, token)).status, 401)
  })

  it('is never logged, and neither is the password', async (t) => {
    const app = await start(t)
    const token = tokenOf(await post(app, REGISTER, { ...ANN, password: 'a canary in the log' }))
    assert.ok(!app.log.some((line) => line.includes(token) || line.includes('canary')))
  })
})

describe('a login at express-jwt', () => {
  it('tells that a user does not exist, with the email as it was typed', async (t) => {
    const app = await start(t)
    const { json } = await post(app, LOGIN, { ...CREDENTIALS, email: 'Nobody@Example.com' })
    assert.deepEqual(json, failure({ main: { value: 'Nobody@Example.com', msg: "User doesn't exist" } }))
  })

  it('with LATCHKEY_ENUMERATION=uniform answers an unknown user and a wrong password alike, headers and all', async (t) => {
    const app = await start(t, { config: { enumeration: 'uniform' } })
    await post(app, REGISTER, ANN)
    const unknown = await post(app, LOGIN, { ...CREDENTIALS, email: 'nobody@example.com' })
    const wrong = await post(app, LOGIN, { ...CREDENTIALS, password: 'passw0rd' })
    assert.deepEqual(unknown.json, WRONG_PASSWORD)
    assert.equal(unknown.text, wrong.text)
    const { date: _, ...headers } = unknown.headers
    const { date: __, ...others } = wrong.headers
    assert.deepEqual(headers, others)
  })

  it('does the same work for a user who does not exist', async (t) => {
    const app = await start(t)
    await post(app, LOGIN, CREDENTIALS)
    assert.equal(app.hasherCalls.verify, 1)
  })

  it('never reveals that an account is disabled, not even with the right password', async (t) => {
    const app = await start(t)
    await post(app, REGISTER, ANN)
    await app.core.administration.setActive(1, false)
    assert.deepEqual((await post(app, LOGIN, CREDENTIALS)).json, WRONG_PASSWORD)
  })

  it('takes the email and not the username', async (t) => {
    const app = await start(t)
    await post(app, '/registration/', { ...ANN, username: 'ann' })
    const { status, json } = await post(app, LOGIN, { ...CREDENTIALS, email: 'ann' })
    assert.equal(status, 400)
    assert.match(JSON.stringify(json), /Email format invalid!/)
    assert.equal((await post(app, LOGIN, CREDENTIALS)).status, 200)
  })

  it('is throttled after ten failures in the envelope, the right password included', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
    const app = await start(t)
    await post(app, REGISTER, ANN)
    for (let guess = 0; guess < 10; guess++) await post(app, LOGIN, { ...CREDENTIALS, password: `guess ${guess}` })
    const { status, headers, json } = await post(app, LOGIN, CREDENTIALS)
    assert.equal(status, 429)
    assert.deepEqual(json, failure({ main: { msg: 'Too many attempts, try again in 1 seconds' } }))
    assert.equal(headers['retry-after'], '1')
    assert.equal(headers['content-type'], 'application/json; charset=utf-8')
    app.advance(1000)
    assert.equal((await post(app, LOGIN, CREDENTIALS)).status, 200)
  })

  it('is told to come back, in the envelope, when more passwords wait than two seconds can check', async (t) => {
    const app = await start(t, { config: { argon2: { memory: 19_456, passes: 200, lanes: 1 } } })
    const logins = Array.from({ length: 16 * navigator.hardwareConcurrency }, (_, index) =>
      post(app, LOGIN, { ...CREDENTIALS, email: `nobody${index}@example.com` }),
    )
    const answers = await Promise.all(logins)
    const refused = answers.filter(({ status }) => status === 503)
    assert.ok(refused.length > 0)
    assert.ok(answers.every(({ status }) => status === 503 || status === 400))
    assert.deepEqual(refused[0]?.json, failure({ main: { msg: 'Service unavailable, try again later' } }))
    assert.match(refused[0]?.headers['retry-after'] ?? '', /^[2-5]$/)
  })
})

describe('a registration at express-jwt', () => {
  it('of fifty at the same moment exactly one wins, and the others hear that the email exists', async (t) => {
    const app = await start(t, { config: LIGHT_HASHING })
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(app, REGISTER, ANN)))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    for (const { status, json } of answers) {
      if (status === 200) continue
      const error = { value: ANN.email, msg: 'Email already exists!', param: 'email', location: 'body' }
      assert.deepEqual({ status, json }, { status: 400, json: failure({ email: error }) })
    }
  })

  it('stores nothing of a field that it does not name', async (t) => {
    const app = await start(t)
    await post(app, REGISTER, { ...ANN, is_staff: true, is_active: false, username: 'admin', id: 7 })
    const account = await app.core.administration.findAccount(ANN.email)
    assert.deepEqual([account?.id, account?.isStaff, account?.isActive, account?.username], [1, false, true, null])
  })

  it('keeps a password’s outer white space', async (t) => {
    const app = await start(t)
    await post(app, REGISTER, { ...ANN, password: ' pass word ' })
    assert.equal((await post(app, LOGIN, { ...CREDENTIALS, password: ' pass word ' })).status, 200)
    assert.deepEqual((await post(app, LOGIN, { ...CREDENTIALS, password: 'pass word' })).json, WRONG_PASSWORD)
  })

  it('takes a password of 1024 characters, and refuses longer ones with that number', async (t) => {
    const app = await start(t)
    const msg = 'Password must be at most 1024 characters!'
    for (const length of [1025, 2049]) {
      const { status, json } = await post(app, REGISTER, { ...ANN, password: 'x'.repeat(length) })
      assert.equal(status, 400)
      assert.deepEqual(json, failure({ password: { msg, param: 'password', location: 'body' } }))
    }
    assert.equal(app.hasherCalls.hash, 0)
    assert.equal((await post(app, REGISTER, { ...ANN, password: '😀'.repeat(1024) })).status, 200)
  })

  it('refuses what no database can keep', async (t) => {
    const app = await start(t)
    const error = (param: string, msg: string, value?: string) =>
      failure({ [param]: { ...(value === undefined ? {} : { value }), msg, param, location: 'body' } })
    const nul = await post(app, REGISTER, { ...ANN, name: 'a\0' })
    assert.deepEqual(nul.json, error('name', 'Name format invalid!', 'a\0'))
    const surrogate = await post(app, REGISTER, { ...ANN, password: 'password\ud800' })
    assert.deepEqual(surrogate.json, error('password', 'Password format invalid!'))
    const email = await post(app, REGISTER, { ...ANN, email: 'ann\udc00@example.com' })
    assert.equal(email.status, 400)
  })
})

describe('the errors of express-jwt', () => {
  it('echo the email as it came and the password never, whatever either is', async (t) => {
    const app = await start(t)
    const odd = ['s3cret', 7, true, ['s3cret'], { a: 's3cret' }, 's3cret'.repeat(200)]
    for (const value of odd) {
      const { json, text } = await post(app, LOGIN, { email: value, password: '' })
      const { email, password } = (json as { errors: Record<string, Record<string, unknown>> }).errors
      assert.deepEqual(email?.value, value)
      assert.ok(text.includes('Password is required!'))
      assert.deepEqual(Object.keys(password ?? {}), ['msg', 'param', 'location'])
    }
    for (const password of odd) {
      const { text } = await post(app, REGISTER, { ...ANN, email: 'x', password })
      assert.ok(!text.includes('s3cret'))
    }
  })

  it('have the library’s keys in the library’s order', async (t) => {
    const app = await start(t)
    const { text } = await post(app, LOGIN, { email: 'wrong@format' })
    assert.equal(
      text,
      '{"status":"fail","errors":{"email":{"value":"wrong@format","msg":"Email format invalid!","param":"email","location":"body"},"password":{"msg":"Password is required!","param":"password","location":"body"}}}',
    )
  })

  it('stay in the envelope for bodies that cannot be read', async (t) => {
    const app = await start(t)
    const headers = { 'content-type': 'application/json' }
    const answer = (body: string, more: Record<string, string> = {}) =>
      send(app, { method: 'POST', path: LOGIN, headers: { ...headers, ...more }, body })
    const sound = JSON.stringify(CREDENTIALS)
    const main = (msg: string) => failure({ main: { msg } })

    const large = await answer(sound.padEnd(16_385))
    assert.equal(large.status, 413)
    assert.deepEqual(large.json, main('request entity too large'))
    assert.equal((await answer(sound.padEnd(16_384))).status, 400)
    const twice = await answer('{"email":"a@example.com","email":"b@example.com","password":"x"}')
    assert.deepEqual(twice.json, main('Malformed body: a name occurs twice in one object'))
    const zipped = await answer(sound, { 'content-encoding': 'gzip' })
    assert.equal(zipped.status, 415)
    assert.deepEqual(zipped.json, main('unsupported content encoding "gzip"'))
    const latin = await answer(sound, { 'content-type': 'application/json; charset=latin1' })
    assert.equal(latin.status, 415)
    assert.deepEqual(latin.json, main('unsupported charset "LATIN1"'))
  })

  it('name every field when the body is multipart, which nobody reads', async (t) => {
    const app = await start(t)
    const headers = { 'content-type': 'multipart/form-data; boundary=b' }
    const body = '--b\r\nContent-Disposition: form-data; name="email"\r\n\r\nann@example.com\r\n--b--\r\n'
    const { json } = await send(app, { method: 'POST', path: LOGIN, headers, body })
    assert.deepEqual(Object.keys((json as { errors: object }).errors), ['email', 'password'])
  })

  it('take a field that a form repeats for a list, which is no text', async (t) => {
    const app = await start(t)
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = 'email=a%40example.com&email=b%40example.com&password=password'
    const { json } = await send(app, { method: 'POST', path: LOGIN, headers, body })
    const value = ['a@example.com', 'b@example.com']
    assert.deepEqual(
      json,
      failure({ email: { value, msg: 'Email format invalid!', param: 'email', location: 'body' } }),
    )
  })

  it('are the 404 of a router for every other method, OPTIONS and HEAD included', async (t) => {
    const app = await start(t)
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const { status, json } = await send(app, { method, path: LOGIN })
      assert.deepEqual({ status, json }, { status: 404, json: failure({ main: { msg: 'Not Found' } }) })
    }
    const head = await send(app, { method: 'HEAD', path: LOGIN })
    assert.deepEqual({ status: head.status, text: head.text }, { status: 404, text: '' })
  })
})

describe('every answer of express-jwt', () => {
  it('has Express’ content type, and no X-Powered-By', async (t) => {
    const app = await start(t)
    for (const answer of [
      await post(app, REGISTER, ANN),
      await post(app, LOGIN, {}),
      await post(app, '/api/auth/', {}),
    ]) {
      assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
      assert.equal(answer.headers['x-powered-by'], undefined)
    }
  })
})
