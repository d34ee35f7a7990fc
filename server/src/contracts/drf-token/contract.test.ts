import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { LIGHT_HASHING } from '../../../test/kit/hashing.ts'
import { startTestApp, type TestApp, type TestOptions } from '../../../test/kit/start-test-app.ts'
import { send, type WireAnswer } from '../../../test/kit/wire.ts'

const REGISTRATION = '/api/users/registration/'
const LOGIN = '/api/users/login/'
const LOGOUT = '/api/users/logout/'
const JOHN = { email: 'john.doe@example.com', password: 'Password123' }
const FORM = {
  first_name: 'John',
  last_name: 'Doe',
  email: JOHN.email,
  password1: JOHN.password,
  password2: JOHN.password,
}
const FAILED = { non_field_errors: ['Unable to log in with provided credentials.'] }
const LOGGED_OUT = { detail: 'Successfully logged out.' }
const NOT_LOGGED_IN = { detail: 'You should be logged in to logout. Check whether the token is passed.' }
const REQUIRED = ['This field is required.']
const DAY = 86_400_000

async function start(t: TestContext, options: TestOptions = {}): Promise<TestApp> {
  const app = await startTestApp(options)
  t.after(() => app.close())
  return app
}

function post(app: TestApp, path: string, json: unknown, headers: Record<string, string> = {}): Promise<WireAnswer> {
  return send(app, { method: 'POST', path, json, headers })
}

function logOut(app: TestApp, key: string, scheme = 'Token'): Promise<WireAnswer> {
  return send(app, { method: 'POST', path: LOGOUT, headers: { Authorization: `${scheme} ${key}` } })
}

/** John's own details, to see whether a key is alive. */
function details(app: TestApp, key: string): Promise<WireAnswer> {
  return send(app, { method: 'GET', path: '/api/users/user/', headers: { Authorization: `Token ${key}` } })
}

async function logIn(app: TestApp, password = JOHN.password): Promise<string> {
  const { json } = await post(app, LOGIN, { ...JOHN, password })
  return (json as { key: string }).key
}

async function startWithJohn(t: TestContext, options: TestOptions = {}): Promise<TestApp> {
  const app = await start(t, options)
  assert.equal((await post(app, REGISTRATION, FORM)).status, 201)
  return app
}

describe('a key of drf-token', () => {
  it('is 40 hexadecimal digits, a new one at each login, and all of them are alive', async (t) => {
    const app = await startWithJohn(t)
    const keys = [await logIn(app), await logIn(app), await logIn(app)]
    assert.equal(new Set(keys).size, 3)
    for (const key of keys) {
      assert.match(key, /^[0-9a-f]{40}$/)
      assert.equal((await details(app, key)).status, 200)
    }
  })

  it('is alive in the last millisecond of its day; the next one says that it expired and deletes it', async (t) => {
    // A whole second: from there on lifetimes are counted.
    t.mock.timers.enable({ apis: ['Date'], now: Math.ceil(Date.now() / 1000) * 1000 })
    const app = await startWithJohn(t)
    const key = await logIn(app)
    app.advance(DAY - 1)
    assert.equal((await details(app, key)).status, 200)
    app.advance(1)
    assert.equal((await app.store.inspect()).sessions, 1)
    const { status, json, headers } = await details(app, key)
    assert.deepEqual({ status, json }, { status: 401, json: { detail: 'The Token is expired' } })
    assert.equal(headers['www-authenticate'], 'Token')
    assert.equal((await app.store.inspect()).sessions, 0)
    assert.deepEqual((await details(app, key)).json, { detail: 'Invalid token.' })
  })

  it('lives as long as TOKEN_EXPIRED_AFTER_SECONDS says', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Math.ceil(Date.now() / 1000) * 1000 })
    const app = await startWithJohn(t, { config: { drfTokenSeconds: 90 } })
    const key = await logIn(app)
    app.advance(89_999)
    assert.equal((await details(app, key)).status, 200)
    app.advance(1)
    assert.deepEqual((await details(app, key)).json, { detail: 'The Token is expired' })
  })

  it('that has expired gives fifty at the same moment 401, and its row goes', async (t) => {
    const app = await startWithJohn(t)
    const key = await logIn(app)
    app.advance(DAY)
    const answers = await Promise.all(Array.from({ length: 50 }, () => logOut(app, key)))
    assert.ok(answers.every(({ status }) => status === 401))
    assert.equal((await app.store.inspect()).sessions, 0)
  })

  it('is taken in exactly its own letters', async (t) => {
    const app = await startWithJohn(t)
    const key = await logIn(app)
    for (const other of [key.toUpperCase(), key.slice(1), `${key}0`, `${key.slice(0, -1)}g`]) {
      if (other === key) continue
      assert.deepEqual((await logOut(app, other)).json, { detail: 'Invalid token.' })
    }
    assert.deepEqual((await logOut(app, key)).json, LOGGED_OUT)
  })

  it('is stored and logged nowhere', async (t) => {
    const app = await startWithJohn(t)
    const key = await logIn(app)
    assert.equal(await app.store.findSessionByToken(key), null)
    assert.ok(!app.log.some((line) => line.includes(key) || line.includes(JOHN.password)))
  })

  it('of a disabled account is told so, and does not come back when the account is enabled', async (t) => {
    const app = await startWithJohn(t)
    const key = await logIn(app)
    await app.core.administration.setActive(1, false)
    assert.deepEqual((await details(app, key)).json, { detail: 'User inactive or deleted.' })
    await app.core.administration.setActive(1, true)
    assert.deepEqual((await details(app, key)).json, { detail: 'Invalid token.' })
  })
})

describe('a logout at drf-token', () => {
  it('of fifty at the same moment succeeds exactly once, and the others are 401', async (t) => {
    const app = await startWithJohn(t)
    const key = await logIn(app)
    const answers = await Promise.all(Array.from({ length: 50 }, () => logOut(app, key)))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    assert.equal(answers.filter(({ status }) => status === 401).length, 49)
  })

  it('ends one session and leaves the others', async (t) => {
    const app = await startWithJohn(t)
    const [first, second] = [await logIn(app), await logIn(app)]
    await logOut(app, first)
    assert.equal((await details(app, first)).status, 401)
    assert.equal((await details(app, second)).status, 200)
  })

  it('takes a token of any contract under Token', async (t) => {
    const app = await startWithJohn(t)
    const { json } = await post(app, '/api/auth/login/', JOHN)
    assert.deepEqual((await logOut(app, (json as { token: string }).token)).json, LOGGED_OUT)
  })

  it('without a token is the documented 400 whatever else is sent', async (t) => {
    const app = await start(t)
    for (const headers of [{}, { Authorization: '' }, { Authorization: 'Basic am9objpkb2U=' }]) {
      const { status, json } = await send(app, { method: 'POST', path: LOGOUT, headers })
      assert.deepEqual({ status, json }, { status: 400, json: NOT_LOGGED_IN })
    }
  })
})

describe('the login path that drf-token shares with simplejwt', () => {
  it('is drf-token’s when the body names an email, and an absent, empty or null username does not count', async (t) => {
    const app = await startWithJohn(t)
    for (const username of [undefined, '', null]) {
      const { status, json } = await post(app, LOGIN, { ...JOHN, username })
      assert.equal(status, 200)
      assert.deepEqual(Object.keys(json as object), ['key'])
    }
  })

  it('refuses a request that names both, and nothing happens: no password is checked and no attempt counted', async (t) => {
    const app = await startWithJohn(t)
    for (let time = 0; time < 20; time++) {
      const { status, json } = await post(app, LOGIN, { ...JOHN, username: 'john', password: 'wrong-password' })
      assert.equal(status, 400)
      assert.deepEqual(json, { non_field_errors: ['Send either "username" or "email", not both.'] })
    }
    assert.equal(app.hasherCalls.verify, 0)
    assert.equal((await post(app, LOGIN, JOHN)).status, 200)
  })

  it('is drf-token’s when the body names neither, or cannot be read', async (t) => {
    const app = await start(t)
    const missing = { email: REQUIRED, password: REQUIRED }
    assert.deepEqual((await post(app, LOGIN, {})).json, missing)
    assert.deepEqual((await post(app, LOGIN, { email: '', username: null, password: 'x' })).json, {
      email: ['This field may not be blank.'],
    })
    const headers = { 'content-type': 'application/json' }
    const broken = await send(app, { method: 'POST', path: LOGIN, headers, body: '{' })
    assert.deepEqual(broken.json, { detail: 'JSON parse error - Expecting valid JSON' })
  })

  it('is simplejwt’s when it names neither and LATCHKEY_SHARED_PATHS_DEFAULT says so; an email is still drf-token’s', async (t) => {
    const app = await startWithJohn(t, { config: { sharedPathsDefault: 'simplejwt' } })
    assert.deepEqual((await post(app, LOGIN, {})).json, { username: REQUIRED, password: REQUIRED })
    assert.deepEqual(Object.keys((await post(app, LOGIN, JOHN)).json as object), ['key'])
  })

  it('is drf-token’s whatever is sent when simplejwt is not served', async (t) => {
    const app = await start(t, { config: { contracts: ['drf-token'], sharedPathsDefault: 'drf-token' } })
    assert.deepEqual((await post(app, LOGIN, { username: 'john', password: 'x' })).json, { email: REQUIRED })
    assert.equal((await post(app, `/simplejwt${LOGIN}`, {})).status, 404)
  })
})

describe('the logout path that drf-token shares with simplejwt', () => {
  it('is drf-token’s under Token in any letters and simplejwt’s under Bearer, with the same key', async (t) => {
    const app = await startWithJohn(t)
    assert.deepEqual((await logOut(app, await logIn(app), 'TOKEN')).json, LOGGED_OUT)
    assert.deepEqual((await logOut(app, await logIn(app), 'Bearer')).json, { message: 'Logged out successfully' })
    assert.deepEqual((await logOut(app, await logIn(app), 'bearer')).json, NOT_LOGGED_IN)
  })

  it('is simplejwt’s without a scheme where LATCHKEY_SHARED_PATHS_DEFAULT says so', async (t) => {
    const app = await start(t, { config: { sharedPathsDefault: 'simplejwt' } })
    const { status, json } = await send(app, { method: 'POST', path: LOGOUT })
    assert.equal(status, 401)
    assert.deepEqual(json, { detail: 'Authentication credentials were not provided.' })
    assert.deepEqual((await logOut(app, 'x')).json, { detail: 'Invalid token.' })
    const own = await send(app, { method: 'POST', path: `/drf-token${LOGOUT}` })
    assert.deepEqual(own.json, NOT_LOGGED_IN)
  })
})

describe('a registration at drf-token', () => {
  it('of fifty at the same moment exactly one wins, and the others hear that the email is taken', async (t) => {
    const app = await start(t, { config: LIGHT_HASHING })
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(app, REGISTRATION, FORM)))
    assert.equal(answers.filter(({ status }) => status === 201).length, 1)
    for (const { status, json } of answers) {
      if (status !== 201) assert.deepEqual(json, { email: ['A user with this email already exists.'] })
    }
  })

  it('gives the account no field that it does not name', async (t) => {
    const app = await start(t)
    await post(app, REGISTRATION, { ...FORM, is_staff: true, is_active: false, username: 'admin', id: 7 })
    const account = await app.core.administration.findAccount(JOHN.email)
    assert.deepEqual(
      [account?.id, account?.isStaff, account?.isActive, account?.username, account?.profile.name],
      [1, false, true, null, 'John Doe'],
    )
  })

  it('takes numerals and letters of every script, and counts characters and not bytes', async (t) => {
    const app = await start(t)
    const passwords: Readonly<Record<string, number>> = {
      пароль१२: 201,
      пароль१: 400,
      'lösenord😀': 400,
      lösenor1: 201,
    }
    for (const [index, [password, status]] of Object.entries(passwords).entries()) {
      const body = { ...FORM, email: `a${index}@example.com`, password1: password, password2: password }
      assert.equal((await post(app, REGISTRATION, body)).status, status, password)
    }
  })

  it('tells a mismatch whether password1 is good enough, too short or missing', async (t) => {
    const app = await start(t)
    const mismatch = ['The two password fields did not match.']
    const short = await post(app, REGISTRATION, { ...FORM, password1: 'x1' })
    assert.deepEqual(short.json, {
      password1: ['Ensure this field has at least 8 characters.'],
      password2: mismatch,
    })
    const { password1: _, ...rest } = FORM
    assert.deepEqual((await post(app, REGISTRATION, rest)).json, { password1: REQUIRED, password2: mismatch })
  })
})

describe('a login at drf-token', () => {
  it('tells that an account is disabled only to those who know its password', async (t) => {
    const app = await startWithJohn(t)
    await app.core.administration.setActive(1, false)
    assert.deepEqual((await post(app, LOGIN, JOHN)).json, { non_field_errors: ['User account is disabled.'] })
    assert.deepEqual((await post(app, LOGIN, { ...JOHN, password: 'Password124' })).json, FAILED)
    assert.deepEqual((await post(app, LOGIN, { ...JOHN, email: 'nobody@example.com' })).json, FAILED)
  })

  it('takes the email and not the username', async (t) => {
    const app = await start(t)
    await post(app, '/registration/', { email: JOHN.email, username: 'john', name: 'John', password: JOHN.password })
    assert.deepEqual((await post(app, LOGIN, { ...JOHN, email: 'john' })).json, FAILED)
    assert.equal((await post(app, LOGIN, JOHN)).status, 200)
  })

  it('takes one password in both of Unicode’s spellings', async (t) => {
    const app = await start(t)
    const password = 'caf\u00e912345'
    await post(app, REGISTRATION, { ...FORM, password1: password, password2: password })
    assert.equal((await post(app, LOGIN, { ...JOHN, password: 'cafe\u030112345' })).status, 200)
  })

  it('never echoes a password', async (t) => {
    const app = await start(t)
    for (const password of ['s3cret!', 's3cret!'.repeat(200), ['s3cret!'], { a: 's3cret!' }]) {
      const login = await post(app, LOGIN, { ...JOHN, password })
      const registration = await post(app, REGISTRATION, { ...FORM, password1: password, password2: password })
      for (const { status, text } of [login, registration]) {
        assert.equal(status, 400)
        assert.ok(!text.includes('s3cret'))
      }
    }
  })

  it('is throttled after ten failures in DRF’s words, and the wait doubles', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
    const app = await startWithJohn(t)
    // The document's own password is common, and has a third of the budget.
    await app.core.administration.setPassword(1, 'no document has this 1')
    const guess = () => post(app, LOGIN, { ...JOHN, password: 'Password124' })
    for (let count = 0; count < 10; count++) assert.deepEqual((await guess()).json, FAILED)
    for (const [wait, unit] of [
      [1, 'second'],
      [2, 'seconds'],
      [4, 'seconds'],
    ] as const) {
      const { status, headers, json } = await guess()
      assert.equal(status, 429)
      assert.equal(headers['retry-after'], String(wait))
      assert.deepEqual(json, { detail: `Request was throttled. Expected available in ${wait} ${unit}.` })
      app.advance(wait * 1000)
      assert.equal((await guess()).status, 400)
    }
  })

  it('is told to come back, in shape, when more passwords wait than two seconds can check', async (t) => {
    const app = await start(t, { config: { argon2: { memory: 19_456, passes: 200, lanes: 1 } } })
    const logins = Array.from({ length: 16 * navigator.hardwareConcurrency }, (_, index) =>
      post(app, LOGIN, { ...JOHN, email: `nobody${index}@example.com` }),
    )
    const answers = await Promise.all(logins)
    const refused = answers.filter(({ status }) => status === 503)
    assert.ok(refused.length > 0)
    assert.ok(answers.every(({ status }) => status === 503 || status === 400))
    assert.deepEqual(refused[0]?.json, { detail: 'Service temporarily unavailable, try again later.' })
    assert.match(refused[0]?.headers['retry-after'] ?? '', /^[2-5]$/)
  })
})

describe('a change of password at drf-token', () => {
  const change = { old_password: JOHN.password, new_password1: 'Password456', new_password2: 'Password456' }
  const changePassword = (app: TestApp, key: string, body: unknown) =>
    post(app, '/api/users/password/change/', body, { Authorization: `Token ${key}` })

  it('ends every session but the one that asked, and the old password with them', async (t) => {
    const app = await startWithJohn(t)
    const [own, other] = [await logIn(app), await logIn(app)]
    assert.equal((await changePassword(app, own, change)).status, 200)
    assert.equal((await details(app, own)).status, 200)
    assert.equal((await details(app, other)).status, 401)
    assert.equal((await post(app, LOGIN, JOHN)).status, 400)
    assert.equal((await post(app, LOGIN, { ...JOHN, password: 'Password456' })).status, 200)
  })

  it('tells what is wrong with the new password only to those who know the old one', async (t) => {
    const app = await startWithJohn(t)
    const key = await logIn(app)
    const { json } = await changePassword(app, key, { ...change, old_password: 'wrong', new_password1: 'x' })
    assert.deepEqual(Object.keys(json as object), ['old_password'])
  })

  it('charges a wrong old password to the account’s guess budget: three, as the document’s own is common', async (t) => {
    const app = await startWithJohn(t)
    const key = await logIn(app)
    const guess = () => changePassword(app, key, { ...change, old_password: 'Password124' })
    for (let count = 0; count < 3; count++) assert.equal((await guess()).status, 400)
    assert.equal((await guess()).status, 429)
    assert.equal((await post(app, LOGIN, JOHN)).status, 429)
  })
})

describe('the details of an account at drf-token', () => {
  it('are sent whole in a PUT, which needs the username; a username that is taken is refused', async (t) => {
    const app = await startWithJohn(t)
    await post(app, '/api/users/register/', { username: 'taken', password: 'Password123' })
    const headers = { Authorization: `Token ${await logIn(app)}` }
    const put = (json: unknown) => send(app, { method: 'PUT', path: '/api/users/user/', headers, json })
    assert.deepEqual((await put({ first_name: 'J' })).json, { username: REQUIRED })
    assert.deepEqual((await put({ username: 'Taken' })).json, {
      username: ['A user with that username already exists.'],
    })
    assert.equal((await put({ username: 'john' })).status, 200)
  })
})
