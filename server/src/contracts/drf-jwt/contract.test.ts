import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { LIGHT_HASHING } from '../../../test/kit/hashing.ts'
import { startTestApp, type TestApp, type TestOptions } from '../../../test/kit/start-test-app.ts'
import { send, type WireAnswer } from '../../../test/kit/wire.ts'

const ALICE = { email: 'alice@example.com', username: 'alice', name: 'Alice Liddell', password: 'password@123' }
const LOGIN = { email: ALICE.email, password: ALICE.password }
const CREATED = { message: 'The user has been successfully created.' }
const NOT_FOUND = { non_field_errors: ['A user with this email and password was not found.'] }

async function start(t: TestContext, options: TestOptions = {}): Promise<TestApp> {
  const app = await startTestApp(options)
  t.after(() => app.close())
  return app
}

function post(app: TestApp, path: string, json: unknown): Promise<WireAnswer> {
  return send(app, { method: 'POST', path, json })
}

/** Registers Alice and logs her in. */
async function logIn(app: TestApp): Promise<string> {
  await post(app, '/registration/', ALICE)
  return tokenOf(await post(app, '/login/', LOGIN))
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

describe('a token of drf-jwt', () => {
  it('is alive in the last millisecond of its 60 days, and not after it', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
    const app = await start(t)
    const token = await logIn(app)
    const { iat, exp } = claimsOf(token) as { iat: number; exp: number }
    assert.equal(exp - iat, 60 * 24 * 60 * 60)
    app.advance(exp * 1000 - Date.now() - 1)
    assert.equal((await whoami(app, token)).status, 200)
    app.advance(1)
    assert.equal((await whoami(app, token)).status, 401)
  })

  it('lives as long as LATCHKEY_DRF_JWT_SECONDS says', async (t) => {
    const { iat, exp } = claimsOf(await logIn(await start(t, { config: { drfJwtSeconds: 90 } })))
    assert.equal(Number(exp) - Number(iat), 90)
  })

  it('carries the account’s number as id, and the claims that every token has', async (t) => {
    const claims = claimsOf(await logIn(await start(t)))
    const names = ['exp', 'iat', 'id', 'iss', 'jti', 'sid', 'sub', 'token_type']
    assert.deepEqual(Object.keys(claims).sort(), names)
    assert.equal(claims.id, 1)
    assert.equal(claims.token_type, 'access')
    assert.match(String(claims.jti), /^[0-9a-f]{32}$/)
  })

  it('belongs to a session of its own, which DELETE /v1/session ends alone', async (t) => {
    const app = await start(t)
    const first = await logIn(app)
    const second = tokenOf(await post(app, '/user/login/', LOGIN))
    const headers = { Authorization: `Bearer ${first}` }
    assert.equal((await send(app, { method: 'DELETE', path: '/v1/session', headers })).status, 204)
    assert.equal((await whoami(app, first)).status, 401)
    assert.equal((await whoami(app, second)).status, 200)
  })

  it('is dead once its account is disabled, and stays dead when it is enabled again', async (t) => {
    const app = await start(t)
    const token = await logIn(app)
    await app.core.administration.setActive(1, false)
    assert.equal((await whoami(app, token)).status, 401)
    await app.core.administration.setActive(1, true)
    assert.equal((await whoami(app, token)).status, 401)
  })

  it('is never logged, and neither is the password', async (t) => {
    const app = await start(t)
    const token = await logIn(app)
    assert.ok(!app.log.some((line) => line.includes(token) || line.includes(ALICE.password)))
  })
})

describe('a registration at drf-jwt', () => {
  it('never grants is_staff, whichever word asks for it, and an audit event says so', async (t) => {
    const app = await start(t)
    const words = [true, 'true', 'True', 'yes', 'on', '1', 1]
    for (const [index, is_staff] of words.entries()) {
      const body = { ...ALICE, email: `a${index}@example.com`, username: `a${index}`, is_staff }
      const { status, json } = await post(app, '/registration/', body)
      assert.deepEqual({ status, json }, { status: 201, json: CREATED })
      assert.equal((await app.core.administration.findAccount(body.email))?.isStaff, false)
    }
    const events = app.audit.filter(({ type }) => type === 'privileged_field_ignored')
    assert.equal(events.length, words.length)
    const { client, ...event } = events[0] ?? {}
    assert.equal(client?.contract, 'drf-jwt')
    assert.deepEqual(event, {
      type: 'privileged_field_ignored',
      actor: 'anonymous',
      accountId: 1,
      detail: { field: 'is_staff' },
    })
  })

  it('does not audit an is_staff that asks for nothing', async (t) => {
    const app = await start(t)
    await post(app, '/registration/', { ...ALICE, is_staff: 'false' })
    assert.deepEqual(
      app.audit.map(({ type }) => type),
      ['account_registered'],
    )
  })

  it('with is_active false makes a disabled account, which an operator can enable', async (t) => {
    const app = await start(t)
    assert.equal((await post(app, '/registration/', { ...ALICE, is_active: 'false' })).status, 201)
    assert.deepEqual((await post(app, '/login/', LOGIN)).json, NOT_FOUND)
    await app.core.administration.setActive(1, true)
    assert.equal((await post(app, '/login/', LOGIN)).status, 200)
  })

  it('stores nothing of a field that it does not name', async (t) => {
    const app = await start(t)
    await post(app, '/registration/', { ...ALICE, id: 7, email_verified: true, is_superuser: true, role: 'admin' })
    const account = await app.core.administration.findAccount(ALICE.email)
    assert.equal(account?.id, 1)
    assert.equal(account?.emailVerified, false)
    assert.equal(account?.isStaff, false)
  })

  it('splits the name at its first space for the contracts that have two', async (t) => {
    const app = await start(t)
    const token = await logIn(app)
    const headers = { Authorization: `Bearer ${token}` }
    const { json } = await send(app, { method: 'GET', path: '/api/users/user/', headers })
    assert.deepEqual(json, { pk: 1, username: 'alice', email: ALICE.email, first_name: 'Alice', last_name: 'Liddell' })
  })

  it('of fifty at the same moment in three spellings exactly one wins, and the others are told what is taken', async (t) => {
    const app = await start(t, { config: LIGHT_HASHING })
    const emails = ['alice@example.com', 'ALICE@example.com', 'Alice@Example.COM']
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        post(app, '/registration/', { ...ALICE, email: emails[index % 3], username: `alice${index}` }),
      ),
    )
    const created = answers.filter(({ status }) => status === 201)
    assert.equal(created.length, 1)
    for (const { status, json } of answers) {
      if (status === 201) continue
      assert.equal(status, 400)
      assert.deepEqual(json, { email: ['user with this email already exists.'] })
    }
  })

  it('cannot take somebody’s address as a username', async (t) => {
    const app = await start(t)
    await post(app, '/registration/', ALICE)
    const { json } = await post(app, '/registration/', { ...ALICE, email: 'b@example.com', username: ALICE.email })
    assert.deepEqual(json, { username: ['user with this username already exists.'] })
  })

  it('takes a password of 1024 characters, and refuses one of 1025 before it is hashed', async (t) => {
    const app = await start(t)
    const { json } = await post(app, '/registration/', { ...ALICE, password: 'é'.repeat(1025) })
    assert.deepEqual(json, { password: ['Ensure this field has no more than 1024 characters.'] })
    assert.equal(app.hasherCalls.hash, 0)
    assert.equal((await post(app, '/registration/', { ...ALICE, password: 'é'.repeat(1024) })).status, 201)
  })

  it('strips the password that it sets, and a login with the outer white space still fits', async (t) => {
    const app = await start(t)
    await post(app, '/registration/', { ...ALICE, password: ' password@123\n' })
    for (const password of ['password@123', ' password@123\n', '\tpassword@123']) {
      assert.equal((await post(app, '/login/', { ...LOGIN, password })).status, 200)
      assert.equal((await post(app, '/api/auth/login/', { ...LOGIN, password })).status, 200)
    }
  })
})

describe('a login at drf-jwt', () => {
  it('answers unknown, wrong and disabled alike, headers and all', async (t) => {
    const app = await start(t)
    await post(app, '/registration/', ALICE)
    const wrong = await post(app, '/login/', { ...LOGIN, password: 'password@124' })
    const unknown = await post(app, '/login/', { ...LOGIN, email: 'nobody@example.com' })
    await app.core.administration.setActive(1, false)
    const disabled = await post(app, '/login/', LOGIN)
    const { date: _, ...headers } = wrong.headers
    for (const answer of [unknown, disabled]) {
      assert.equal(answer.status, 400)
      assert.equal(answer.text, wrong.text)
      const { date: _, ...others } = answer.headers
      assert.deepEqual(others, headers)
    }
  })

  it('does the same work for a name that nobody has', async (t) => {
    const app = await start(t)
    await post(app, '/registration/', ALICE)
    await post(app, '/login/', { ...LOGIN, password: ' password@124' })
    const known = app.hasherCalls.verify
    await post(app, '/login/', { ...LOGIN, email: 'nobody@example.com', password: ' password@124' })
    assert.equal(app.hasherCalls.verify, 2 * known)
  })

  it('takes the name under email where both are sent', async (t) => {
    const app = await start(t)
    await post(app, '/registration/', ALICE)
    assert.equal((await post(app, '/login/', { ...LOGIN, username: 'nobody' })).status, 200)
    assert.equal((await post(app, '/login/', { ...LOGIN, email: 'nobody', username: 'alice' })).status, 400)
    assert.deepEqual((await post(app, '/login/', { ...LOGIN, email: null, username: 'alice' })).json, {
      email: ['This field may not be null.'],
    })
  })

  it('gives empty texts to an account that another contract made without them', async (t) => {
    const app = await start(t)
    await post(app, '/api/users/register/', { username: 'bob', password: 'Password123' })
    const { json } = await post(app, '/login/', { email: 'bob', password: 'Password123' })
    assert.deepEqual(
      { ...(json as object), token: '' },
      {
        name: '',
        username: 'bob',
        phone_number: '',
        token: '',
      },
    )
  })

  it('refuses a password of 1025 characters and one with a lone surrogate before it is checked', async (t) => {
    const app = await start(t)
    const long = await post(app, '/login/', { ...LOGIN, password: 'x'.repeat(1025) })
    assert.deepEqual(long.json, { password: ['Ensure this field has no more than 1024 characters.'] })
    const odd = await post(app, '/login/', { ...LOGIN, password: 'password\ud800' })
    assert.deepEqual(odd.json, { password: ['Surrogate characters are not allowed: U+D800.'] })
    assert.equal(app.hasherCalls.verify, 0)
  })

  it('never echoes a password', async (t) => {
    const app = await start(t)
    for (const password of ['s3cret!', 's3cret!'.repeat(200), ['s3cret!'], { a: 's3cret!' }]) {
      for (const path of ['/login/', '/registration/']) {
        const { status, text } = await post(app, path, { ...ALICE, password })
        assert.equal(status, 400)
        assert.ok(!text.includes('s3cret'))
      }
    }
  })

  it('is throttled after ten failures in DRF’s words, the right password included, and goes on when it says', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
    const app = await start(t)
    await post(app, '/registration/', ALICE)
    for (let guess = 0; guess < 10; guess++) await post(app, '/login/', { ...LOGIN, password: `password@${guess}` })
    const { status, headers, json } = await post(app, '/login/', LOGIN)
    assert.equal(status, 429)
    assert.deepEqual(json, { detail: 'Request was throttled. Expected available in 1 second.' })
    assert.equal(headers['retry-after'], '1')
    assert.equal(headers['content-type'], 'application/json')
    app.advance(1000)
    assert.equal((await post(app, '/login/', LOGIN)).status, 200)
  })

  it('throttles a name that nobody has as it does one that somebody has', async (t) => {
    const app = await start(t)
    const budgets = new Set<number>()
    for (let name = 0; name < 8; name++) {
      const guess = () => post(app, '/login/', { ...LOGIN, email: `nobody-${name}@example.com` })
      let budget = 0
      while ((await guess()).status === 400) budget++
      assert.equal((await guess()).status, 429)
      budgets.add(budget)
    }
    // Some as an account with a common password, the others as one with a good one.
    assert.deepEqual(budgets, new Set([3, 10]))
  })

  it('is told to come back, in shape, when more passwords wait than two seconds can check', async (t) => {
    const app = await start(t, { config: { argon2: { memory: 19_456, passes: 200, lanes: 1 } } })
    const logins = Array.from({ length: 16 * navigator.hardwareConcurrency }, (_, index) =>
      post(app, '/login/', { ...LOGIN, email: `nobody${index}@example.com` }),
    )
    const answers = await Promise.all(logins)
    const refused = answers.filter(({ status }) => status === 503)
    assert.ok(refused.length > 0)
    assert.ok(answers.every(({ status }) => status === 503 || status === 400))
    assert.deepEqual(refused[0]?.json, { detail: 'Service temporarily unavailable, try again later.' })
    assert.match(refused[0]?.headers['retry-after'] ?? '', /^[2-5]$/)
  })
})

describe('an odd body at drf-jwt', () => {
  it('is read up to 16384 bytes and not beyond', async (t) => {
    const app = await start(t)
    const padded = (size: number) => JSON.stringify(LOGIN).padEnd(size)
    const request = { method: 'POST', path: '/login/', headers: { 'content-type': 'application/json' } }
    assert.deepEqual((await send(app, { ...request, body: padded(16_384) })).json, NOT_FOUND)
    const { status, json } = await send(app, { ...request, body: padded(16_385) })
    assert.equal(status, 413)
    assert.deepEqual(json, { detail: 'Request body too large. Send at most 16384 bytes.' })
  })

  const malformed: Readonly<Record<string, { body: string; detail: string }>> = {
    'names a field twice': {
      body: '{"email": "a@example.com", "email": "b@example.com", "password": "password@123"}',
      detail: 'JSON parse error - a name occurs twice in one object',
    },
    'nests nine deep': {
      body: `{"email": ${'['.repeat(8)}${']'.repeat(8)}}`,
      detail: 'JSON parse error - more than 8 levels deep',
    },
    'has 65 members': {
      body: JSON.stringify(Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`k${index}`, index]))),
      detail: 'JSON parse error - more than 64 members',
    },
    'is cut short': { body: '{"email": "a@example', detail: 'JSON parse error - Expecting valid JSON' },
  }
  for (const [what, { body, detail }] of Object.entries(malformed)) {
    it(`is refused when it ${what}, whatever its sound part says`, async (t) => {
      const app = await start(t)
      const headers = { 'content-type': 'application/json' }
      const { status, json } = await send(app, { method: 'POST', path: '/login/', headers, body })
      assert.deepEqual({ status, json }, { status: 400, json: { detail } })
    })
  }

  it('is refused when it is compressed', async (t) => {
    const app = await start(t)
    const headers = { 'content-encoding': 'gzip' }
    const { status, json } = await send(app, { method: 'POST', path: '/login/', headers, json: LOGIN })
    assert.deepEqual({ status, json }, { status: 415, json: { detail: 'Unsupported media type "gzip" in request.' } })
  })

  it('may be multipart, with fields only', async (t) => {
    const app = await start(t)
    const part = (name: string, value: string, file = '') =>
      `--b\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${value}\r\n`
    const headers = { 'content-type': 'multipart/form-data; boundary=b' }
    const request = { method: 'POST', path: '/registration/', headers }
    const fields = `${part('email', ALICE.email)}${part('username', 'alice')}${part('password', ALICE.password)}`
    const file = await send(app, { ...request, body: `${fields}${part('name', 'x', '; filename="a.txt"')}--b--\r\n` })
    assert.deepEqual(file.json, { name: ['Not a valid string.'] })
    const sound = await send(app, { ...request, body: `${fields}${part('name', 'Alice')}--b--\r\n` })
    assert.deepEqual(sound.json, CREATED)
  })

  it('cannot reach an object’s prototype', async (t) => {
    const app = await start(t)
    const headers = { 'content-type': 'application/json' }
    const body = '{"__proto__": {"email": "alice@example.com", "password": "password@123"}, "constructor": 1}'
    const { json } = await send(app, { method: 'POST', path: '/login/', headers, body })
    assert.deepEqual(json, { email: ['This field is required.'], password: ['This field is required.'] })
  })
})

describe('every answer of drf-jwt', () => {
  it('has its content type without a charset, Vary: Accept and what the path allows', async (t) => {
    const app = await start(t)
    for (const answer of [await post(app, '/registration/', ALICE), await post(app, '/login/', {})]) {
      assert.equal(answer.headers['content-type'], 'application/json')
      assert.equal(answer.headers.vary, 'Accept')
      assert.equal(answer.headers.allow, 'POST, OPTIONS')
    }
  })

  it('to HEAD is 405 without a body, and to OPTIONS what can be sent', async (t) => {
    const app = await start(t)
    const head = await send(app, { method: 'HEAD', path: '/login/' })
    assert.deepEqual({ status: head.status, text: head.text }, { status: 405, text: '' })
    const options = await send(app, { method: 'OPTIONS', path: '/registration/' })
    assert.equal(options.status, 200)
    const { name, actions } = options.json as { name: string; actions: { POST: Record<string, { required: boolean }> } }
    assert.equal(name, 'Registration')
    const required = Object.entries(actions.POST).filter(([, field]) => field.required)
    assert.deepEqual(
      required.map(([field]) => field),
      ['email', 'username', 'name', 'password'],
    )
  })
})
