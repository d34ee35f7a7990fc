import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadConfig } from '../src/config/load-config.ts'
import { CONTRACT_NAMES } from '../src/contracts/index.ts'
import { createLog } from '../src/log.ts'
import { type Latchkey, openLatchkey } from '../src/open-latchkey.ts'
import { LOCAL } from './kit/clients.ts'
import { CONTRACT_LOGINS, loginOf, makePerson, REGISTRATIONS, registrationOf, tokenOf } from './kit/doors.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { createSharedDatabase } from './kit/postgres.ts'
import { invalidInput, problemOf } from './kit/problem.ts'
import { ask, type ServerProcess, startServerProcess } from './kit/server-process.ts'
import { untilKnownElsewhere } from './kit/staleness.ts'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'
import { findShapeFlaws, voiceOf } from './kit/voices.ts'
import { send, type WireAnswer } from './kit/wire.ts'

const PAIR = '/simplejwt/api/users/login/'
const PERSON = { ...makePerson('ada'), username: 'ada@example.com' }
const CASINGS = ['ada@example.com', 'ADA@EXAMPLE.COM', 'Ada@Example.com']

describe('on one process', () => {
  let test: TestApp
  beforeEach(async () => {
    test = await startTestApp({ config: LIGHT_HASHING })
  })
  const close = () => test.close()

  it('of 50 parallel registrations of one email in three casings through all doors exactly one wins', async (t) => {
    t.after(close)
    const attempts = Array.from({ length: 50 }, async (_, index) => {
      const doors = REGISTRATIONS.filter(({ gives }) => gives.email)
      const registration = doors[index % doors.length]
      assert.ok(registration)
      const email = CASINGS[index % CASINGS.length] ?? ''
      const username = registration.contract === 'simplejwt' ? email : `somebody-${index}`
      const answer = await send(test, registrationOf(registration, { ...PERSON, email, username }))
      return { registration, answer, email }
    })
    const outcomes = await Promise.all(attempts)
    const won = outcomes.filter(({ answer }) => answer.status < 300)
    assert.equal(won.length, 1)
    for (const { registration, answer, email } of outcomes.filter((outcome) => outcome !== won[0])) {
      assert.deepEqual({ status: answer.status, json: answer.json }, takenReply(registration.contract, email))
    }
    const accounts = await test.core.administration.listAccounts({ after: 0, limit: 100 })
    assert.equal(accounts.length, 1)
    assert.ok(CASINGS.includes(accounts[0]?.email ?? ''))
    for (const login of CONTRACT_LOGINS) {
      assert.equal((await send(test, loginOf(login, PERSON.email, PERSON.password))).status, login.opened)
    }
  })

  it('of 50 parallel registrations of one username exactly one wins', async (t) => {
    t.after(close)
    const json = { username: 'grace', password: PERSON.password }
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => send(test, { method: 'POST', path: '/api/users/register/', json })),
    )
    assert.deepEqual(count(outcomes), { 201: 1, 400: 49 })
  })

  it('of 200 parallel wrong guesses over all doors at most 10 are evaluated, and the rest are 429', async (t) => {
    // A budget that is used up waits a second at first: here it never passes.
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
    t.after(close)
    await registerAda(test)
    test.hasherCalls.verify = 0
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const login = CONTRACT_LOGINS[index % CONTRACT_LOGINS.length]
        assert.ok(login)
        return { login, answer: await send(test, loginOf(login, PERSON.email, `a wrong guess ${index}`)) }
      }),
    )
    assert.equal(test.hasherCalls.verify, 10)
    const refused = outcomes.filter(({ answer }) => answer.status === 429)
    assert.equal(refused.length, 190, JSON.stringify(count(outcomes.map(({ answer }) => answer))))
    for (const { login, answer } of refused) {
      assert.deepEqual(findShapeFlaws(voiceOf(login.path), 'POST', answer), [])
      const seconds = Number(answer.headers['retry-after'])
      assert.deepEqual(answer.json, throttledReply(login.contract, seconds))
    }
    for (const { login, answer } of outcomes.filter(({ answer }) => answer.status !== 429)) {
      assert.deepEqual({ status: answer.status, body: answer.json }, login.failure)
    }
    // The right password waits like any other: a guess that could be told apart would be worth a guess.
    for (const login of CONTRACT_LOGINS) {
      assert.equal((await send(test, loginOf(login, PERSON.email, PERSON.password))).status, 429)
    }
  })

  it('200 parallel guesses at a name that nobody has are limited like those at an account', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
    t.after(close)
    const budgets = new Set<number>()
    for (let name = 0; name < 8; name++) {
      test.hasherCalls.verify = 0
      const outcomes = await Promise.all(
        Array.from({ length: 200 }, (_, index) => {
          const login = CONTRACT_LOGINS[index % CONTRACT_LOGINS.length]
          assert.ok(login)
          return send(test, loginOf(login, `nobody-${name}@example.com`, `a wrong guess ${index}`))
        }),
      )
      const { verify } = test.hasherCalls
      assert.equal(outcomes.filter(({ status }) => status === 429).length, 200 - verify)
      budgets.add(verify)
    }
    // Some as an account with a weak password, the others as one with a good one.
    assert.deepEqual(budgets, new Set([3, 10]))
  })

  it('of 50 parallel guesses at the old password in a password change at most 10 are evaluated', async (t) => {
    t.after(close)
    await registerAda(test)
    const token = tokenOf(await signIn(test))
    test.hasherCalls.verify = 0
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) => changePassword(test, token, `wrong ${index}`, 'New-Password-1')),
    )
    assert.equal(test.hasherCalls.verify, 10)
    assert.deepEqual(count(outcomes), { 400: 10, 429: 40 })
  })

  it('a password proved before it was changed, or the account disabled, opens nothing afterwards', async (t) => {
    t.after(close)
    await registerAda(test)
    const { administration } = test.core
    const login = { identifier: PERSON.email, password: PERSON.password, client: LOCAL }
    const opening = { client: LOCAL, lifetime: 60, accessLifetime: 60, claims: () => ({}) }

    const proved = await test.core.authenticate(login)
    const { id } = proved.account
    await administration.setPassword(id, PERSON.password)
    const opens = ['openKeySession', 'openJwtSession', 'openPairSession'] as const
    for (const open of opens) await assert.rejects(test.core[open](proved, opening), { code: 'wrong_password' })

    const again = await test.core.authenticate(login)
    await administration.setActive(id, false)
    for (const open of opens) await assert.rejects(test.core[open](again, opening), { code: 'account_disabled' })
    await administration.setActive(id, true)
    for (const open of opens) await assert.rejects(test.core[open](again, opening), { code: 'wrong_password' })
    assert.deepEqual(await administration.listSessions({ accountId: id, limit: 10 }), [])
  })

  it('of parallel changes of one password one wins, and its sessions are the only ones', async (t) => {
    t.after(close)
    await registerAda(test)
    const tokens = (await Promise.all(Array.from({ length: 8 }, () => signIn(test)))).map(tokenOf)
    const outcomes = await Promise.all(
      tokens.map((token, index) => changePassword(test, token, PERSON.password, `New-Password-${index}`)),
    )
    assert.equal(outcomes.filter(({ status }) => status === 200).length, 1)
    for (const { status } of outcomes) assert.ok([200, 400, 401].includes(status), String(status))
    const winner = outcomes.findIndex(({ status }) => status === 200)
    for (const [index, token] of tokens.entries()) assert.equal(await isAlive(test, token), index === winner)
    assert.equal((await signIn(test, `New-Password-${winner}`)).status, 200)
    assert.equal((await signIn(test)).status, 401)
  })

  it('a refresh that races a logout gives a token that is dead, or none', async (t) => {
    t.after(close)
    await registerAda(test)
    for (let round = 0; round < 20; round++) {
      const opened = await signIn(test)
      const { access, refresh } = opened.json as { access: string; refresh: string }
      const authorization = `Bearer ${access}`
      const outcomes = await Promise.all([
        ...Array.from({ length: 10 }, () => refreshWith(test, refresh)),
        send(test, { method: 'POST', path: '/simplejwt/api/users/logout/', headers: { authorization } }),
        ...Array.from({ length: 10 }, () => refreshWith(test, refresh)),
      ])
      assert.equal(outcomes[10]?.status, 200)
      for (const [index, { status, json }] of outcomes.entries()) {
        assert.ok(status === 200 || status === 401, String(status))
        if (index !== 10 && status === 200) assert.equal(await isAlive(test, tokenOf({ json })), false)
      }
      assert.equal((await refreshWith(test, refresh)).status, 401)
    }
  })

  it('of 50 parallel logouts exactly one succeeds', async (t) => {
    t.after(close)
    await registerAda(test)
    for (const [path, method] of [
      ['/drf-token/api/users/logout/', 'POST'],
      ['/simplejwt/api/users/logout/', 'POST'],
      ['/v1/session', 'DELETE'],
    ] as const) {
      const headers = { authorization: `Token ${tokenOf(await signIn(test))}` }
      const outcomes = await Promise.all(Array.from({ length: 50 }, () => send(test, { method, path, headers })))
      assert.deepEqual(count(outcomes), { [method === 'DELETE' ? 204 : 200]: 1, 401: 49 })
    }
  })

  it('of 50 parallel blacklistings of one refresh token exactly one succeeds', async (t) => {
    t.after(close)
    await registerAda(test)
    const { refresh } = (await signIn(test)).json as { refresh: string }
    const blacklist = { method: 'POST', path: '/api/users/token/blacklist/', json: { refresh } }
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => send(test, blacklist)))
    assert.deepEqual(count(outcomes), { 200: 1, 401: 49 })
    assert.equal((await send(test, blacklist)).status, 401)
  })
})

describe('with hashing as slow as it really is', () => {
  it('a login under way while the password is changed opens nothing that lives', async (t) => {
    const test = await startTestApp({ limits: null })
    t.after(() => test.close())
    await registerAda(test)
    let password = PERSON.password
    for (let round = 0; round < 12; round++) {
      const changing = tokenOf(await signIn(test, password))
      const next = `Next-Password-${round}`
      const logins = CONTRACT_LOGINS.map((login) => send(test, loginOf(login, PERSON.email, password)))
      await sleep(round * 4)
      const change = changePassword(test, changing, password, next)
      const late = CONTRACT_LOGINS.map((login) => send(test, loginOf(login, PERSON.email, password)))
      assert.equal((await change).status, 200)
      for (const answer of await Promise.all([...logins, ...late])) {
        assert.ok(answer.status < 500)
        if (answer.status < 300) assert.equal(await isAlive(test, tokenOf(answer)), false)
      }
      assert.equal(await isAlive(test, changing), true)
      password = next
    }
  })
})

describe('on two processes with one database', () => {
  let database: Awaited<ReturnType<typeof createSharedDatabase>>
  let operator: Latchkey
  let servers: readonly [ServerProcess, ServerProcess]

  before(async () => {
    database = await createSharedDatabase()
    const env = {
      DATABASE_URL: database.url,
      LATCHKEY_SECRET: 'only-tests-have-this-secret-0123456789abcdef',
      LATCHKEY_PUBLIC_URL: 'http://localhost:8000',
    }
    // The first start makes the tables and the signing key: the two must come to the same.
    servers = await Promise.all([startServerProcess(env), startServerProcess(env)])
    const config = loadConfig({ env, contractNames: CONTRACT_NAMES })
    const log = createLog('silent', { write: () => {} }, { isForPeople: false })
    operator = await openLatchkey(config, { log })
  })
  after(async () => {
    await operator.close()
    for (const server of servers) server.terminate()
    const ends = await Promise.all(servers.map(({ ended }) => ended))
    for (const { code, stderr } of ends) assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    await database.drop()
  })

  it('a session opened on one is alive on the other, and a logout on one is seen there at once and on the other within a second', async () => {
    const [one, two] = servers
    await signUp('logout')
    for (const [here, there] of [
      [one, two],
      [two, one],
    ] as const) {
      const token = await signInAt(here, 'logout')
      assert.equal(await isAliveAt(there, token), 200)
      assert.equal(await isAliveAt(here, token), 200)
      assert.equal((await ask(`${here.url}/simplejwt/api/users/logout/`, { token })).status, 200)
      assert.equal(await isAliveAt(here, token), 401)
      // What a token shall change, its row must allow, at once and everywhere.
      assert.equal((await ask(`${there.url}/v1/session`, { method: 'DELETE', token })).status, 401)
      await untilKnownElsewhere()
      assert.equal(await isAliveAt(there, token), 401)
    }
  })

  it('what an operator disables is dead on both within a second', async () => {
    await signUp('disabled')
    const tokens = await Promise.all(servers.map((server) => signInAt(server, 'disabled')))
    const account = await operator.core.administration.findAccount('disabled@example.com')
    assert.ok(account)
    for (const server of servers) {
      for (const token of tokens) assert.equal(await isAliveAt(server, token), 200)
    }
    await operator.core.administration.setActive(account.id, false)
    await untilKnownElsewhere()
    for (const server of servers) {
      for (const token of tokens) assert.equal(await isAliveAt(server, token), 401)
      const { status } = await ask(`${server.url}${PAIR}`, { json: credentials('disabled') })
      assert.equal(status, 401)
    }
  })

  it('a password changed on one ends the sessions that the other opened, and opens none on it', async () => {
    const [one, two] = servers
    await signUp('changed')
    const [changing, other] = [await signInAt(one, 'changed'), await signInAt(two, 'changed')]
    const { password } = credentials('changed')
    const json = { old_password: password, new_password1: 'Changed-2', new_password2: 'Changed-2' }
    const change = await ask(`${one.url}/api/users/password/change/`, { token: changing, json })
    assert.equal(change.status, 200)
    assert.equal(await isAliveAt(one, other), 401)
    await untilKnownElsewhere()
    for (const server of servers) {
      assert.equal(await isAliveAt(server, other), 401)
      assert.equal(await isAliveAt(server, changing), 200)
      assert.equal((await ask(`${server.url}${PAIR}`, { json: credentials('changed') })).status, 401)
    }
    assert.equal(
      (await ask(`${two.url}${PAIR}`, { json: { ...credentials('changed'), password: 'Changed-2' } })).status,
      200,
    )
  })

  it('wrong guesses are counted together', async () => {
    await signUp('guessed')
    const json = { ...credentials('guessed'), password: 'a wrong guess' }
    const started = performance.now()
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, index) => ask(`${servers[index % 2 === 0 ? 0 : 1].url}${PAIR}`, { json })),
    )
    // A slow machine gets to the end of the first wait, of one second, and to that of the next, of two.
    const waited = Math.floor(Math.log2((performance.now() - started) / 1000 + 1))
    const judged = outcomes.filter(({ status }) => status === 401).length
    assert.ok(judged >= 10 && judged <= 10 + waited, `${judged} were judged`)
    assert.deepEqual(count(outcomes), { 401: judged, 429: 60 - judged })
  })

  it('of 20 parallel registrations of one email on both exactly one wins', async () => {
    const json = { name: 'Ada', email: 'both@example.com', password: 'Password-1' }
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        ask(`${servers[index % 2 === 0 ? 0 : 1].url}/api/auth/register/`, { json }),
      ),
    )
    assert.deepEqual(count(outcomes), { 200: 1, 400: 19 })
  })

  it('of 40 parallel logouts on both exactly one succeeds', async () => {
    await signUp('leaving')
    const token = await signInAt(servers[0], 'leaving')
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        ask(`${servers[index % 2 === 0 ? 0 : 1].url}/v1/session`, { method: 'DELETE', token }),
      ),
    )
    assert.deepEqual(count(outcomes), { 204: 1, 401: 39 })
  })

  function credentials(word: string): { username: string; password: string } {
    const { email, password } = makePerson(word)
    return { username: email, password }
  }

  async function signUp(word: string): Promise<void> {
    const { status } = await ask(`${servers[0].url}/api/users/register/`, { json: credentials(word) })
    assert.equal(status, 201)
  }

  async function signInAt({ url }: ServerProcess, word: string): Promise<string> {
    const { status, json } = await ask(`${url}${PAIR}`, { json: credentials(word) })
    assert.equal(status, 200)
    return tokenOf({ json })
  }

  async function isAliveAt({ url }: ServerProcess, token: string): Promise<number> {
    return (await ask(`${url}/v1/session`, { method: 'GET', token })).status
  }
})

function takenReply(contract: string, email: string): { status: number; json: unknown } {
  const inUse = { value: email, msg: 'Email already exists!', param: 'email', location: 'body' }
  switch (contract) {
    case 'drf-jwt':
      return { status: 400, json: { email: ['user with this email already exists.'] } }
    case 'drf-token':
      return { status: 400, json: { email: ['A user with this email already exists.'] } }
    case 'express-jwt':
      return { status: 400, json: { status: 'fail', errors: { email: inUse } } }
    case 'v1': {
      const error = { field: 'email', code: 'taken', detail: 'Somebody has this already.' }
      return { status: 400, json: invalidInput(error) }
    }
    default:
      return { status: 400, json: { username: ['A user with that username already exists.'] } }
  }
}

function throttledReply(contract: string, seconds: number): unknown {
  switch (contract) {
    case 'express-jwt':
      return { status: 'fail', errors: { main: { msg: `Too many attempts, try again in ${seconds} seconds` } } }
    case 'v1':
      return problemOf(429, 'too_many_attempts', 'Too many attempts. Wait as long as Retry-After says.')
    default:
      return { detail: `Request was throttled. Expected available in ${seconds} second${seconds === 1 ? '' : 's'}.` }
  }
}

function count(outcomes: readonly { readonly status: number }[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of outcomes) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

async function registerAda(test: TestApp): Promise<void> {
  const json = { username: PERSON.email, password: PERSON.password }
  const { status } = await send(test, { method: 'POST', path: '/api/users/register/', json })
  assert.equal(status, 201)
}

async function signIn(test: TestApp, password = PERSON.password): Promise<WireAnswer> {
  return send(test, { method: 'POST', path: PAIR, json: { username: PERSON.email, password } })
}

async function refreshWith(test: TestApp, refresh: string): Promise<WireAnswer> {
  return send(test, { method: 'POST', path: '/api/users/token/refresh/', json: { refresh } })
}

async function changePassword(test: TestApp, token: string, old: string, next: string): Promise<WireAnswer> {
  const json = { old_password: old, new_password1: next, new_password2: next }
  const headers = { authorization: `Bearer ${token}` }
  return send(test, { method: 'POST', path: '/api/users/password/change/', headers, json })
}

async function isAlive(test: TestApp, token: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}` }
  const { status } = await send(test, { method: 'GET', path: '/v1/session', headers })
  return status === 200
}
