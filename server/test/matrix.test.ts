import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  CONTRACT_LOGINS,
  LOGINS,
  type LoginDoor,
  loginOf,
  makePerson,
  type Person,
  REGISTRATIONS,
  type RegistrationDoor,
  refreshTokenOf,
  registrationOf,
  tokenOf,
} from './kit/doors.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'
import { send, type TableRequest, type WireAnswer } from './kit/wire.ts'

/** The routes that ask for a token, each with a body with which nothing is changed. */
const GUARDED = [
  { method: 'GET', path: '/v1/session' },
  { method: 'GET', path: '/v1/forward-auth' },
  { method: 'GET', path: '/api/users/user/' },
  { method: 'PATCH', path: '/api/users/user/', json: {} },
  { method: 'PUT', path: '/api/users/user/', json: {} },
  { method: 'POST', path: '/api/users/password/change/', json: {} },
] as const satisfies readonly TableRequest[]

/** The routes that end the session of the token they are asked with. */
const ENDING = [
  { name: "002's logout", method: 'POST', path: '/drf-token/api/users/logout/', status: 200 },
  { name: "004's logout", method: 'POST', path: '/simplejwt/api/users/logout/', status: 200 },
  { name: 'the shared logout', method: 'POST', path: '/api/users/logout/', status: 200 },
  { name: 'DELETE /v1/session', method: 'DELETE', path: '/v1/session', status: 204 },
] as const

const SCHEMES = ['Bearer', 'Token'] as const

type Opened = { readonly token: string; readonly refresh: string | null }

let test: TestApp
let people = 0
before(async () => {
  test = await startTestApp({ config: LIGHT_HASHING })
})
after(() => test.close())

for (const registration of REGISTRATIONS) {
  const names = [registration.gives.email && 'an email', registration.gives.username && 'a username'].filter(Boolean)

  describe(`an account made through ${registration.contract} at ${registration.path} with ${names.join(' and ')}`, () => {
    for (const login of LOGINS) describeLogin(registration, login)
    for (const login of CONTRACT_LOGINS) describeEnds(registration, login)
  })
}

describe('the names of one account', () => {
  it('are whole at 002 and /v1 when a contract with one name made it', async () => {
    for (const registration of REGISTRATIONS.filter(({ contract }) => /^(drf-jwt|express-jwt)$/.test(contract))) {
      const person = await register(registration)
      const { token } = await open(LOGINS[2], person.email, person.password)
      const { json } = await request({ method: 'GET', path: '/api/users/user/' }, 'Token', token)
      const { first_name, last_name } = json as Record<string, string>
      assert.deepEqual({ first_name, last_name }, { first_name: 'Ada', last_name: 'Lovelace King' })
    }
  })

  it('are whole at 000 when 002 made it of two', async () => {
    const person = await register(REGISTRATIONS[2])
    const { json } = await send(test, loginOf(door(LOGINS[0]), person.email, person.password))
    const { token: _, ...rest } = json as Record<string, string>
    assert.deepEqual(rest, { name: 'Ada Lovelace King', username: '', phone_number: '' })
  })

  it('are empty texts, never null, when 004 made it of none', async () => {
    const person = await register(REGISTRATIONS[4])
    const { token } = await open(LOGINS[4], person.username, person.password)
    const { json } = await request({ method: 'GET', path: '/api/users/user/' }, 'Bearer', token)
    const { pk, ...rest } = json as Record<string, unknown>
    assert.equal(typeof pk, 'number')
    assert.deepEqual(rest, { username: person.username, email: '', first_name: '', last_name: '' })
  })
})

function describeLogin(registration: RegistrationDoor, login: LoginDoor): void {
  const { gives } = registration
  const at = `${login.contract} at ${login.path}`

  if (gives.email) {
    it(`signs in by its email through ${at}, in any letters`, async () => {
      const person = await register(registration)
      for (const email of [person.email, person.email.toUpperCase()]) {
        await assertOpens(login, await send(test, loginOf(login, email, person.password)), person)
      }
    })
  }
  if (gives.username && login.takesUsernames) {
    it(`signs in by its username through ${at}, in any letters`, async () => {
      const person = await register(registration)
      for (const username of [person.username, person.username.toUpperCase()]) {
        await assertOpens(login, await send(test, loginOf(login, username, person.password)), person)
      }
    })
  }
  if (gives.username && !login.takesUsernames) {
    it(`does not sign in by its username through ${at}, which takes emails only`, async () => {
      const person = await register(registration)
      const answer = await send(test, loginOf(login, person.username, person.password))
      const malformed = { value: person.username, msg: 'Email format invalid!', param: 'email', location: 'body' }
      const expected =
        login.contract === 'express-jwt'
          ? { status: 400, body: { status: 'fail', errors: { email: malformed } } }
          : login.failure
      assert.deepEqual({ status: answer.status, body: answer.json }, expected)
    })
  }
  it(`does not sign in with another password through ${at}`, async () => {
    const person = await register(registration)
    const answer = await send(test, loginOf(login, nameAt(login, registration, person), `${person.password}!`))
    if (login.contract === 'express-jwt' && !gives.email) assert.equal(answer.status, 400)
    else assert.deepEqual({ status: answer.status, body: answer.json }, login.failure)
  })
}

function describeEnds(registration: RegistrationDoor, login: LoginDoor): void {
  const { gives } = registration
  if (!gives.email && !login.takesUsernames) return
  const session = `its ${login.contract} session`

  it(`uses ${session} on every route under both schemes`, async () => {
    const { token, refresh } = await openTwo()
    await assertAlive({ token, refresh })
  })

  for (const ending of ENDING) {
    it(`ends ${session} by ${ending.name} and no other`, async () => {
      const { token, refresh, other } = await openTwo()
      for (const [scheme, session] of [
        ['Bearer', { token, refresh }],
        ['Token', other],
      ] as const) {
        const third = await openTwo()
        const { status } = await request(ending, scheme, session.token)
        assert.equal(status, ending.status)
        await assertDead(session)
        await assertAlive(third.other)
      }
    })
  }

  it(`ends ${session} by token/blacklist/ if it has a refresh token, and no other`, async () => {
    const { token, refresh, other } = await openTwo()
    const path = '/api/users/token/blacklist/'
    const { status } = await send(test, { method: 'POST', path, json: { refresh: refresh ?? token } })
    assert.equal(status, refresh === null ? 401 : 200)
    if (refresh !== null) await assertDead({ token, refresh })
    else await assertAlive({ token, refresh })
    await assertAlive(other)
  })

  it(`ends ${session} when another session changes the password, and keeps that one`, async () => {
    const { token, refresh, other, person } = await openTwo()
    const password = 'another-Password-2'
    const json = { old_password: person.password, new_password1: password, new_password2: password }
    const change = { method: 'POST', path: '/api/users/password/change/', json }
    const { status, text } = await request(change, 'Bearer', other.token)
    assert.equal(status, 200, text)
    await assertDead({ token, refresh })
    await assertAlive(other)
    const name = nameAt(login, registration, person)
    const { status: failed, json: failure } = await send(test, loginOf(login, name, person.password))
    assert.deepEqual({ status: failed, body: failure }, login.failure)
    await assertOpens(login, await send(test, loginOf(login, name, password)), person)
  })

  it(`ends ${session} with all others when the account is disabled, and enabling brings none back`, async () => {
    const { token, refresh, other, id } = await openTwo()
    await test.core.administration.setActive(id, false)
    await assertDead({ token, refresh })
    await assertDead(other)
    await test.core.administration.setActive(id, true)
    await assertDead({ token, refresh })
    await assertDead(other)
  })

  it(`ends ${session} with all others when the account is deleted`, async () => {
    const { token, refresh, other, id } = await openTwo()
    assert.equal(await test.core.administration.deleteAccount(id), true)
    await assertDead({ token, refresh })
    await assertDead(other)
  })

  it(`ends ${session} when an operator revokes it, or sets a password`, async () => {
    const { token, refresh, other, id } = await openTwo()
    const { json } = await request({ method: 'GET', path: '/v1/session' }, 'Bearer', token)
    await test.core.administration.revokeSession((json as { session: { id: string } }).session.id)
    await assertDead({ token, refresh })
    await assertAlive(other)
    await test.core.administration.setPassword(id, 'set by an operator')
    await assertDead(other)
  })

  /** A new account with two sessions, opened by the same door. */
  async function openTwo(): Promise<Opened & { other: Opened; person: Person; id: number }> {
    const person = await register(registration)
    const name = nameAt(login, registration, person)
    const [first, other] = [await open(login, name, person.password), await open(login, name, person.password)]
    const account = await test.core.administration.findAccount(name)
    assert.ok(account)
    return { ...first, other, person, id: account.id }
  }
}

async function register(registration: RegistrationDoor | undefined): Promise<Person> {
  assert.ok(registration)
  const person = makePerson(`person-${++people}`)
  const { status, text } = await send(test, registrationOf(registration, person))
  assert.equal(status, registration.created, text)
  return person
}

function door(login: LoginDoor | undefined): LoginDoor {
  assert.ok(login)
  return login
}

async function open(login: LoginDoor | undefined, name: string, password: string): Promise<Opened> {
  const answer = await send(test, loginOf(door(login), name, password))
  assert.equal(answer.status, login?.opened, answer.text)
  return { token: tokenOf(answer), refresh: refreshTokenOf(answer) }
}

function nameAt({ takesUsernames }: LoginDoor, { gives }: RegistrationDoor, { email, username }: Person): string {
  return gives.username && (takesUsernames || !gives.email) ? username : email
}

async function request(
  { method, path, json }: Pick<TableRequest, 'method' | 'path' | 'json'>,
  scheme: string,
  token: string,
): Promise<WireAnswer> {
  return send(test, { method, path, json, headers: { authorization: `${scheme} ${token}` } })
}

async function assertOpens({ opened }: LoginDoor, answer: WireAnswer, { email, username }: Person): Promise<void> {
  assert.equal(answer.status, opened, answer.text)
  const { json } = await request({ method: 'GET', path: '/v1/session' }, 'Bearer', tokenOf(answer))
  const { account } = json as { account: { email: string; username: string } }
  assert.ok([email, username].includes(account.email || account.username))
}

async function assertAlive({ token, refresh }: Opened): Promise<void> {
  for (const scheme of SCHEMES) {
    for (const route of GUARDED) {
      const { status, text } = await request(route, scheme, token)
      const expected = route.method === 'PUT' || route.method === 'POST' ? 400 : 200
      assert.equal(status, expected, `${scheme} ${route.method} ${route.path}: ${text}`)
    }
  }
  if (refresh === null) return
  for (const route of [...GUARDED, ...ENDING]) {
    const { status } = await request(route, 'Bearer', refresh)
    assert.equal(status, 401, `a refresh token is no access token at ${route.method} ${route.path}`)
  }
  const renewed = await send(test, { method: 'POST', path: '/api/users/token/refresh/', json: { refresh } })
  assert.equal(renewed.status, 200, renewed.text)
  assert.deepEqual(Object.keys(renewed.json as object), ['access'])
  const again = await send(test, { method: 'POST', path: '/v1/session/refresh', json: { refresh_token: refresh } })
  assert.equal(again.status, 200, again.text)
  for (const alive of [token, refresh, tokenOf(renewed), tokenOf(again)]) {
    const { status } = await send(test, {
      method: 'POST',
      path: '/api/users/token/verify/',
      json: { token: alive },
    })
    assert.equal(status, 200)
  }
}

async function assertDead({ token, refresh }: Opened): Promise<void> {
  for (const scheme of SCHEMES) {
    for (const route of [...GUARDED, ...ENDING]) {
      const { status, headers, text } = await request(route, scheme, token)
      assert.equal(status, 401, `${scheme} ${route.method} ${route.path}: ${text}`)
      assert.ok(headers['www-authenticate'])
    }
  }
  for (const [path, field, value] of [
    ['/api/users/token/verify/', 'token', token],
    ['/api/users/token/verify/', 'token', refresh],
    ['/api/users/token/refresh/', 'refresh', refresh],
    ['/api/users/token/blacklist/', 'refresh', refresh],
  ] as const) {
    if (value === null) continue
    const { status, json } = await send(test, { method: 'POST', path, json: { [field]: value } })
    assert.deepEqual({ status, json }, { status: 401, json: { detail: 'Token is invalid or expired' } })
  }
  if (refresh === null) return
  const { status } = await send(test, { method: 'POST', path: '/v1/session/refresh', json: { refresh_token: refresh } })
  assert.equal(status, 400)
}
