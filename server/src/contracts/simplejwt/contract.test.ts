import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { LIGHT_HASHING } from '../../../test/kit/hashing.ts'
import { startTestApp, type TestApp, type TestOptions } from '../../../test/kit/start-test-app.ts'
import { send, type WireAnswer } from '../../../test/kit/wire.ts'

const REGISTER = '/api/users/register/'
const LOGIN = '/api/users/login/'
const REFRESH = '/api/users/token/refresh/'
const LOGOUT = '/api/users/logout/'
const VERIFY = '/api/users/token/verify/'
const BLACKLIST = '/api/users/token/blacklist/'
const JOHN = { username: 'johndoe', password: 'Password123' }
const DEAD = { detail: 'Token is invalid or expired' }
const NO_ACCOUNT = { detail: 'No active account found with the given credentials' }
const BAD_ACCESS = { detail: 'Given token not valid for any token type' }
const LOGGED_OUT = { message: 'Logged out successfully' }
const NO_CREDENTIALS = { detail: 'Authentication credentials were not provided.' }
const REQUIRED = ['This field is required.']

type Pair = { refresh: string; access: string }

async function start(t: TestContext, options: TestOptions = {}): Promise<TestApp> {
  const app = await startTestApp(options)
  t.after(() => app.close())
  return app
}

async function startWithJohn(t: TestContext, options: TestOptions = {}): Promise<TestApp> {
  const app = await start(t, options)
  assert.equal((await post(app, REGISTER, JOHN)).status, 201)
  return app
}

function post(app: TestApp, path: string, json: unknown): Promise<WireAnswer> {
  return send(app, { method: 'POST', path, json })
}

async function logIn(app: TestApp): Promise<Pair> {
  return (await post(app, LOGIN, JOHN)).json as Pair
}

function logOut(app: TestApp, token: string, scheme = 'Bearer'): Promise<WireAnswer> {
  return send(app, { method: 'POST', path: LOGOUT, headers: { Authorization: `${scheme} ${token}` } })
}

function whoami(app: TestApp, token: string): Promise<WireAnswer> {
  return send(app, { method: 'GET', path: '/v1/session', headers: { Authorization: `Bearer ${token}` } })
}

function refresh(app: TestApp, token: string): Promise<WireAnswer> {
  return post(app, REFRESH, { refresh: token })
}

async function isAlive(app: TestApp, token: string): Promise<boolean> {
  return (await post(app, VERIFY, { token })).status === 200
}

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
}

describe('the tokens of simplejwt', () => {
  it('live exactly five minutes and exactly a day', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
    const app = await startWithJohn(t)
    const pair = await logIn(app)
    for (const [token, seconds] of [
      [pair.access, 300],
      [pair.refresh, 86_400],
    ] as const) {
      const { iat, exp } = claimsOf(token) as { iat: number; exp: number }
      assert.equal(exp - iat, seconds)
    }
    app.advance(Number(claimsOf(pair.access).exp) * 1000 - Date.now() - 1)
    assert.equal((await whoami(app, pair.access)).status, 200)
    app.advance(1)
    assert.equal((await whoami(app, pair.access)).status, 401)
    app.advance((86_400 - 300) * 1000 - 1)
    assert.equal((await refresh(app, pair.refresh)).status, 200)
    app.advance(1)
    assert.deepEqual((await refresh(app, pair.refresh)).json, DEAD)
  })

  it('live as long as the two settings say', async (t) => {
    const app = await startWithJohn(t, { config: { simplejwtAccessSeconds: 60, simplejwtRefreshSeconds: 600 } })
    const pair = await logIn(app)
    const lives = [pair.access, pair.refresh].map((token) => Number(claimsOf(token).exp) - Number(claimsOf(token).iat))
    assert.deepEqual(lives, [60, 600])
  })

  it('carry what SimpleJWT’s clients read: token_type, exp, iat, jti and user_id', async (t) => {
    const app = await startWithJohn(t)
    const { access, refresh } = await logIn(app)
    for (const [token, use] of [
      [access, 'access'],
      [refresh, 'refresh'],
    ] as const) {
      const claims = claimsOf(token)
      const names = ['exp', 'iat', 'iss', 'jti', 'sid', 'sub', 'token_type', 'user_id']
      assert.deepEqual(Object.keys(claims).sort(), names)
      assert.equal(claims.token_type, use)
      assert.equal(claims.user_id, 1)
      assert.match(String(claims.jti), /^[0-9a-f]{32}$/)
    }
    assert.equal(claimsOf(access).sid, claimsOf(refresh).sid)
    assert.notEqual(claimsOf(access).jti, claimsOf(refresh).jti)
  })

  it('are not interchangeable', async (t) => {
    const app = await startWithJohn(t)
    const pair = await logIn(app)
    assert.deepEqual((await refresh(app, pair.access)).json, DEAD)
    assert.deepEqual((await post(app, BLACKLIST, { refresh: pair.access })).json, DEAD)
    assert.deepEqual((await logOut(app, pair.refresh)).json, BAD_ACCESS)
    assert.equal((await whoami(app, pair.refresh)).status, 401)
  })

  it('are never logged, and neither is the password', async (t) => {
    const app = await startWithJohn(t)
    const { access, refresh } = await logIn(app)
    for (const secret of [access, refresh, JOHN.password]) assert.ok(!app.log.some((line) => line.includes(secret)))
  })
})

describe('a refresh at simplejwt', () => {
  it('gives a new access token of the same session, and leaves both older tokens alive', async (t) => {
    const app = await startWithJohn(t)
    const pair = await logIn(app)
    const { json } = await refresh(app, pair.refresh)
    const { access } = json as Pair
    assert.deepEqual(Object.keys(json as object), ['access'])
    assert.equal(claimsOf(access).sid, claimsOf(pair.access).sid)
    assert.notEqual(access, pair.access)
    for (const token of [access, pair.access, pair.refresh]) assert.ok(await isAlive(app, token))
  })

  it('gives no access token that outlives the session', async (t) => {
    const app = await startWithJohn(t)
    const pair = await logIn(app)
    app.advance(86_390 * 1000)
    const { access } = (await refresh(app, pair.refresh)).json as Pair
    assert.equal(claimsOf(access).exp, claimsOf(pair.refresh).exp)
  })

  it('is dead after a logout, and so are its access tokens, but other sessions live on', async (t) => {
    const app = await startWithJohn(t)
    const [ended, other] = [await logIn(app), await logIn(app)]
    const { access } = (await refresh(app, ended.refresh)).json as Pair
    assert.deepEqual((await logOut(app, access)).json, LOGGED_OUT)
    assert.deepEqual((await refresh(app, ended.refresh)).json, DEAD)
    for (const token of [ended.access, access, ended.refresh]) assert.ok(!(await isAlive(app, token)))
    for (const token of [other.access, other.refresh]) assert.ok(await isAlive(app, token))
  })

  it('is dead once the account is disabled, and stays dead when it is enabled again', async (t) => {
    const app = await startWithJohn(t)
    const pair = await logIn(app)
    for (const isActive of [false, true]) {
      await app.core.administration.setActive(1, isActive)
      assert.deepEqual((await refresh(app, pair.refresh)).json, DEAD)
    }
  })

  it('takes no spelling of the token but its own, and no other algorithm', async (t) => {
    const app = await startWithJohn(t)
    const pair = await logIn(app)
    const [, payload = '', signature = ''] = pair.refresh.split('.')
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')
    const others = [`${pair.refresh}=`, `${pair.refresh}.`, `${none}.${payload}.`, `${none}.${payload}.${signature}`]
    for (const token of others) assert.deepEqual((await refresh(app, token)).json, DEAD)
  })

  it('refuses whatever is no text as a field, and every other text as a token', async (t) => {
    const app = await start(t)
    for (const token of [true, [], {}]) {
      assert.deepEqual((await post(app, REFRESH, { refresh: token })).json, { refresh: ['Not a valid string.'] })
    }
    assert.deepEqual((await post(app, REFRESH, { refresh: null })).json, { refresh: ['This field may not be null.'] })
    for (const token of ['x', 'a.b.c', 12345, 'x'.repeat(10_000)]) {
      assert.deepEqual((await post(app, REFRESH, { refresh: token })).json, DEAD)
    }
  })
})

describe('a logout at simplejwt', () => {
  it('of fifty at the same moment succeeds exactly once, and the others are 401', async (t) => {
    const app = await startWithJohn(t)
    const { access } = await logIn(app)
    const answers = await Promise.all(Array.from({ length: 50 }, () => logOut(app, access)))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    assert.equal(answers.filter(({ status }) => status === 401).length, 49)
  })

  it('beside twenty-five refreshes never fails in another way than 401', async (t) => {
    const app = await startWithJohn(t)
    const pair = await logIn(app)
    const refreshes = Array.from({ length: 25 }, () => refresh(app, pair.refresh))
    const answers = await Promise.all([logOut(app, pair.access), ...refreshes])
    assert.ok(answers.every(({ status }) => status === 200 || status === 401))
    assert.deepEqual((await refresh(app, pair.refresh)).json, DEAD)
  })

  it('takes a token of any contract under Bearer, and its own under Token in 002’s words', async (t) => {
    const app = await startWithJohn(t)
    const { json } = await post(app, '/login/', { email: JOHN.username, password: JOHN.password })
    assert.deepEqual((await logOut(app, (json as { token: string }).token)).json, LOGGED_OUT)
    const { access } = await logIn(app)
    assert.deepEqual((await logOut(app, access, 'Token')).json, { detail: 'Successfully logged out.' })
  })

  it('without a token is 401 in the contract’s own place, where there is nothing to choose', async (t) => {
    const app = await start(t)
    const { status, json, headers } = await send(app, { method: 'POST', path: `/simplejwt${LOGOUT}` })
    assert.deepEqual({ status, json }, { status: 401, json: NO_CREDENTIALS })
    assert.equal(headers['www-authenticate'], 'Bearer realm="api"')
  })
})

describe('a blacklisting at simplejwt', () => {
  it('of fifty at the same moment succeeds exactly once, and the others are 401', async (t) => {
    const app = await startWithJohn(t)
    const pair = await logIn(app)
    const blacklist = () => post(app, BLACKLIST, { refresh: pair.refresh })
    const answers = await Promise.all(Array.from({ length: 50 }, blacklist))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    assert.equal(answers.filter(({ status }) => status === 401).length, 49)
  })
})

describe('the login path that simplejwt shares with drf-token', () => {
  it('is simplejwt’s when the body names a username, and an absent, empty or null email does not count', async (t) => {
    const app = await startWithJohn(t)
    for (const email of [undefined, '', null]) {
      const { status, json } = await post(app, LOGIN, { ...JOHN, email })
      assert.equal(status, 200)
      assert.deepEqual(Object.keys(json as object), ['refresh', 'access'])
    }
  })

  it('reads a form as it reads JSON', async (t) => {
    const app = await startWithJohn(t)
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = 'email=&username=johndoe&password=Password123'
    const { json } = await send(app, { method: 'POST', path: LOGIN, headers, body })
    assert.deepEqual(Object.keys(json as object), ['refresh', 'access'])
  })

  it('refuses a request that names both, in every contract’s words for it', async (t) => {
    const app = await startWithJohn(t, { config: { sharedPathsDefault: 'simplejwt' } })
    const { status, json } = await post(app, LOGIN, { ...JOHN, email: 'john@example.com' })
    assert.equal(status, 400)
    assert.deepEqual(json, { non_field_errors: ['Send either "username" or "email", not both.'] })
  })

  it('is simplejwt’s when neither is named, where LATCHKEY_SHARED_PATHS_DEFAULT says so', async (t) => {
    const app = await start(t, { config: { sharedPathsDefault: 'simplejwt' } })
    assert.deepEqual((await post(app, LOGIN, {})).json, { username: REQUIRED, password: REQUIRED })
    const logout = await send(app, { method: 'POST', path: LOGOUT })
    assert.deepEqual(logout.json, NO_CREDENTIALS)
  })

  it('is simplejwt’s alone when drf-token is not served', async (t) => {
    const app = await start(t, { config: { contracts: ['simplejwt'], sharedPathsDefault: 'simplejwt' } })
    assert.deepEqual((await post(app, LOGIN, { email: 'a@example.com' })).json, {
      username: REQUIRED,
      password: REQUIRED,
    })
  })
})

describe('a login at simplejwt', () => {
  it('answers unknown, wrong and disabled alike, headers and all', async (t) => {
    const app = await startWithJohn(t)
    const wrong = await post(app, LOGIN, { ...JOHN, password: 'Password124' })
    const unknown = await post(app, LOGIN, { ...JOHN, username: 'nobody' })
    await app.core.administration.setActive(1, false)
    const disabled = await post(app, LOGIN, JOHN)
    const { date: _, ...headers } = wrong.headers
    assert.equal(headers['www-authenticate'], 'Bearer realm="api"')
    for (const answer of [unknown, disabled]) {
      assert.equal(answer.status, 401)
      assert.equal(answer.text, wrong.text)
      const { date: _, ...others } = answer.headers
      assert.deepEqual(others, headers)
    }
    assert.deepEqual(wrong.json, NO_ACCOUNT)
  })

  it('takes an email address under username, of any contract’s account', async (t) => {
    const app = await start(t)
    await post(app, '/api/auth/register/', { name: 'Ann', email: 'ann@example.com', password: 'password' })
    const { status } = await post(app, LOGIN, { username: 'Ann@Example.com', password: 'password' })
    assert.equal(status, 200)
  })

  it('refuses a password of 1025 characters before it is checked', async (t) => {
    const app = await startWithJohn(t)
    const { status, json } = await post(app, LOGIN, { ...JOHN, password: 'x'.repeat(1025) })
    assert.equal(status, 400)
    assert.deepEqual(json, { password: ['Ensure this field has no more than 1024 characters.'] })
    assert.equal(app.hasherCalls.verify, 0)
  })

  it('is throttled after ten failures in DRF’s words, and never with 401 or 403', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
    const app = await startWithJohn(t)
    for (let guess = 0; guess < 10; guess++) await post(app, LOGIN, { ...JOHN, password: `guess ${guess}` })
    const { status, headers, json } = await post(app, LOGIN, JOHN)
    assert.equal(status, 429)
    assert.deepEqual(json, { detail: 'Request was throttled. Expected available in 1 second.' })
    assert.equal(headers['retry-after'], '1')
    app.advance(1000)
    assert.equal((await post(app, LOGIN, JOHN)).status, 200)
  })

  it('is told to come back, in shape, when more passwords wait than two seconds can check', async (t) => {
    const app = await start(t, { config: { argon2: { memory: 19_456, passes: 200, lanes: 1 } } })
    const logins = Array.from({ length: 16 * navigator.hardwareConcurrency }, (_, index) =>
      post(app, LOGIN, { ...JOHN, username: `nobody${index}` }),
    )
    const answers = await Promise.all(logins)
    const refused = answers.filter(({ status }) => status === 503)
    assert.ok(refused.length > 0)
    assert.ok(answers.every(({ status }) => status === 503 || status === 401))
    assert.deepEqual(refused[0]?.json, { detail: 'Service temporarily unavailable, try again later.' })
    assert.match(refused[0]?.headers['retry-after'] ?? '', /^[2-5]$/)
  })
})

describe('a registration at simplejwt', () => {
  it('of fifty at the same moment in three spellings exactly one wins', async (t) => {
    const app = await start(t, { config: LIGHT_HASHING })
    const names = ['johndoe', 'JohnDoe', 'JOHNDOE']
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => post(app, REGISTER, { ...JOHN, username: names[index % 3] })),
    )
    assert.equal(answers.filter(({ status }) => status === 201).length, 1)
    for (const { status, json } of answers) {
      if (status !== 201) assert.deepEqual(json, { username: ['A user with that username already exists.'] })
    }
  })

  it('stores nothing of a field that it does not name', async (t) => {
    const app = await start(t)
    await post(app, REGISTER, { ...JOHN, is_staff: true, is_active: false, email: 'john@example.com', id: 7 })
    const account = await app.core.administration.findAccount(JOHN.username)
    assert.deepEqual([account?.id, account?.isStaff, account?.isActive, account?.email], [1, false, true, null])
  })

  it('with an email address as username makes it the account’s email, unverified', async (t) => {
    const app = await start(t)
    await post(app, REGISTER, { ...JOHN, username: 'john@example.com' })
    const account = await app.core.administration.findAccount('john@example.com')
    assert.deepEqual([account?.email, account?.emailVerified], ['john@example.com', false])
  })

  it('never echoes a password', async (t) => {
    const app = await start(t)
    for (const password of ['s3cret!', 's3cret!'.repeat(200), ['s3cret!'], { a: 's3cret!' }]) {
      const { status, text } = await post(app, REGISTER, { ...JOHN, password })
      assert.equal(status, 400)
      assert.ok(!text.includes('s3cret'))
    }
  })
})

describe('LATCHKEY_SIMPLEJWT_CODES', () => {
  const options: TestOptions = { config: { simplejwtCodes: true } }

  it('adds the library’s code to refusals of tokens', async (t) => {
    const app = await startWithJohn(t, options)
    const { access } = await logIn(app)
    assert.deepEqual((await refresh(app, 'x')).json, { ...DEAD, code: 'token_not_valid' })
    const messages = [{ token_class: 'AccessToken', token_type: 'access', message: 'Token is invalid or expired' }]
    assert.deepEqual((await logOut(app, 'x')).json, { ...BAD_ACCESS, code: 'token_not_valid', messages })
    assert.deepEqual((await logOut(app, 'a b')).json, {
      detail: 'Authorization header must contain two space-delimited values',
      code: 'bad_authorization_header',
    })
    await app.core.administration.setActive(1, false)
    assert.deepEqual((await logOut(app, access)).json, { detail: 'User is inactive', code: 'user_inactive' })
  })

  it('adds nothing to a failed login, as in the library', async (t) => {
    const app = await start(t, options)
    assert.deepEqual((await post(app, LOGIN, JOHN)).json, NO_ACCOUNT)
  })
})
