import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { normaliseIdentifier } from '../src/core/identifier.ts'
import { openLatchkey } from '../src/open-latchkey.ts'
import { readConfig } from '../src/read-config.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { addLegacyAccounts } from './kit/legacy-accounts.ts'
import { type OldServer, startOldServer } from './kit/old-server.ts'
import { makeEnvironment } from './kit/run-cli.ts'
// Run once: the store's suite holds every database to what this asks of it.
import { startTestApp as startApp, type TestApp, type TestOptions } from './kit/start-test-app.ts'

const ADA = 'ada@example.com'
const RIGHT = 'the old Password-1'
const WRONG = 'a wrong Password-1'

/** The login of each contract, and how it answers. */
const DOORS = {
  'drf-token': { path: '/api/users/login/', name: 'email', setting: 'legacyDrfTokenUrl', failed: 400 },
  'drf-jwt': { path: '/user/login/', name: 'email', setting: 'legacyDrfJwtUrl', failed: 400 },
  'express-jwt': { path: '/api/auth/login/', name: 'email', setting: 'legacyExpressJwtUrl', failed: 400 },
  simplejwt: { path: '/api/users/login/', name: 'username', setting: 'legacySimplejwtUrl', failed: 401 },
} as const
type Contract = keyof typeof DOORS
const CONTRACTS = Object.keys(DOORS) as Contract[]

/** An old server, and Latchkey in front of it. */
type Pair = { readonly old: OldServer; readonly test: TestApp; stopOld(): Promise<void> }

async function start(
  t: TestContext,
  { contracts = CONTRACTS, ...options }: TestOptions & { contracts?: readonly Contract[] } = {},
): Promise<Pair> {
  const old = await startOldServer({ [ADA]: { id: 7, password: RIGHT }, ada: { id: 7, password: RIGHT, email: ADA } })
  let isOn = true
  const stopOld = async () => {
    if (isOn) await old.close()
    isOn = false
  }
  t.after(stopOld)
  const urls = Object.fromEntries(contracts.map((contract) => [DOORS[contract].setting, old.url]))
  const test = await startApp({ ...options, config: { ...LIGHT_HASHING, ...urls, ...options.config } })
  t.after(test.close)
  return { old, test, stopOld }
}

async function logIn(
  { app }: Pick<TestApp, 'app'>,
  contract: Contract,
  { name, password }: { name: string; password: string },
) {
  const { path, name: field } = DOORS[contract]
  const reply = await app.inject({ method: 'POST', url: path, payload: { [field]: name, password } })
  return { status: reply.statusCode, body: reply.payload, json: reply.json() }
}

const accountOf = ({ store }: TestApp, name: string) =>
  store.findAccount({ by: 'identifier', identifier: normaliseIdentifier(name) })
const eventsOf = ({ audit }: TestApp) => audit.map(({ type, detail }) => [type, detail])

describe('somebody whom only the old server knows', () => {
  for (const contract of CONTRACTS) {
    const name = contract === 'simplejwt' ? 'ada' : ADA

    it(`gets in through ${contract} with the old password, and the next time the old server is not asked`, async (t) => {
      const { old, test, stopOld } = await start(t)
      const first = await logIn(test, contract, { name, password: RIGHT })
      assert.equal(first.status, 200, first.body)
      assert.equal(old.received.length, 1)
      const account = await accountOf(test, name)
      const credential = await test.store.findCredentialById(account?.id ?? 0)
      assert.match(credential?.passwordHash ?? '', /^\$argon2id\$/)
      assert.equal(account?.emailVerified, false)
      assert.equal(account?.isStaff, false)
      assert.ok(eventsOf(test).some(([type]) => type === 'account_adopted'))

      await stopOld()
      assert.equal((await logIn(test, contract, { name: name.toUpperCase(), password: RIGHT })).status, 200)
      assert.equal((await logIn(test, contract, { name, password: WRONG })).status, DOORS[contract].failed)
      assert.equal(old.received.length, 1)
    })

    it(`does not get in through ${contract} with a wrong password, and is told what any other is told`, async (t) => {
      const { old, test } = await start(t)
      const unknown = await logIn(test, contract, { name, password: WRONG })
      assert.equal(unknown.status, DOORS[contract].failed)
      assert.equal(old.received.length, 1)
      assert.equal(await accountOf(test, name), null)
      await logIn(test, contract, { name, password: RIGHT })
      const known = await logIn(test, contract, { name, password: WRONG })
      assert.deepEqual(known, unknown)
    })

    it(`is told the same through ${contract} as nobody is when the old server does not answer`, async (t) => {
      const { old, test } = await start(t, { limits: null })
      old.users.delete(name)
      const refused = await logIn(test, contract, { name, password: WRONG })
      old.users.set(name, { id: 7, password: RIGHT })
      for (const status of [500, 302, 429]) {
        old.answer(status)
        assert.deepEqual(await logIn(test, contract, { name, password: RIGHT }), refused)
      }
      old.behave()
      assert.equal((await logIn(test, contract, { name, password: RIGHT })).status, 200)
    })
  }

  it('is found under every name that the old server shows, with the profile that it shows', async (t) => {
    const { test, stopOld } = await start(t)
    const shown = await logIn(test, 'drf-jwt', { name: ADA, password: RIGHT })
    const { token, ...profile } = shown.json
    assert.deepEqual(profile, { name: 'Ada Lovelace', username: 'ada', phone_number: '+4915112345678' })
    await stopOld()
    const account = await accountOf(test, 'ADA')
    assert.deepEqual([account?.email, account?.username, account?.profile.lastName], [ADA, 'ada', 'Lovelace'])
    assert.equal((await logIn(test, 'simplejwt', { name: 'ada', password: RIGHT })).status, 200)
  })

  it('is known by the id of the old server, under the name of each contract that is the same back end', async (t) => {
    const { test } = await start(t, { contracts: ['drf-jwt', 'simplejwt'] })
    await logIn(test, 'drf-jwt', { name: ADA, password: RIGHT })
    const account = await accountOf(test, ADA)
    const ids = await test.store.listLegacyIds(account?.id ?? 0)
    assert.deepEqual(ids.map(({ source, legacyId }) => `${source} ${legacyId}`).sort(), ['drf-jwt 7', 'simplejwt 7'])
  })

  it('is one account under two names of the old server, and the password here counts for both', async (t) => {
    const { old, test } = await start(t, { contracts: ['drf-jwt', 'simplejwt'] })
    old.users.set('ada-by-phone', { id: 7, password: RIGHT })
    await logIn(test, 'drf-jwt', { name: ADA, password: RIGHT })
    assert.equal((await logIn(test, 'simplejwt', { name: 'ada-by-phone', password: RIGHT })).status, 200)
    const account = await accountOf(test, ADA)
    await test.core.administration.setPassword(account?.id ?? 0, 'a new Password-2')
    const stale = await logIn(test, 'simplejwt', { name: 'ada-by-phone', password: RIGHT })
    assert.equal(stale.status, 401)
    assert.equal((await test.core.administration.listAccounts({ after: 0, limit: 10 })).length, 1)
  })

  it('keeps the password that a stack took stripped, however it is typed then', async (t) => {
    const { old, test, stopOld } = await start(t)
    old.users.set(ADA, { id: 7, password: ` ${RIGHT} ` })
    assert.equal((await logIn(test, 'drf-token', { name: ADA, password: ` ${RIGHT} ` })).status, 200)
    await stopOld()
    assert.equal((await logIn(test, 'drf-token', { name: ADA, password: RIGHT })).status, 200)
    assert.equal((await logIn(test, 'drf-token', { name: ADA, password: ` ${RIGHT} ` })).status, 200)
  })

  it('is made once, however many of its logins come at one moment', async (t) => {
    const { test } = await start(t, { limits: null })
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => logIn(test, 'drf-token', { name: ADA, password: RIGHT })),
    )
    for (const { status, body } of replies) assert.equal(status, 200, body)
    assert.equal((await test.core.administration.listAccounts({ after: 0, limit: 10 })).length, 1)
    assert.equal(eventsOf(test).filter(([type]) => type === 'account_adopted').length, 1)
  })

  it('uses up one guess a question, and nobody is asked when they are used up', async (t) => {
    const { old, test } = await start(t)
    const statuses: number[] = []
    for (let guess = 0; guess < 12; guess++) {
      statuses.push((await logIn(test, 'simplejwt', { name: ADA, password: WRONG })).status)
    }
    const judged = statuses.filter((status) => status === 401).length
    assert.ok(judged > 0 && judged <= 10)
    assert.equal(old.received.length, judged)
    assert.ok(statuses.slice(judged).every((status) => status === 429))
  })

  it('is nobody to /v1, which has no old server', async (t) => {
    const { old, test } = await start(t)
    const payload = { identifier: ADA, password: RIGHT }
    const reply = await test.app.inject({ method: 'POST', url: '/v1/sessions', payload })
    assert.equal(reply.statusCode, 400, reply.payload)
    assert.equal(old.received.length, 0)
  })

  it('is not asked for by what no server should be sent', async (t) => {
    const { old, test } = await start(t)
    const long = `${'a'.repeat(250)}@example.com`
    for (const name of ['no-address', 'a\ud800@example.com', long])
      await logIn(test, 'drf-token', { name, password: RIGHT })
    assert.ok(old.asked().every(({ email = '' }) => email.endsWith('@latchkey.invalid')))
  })

  it('is moved in by another Latchkey too, token for token the same contract', async (t) => {
    const before = await startApp({ config: LIGHT_HASHING })
    t.after(before.close)
    const person = { first_name: 'Ada', last_name: 'King', email: ADA, password1: RIGHT, password2: RIGHT }
    await before.app.inject({ method: 'POST', url: '/api/users/registration/', payload: person })
    const url = await before.app.listen({ host: '127.0.0.1', port: 0 })
    const config = Object.fromEntries(CONTRACTS.map((contract) => [DOORS[contract].setting, url]))
    for (const contract of CONTRACTS) {
      const test = await startApp({ config: { ...LIGHT_HASHING, ...config } })
      t.after(test.close)
      const moved = await logIn(test, contract, { name: ADA, password: RIGHT })
      assert.equal(moved.status, 200, `${contract} ${moved.body}`)
      const account = await accountOf(test, ADA)
      const ids = await test.store.listLegacyIds(account?.id ?? 0)
      assert.equal(ids.length, contract === 'drf-token' ? 0 : 4, contract)
    }
  })
})

describe('an account that is here', () => {
  it('whose hash cannot be read gets one of our own from the old server’s yes, once', async (t) => {
    const { old, test, stopOld } = await start(t)
    await addLegacyAccounts(test.store, { ada: 'sha3$what-nobody-reads' }, { legacyFormat: 'unreadable' })
    assert.equal((await logIn(test, 'simplejwt', { name: 'ada', password: WRONG })).status, 401)
    assert.equal((await logIn(test, 'simplejwt', { name: 'ada', password: RIGHT })).status, 200)
    assert.equal(old.received.length, 2)
    await stopOld()
    assert.equal((await logIn(test, 'simplejwt', { name: ADA, password: RIGHT })).status, 200)
    const { formats } = await test.store.countLegacyFormats()
    assert.deepEqual(formats, {})
    assert.deepEqual(
      test.audit.filter(({ type }) => type === 'account_adopted').map(({ detail }) => detail),
      [{ what: 'password' }],
    )
  })

  it('whose hash cannot be read is not given to somebody else who has its name at the old server now', async (t) => {
    const { test } = await start(t)
    const hash = 'sha3$what-nobody-reads'
    await addLegacyAccounts(test.store, { ada: hash }, { source: 'default', legacyId: '9', legacyFormat: 'unreadable' })
    assert.equal((await logIn(test, 'simplejwt', { name: 'ada', password: RIGHT })).status, 401)
    assert.equal((await test.store.findCredential(normaliseIdentifier('ada')))?.passwordHash, hash)
  })

  it('whose hash cannot be read is not given to who has nothing but its id, which may be another back end’s', async (t) => {
    const { old, test } = await start(t, { limits: null })
    const unreadable = { legacyFormat: 'unreadable', legacyId: '7' }
    const hash = 'sha3$what-nobody-reads'
    await addLegacyAccounts(test.store, { grace: hash }, { ...unreadable, source: 'default' })
    const hashOf = async (name: string) => (await test.store.findCredential(normaliseIdentifier(name)))?.passwordHash
    old.users.set('bob', { id: 7, password: RIGHT })
    assert.equal((await logIn(test, 'simplejwt', { name: 'bob', password: RIGHT })).status, 401)
    assert.equal(await hashOf('grace'), hash)
    old.users.set('bob', { id: 7, password: RIGHT, email: 'GRACE@example.com' })
    assert.equal((await logIn(test, 'simplejwt', { name: 'bob', password: RIGHT })).status, 200)
    assert.match((await hashOf('grace')) ?? '', /^\$argon2id\$/)

    // Of an import that said whose ids they are, the id is enough.
    await addLegacyAccounts(test.store, { joan: hash }, { ...unreadable, legacyId: '9', source: 'simplejwt' })
    old.users.set('joan-by-phone', { id: 9, password: RIGHT })
    assert.equal((await logIn(test, 'simplejwt', { name: 'joan-by-phone', password: RIGHT })).status, 200)
    assert.match((await hashOf('joan')) ?? '', /^\$argon2id\$/)
  })

  it('whose hash cannot be read and that is disabled stays as it is', async (t) => {
    const { test } = await start(t)
    const hash = 'sha3$what-nobody-reads'
    await addLegacyAccounts(test.store, { ada: hash }, { legacyId: '7', isActive: false })
    assert.equal((await logIn(test, 'drf-token', { name: ADA, password: RIGHT })).status, 400)
    assert.equal((await test.store.findCredential(normaliseIdentifier('ada')))?.passwordHash, hash)
  })

  it('is never asked about, but fails as slowly: the pause stands where the question would', async (t) => {
    const { old, test } = await start(t)
    await logIn(test, 'simplejwt', { name: 'ada', password: RIGHT })
    const account = await accountOf(test, 'ada')
    await logIn(test, 'simplejwt', { name: 'ada', password: WRONG })
    await test.core.administration.setActive(account?.id ?? 0, false)
    await logIn(test, 'simplejwt', { name: 'ada', password: RIGHT })
    // The first of them found out, by a name that nobody has, how long a no takes.
    const [, ...others] = old.asked().map(({ username = '' }) => username)
    assert.equal(others.length, 1)
    assert.match(others[0] ?? '', /@latchkey\.invalid$/)
  })
})

describe('a name that was registered here while an old server knows it', () => {
  const person = (email: string) => ({
    first_name: 'Eve',
    last_name: 'Else',
    email,
    password1: 'Squatter-1',
    password2: 'Squatter-1',
  })
  const register = ({ app }: TestApp, email: string) =>
    app.inject({ method: 'POST', url: '/api/users/registration/', payload: person(email) })

  it('goes to its owner there: who had it here is signed out, and disabled where it was the only name', async (t) => {
    const { test } = await start(t)
    assert.equal((await register(test, ADA)).statusCode, 201)
    const squatter = await logIn(test, 'drf-token', { name: ADA, password: 'Squatter-1' })
    assert.equal(squatter.status, 200)
    const first = await accountOf(test, ADA)

    assert.equal((await logIn(test, 'drf-token', { name: ADA, password: RIGHT })).status, 200)
    const owner = await accountOf(test, ADA)
    assert.notEqual(owner?.id, first?.id)
    assert.notEqual(owner?.profile.firstName, 'Eve')
    const loser = await test.store.findAccount({ by: 'id', id: first?.id ?? 0 })
    assert.deepEqual([loser?.isActive, loser?.email], [false, null])
    const headers = { authorization: `Token ${squatter.json.key}` }
    const reply = await test.app.inject({ method: 'GET', url: '/api/users/user/', headers })
    assert.equal(reply.statusCode, 401)
    assert.equal((await logIn(test, 'drf-token', { name: ADA, password: 'Squatter-1' })).status, 400)
    const handedOver = test.audit.find(({ type }) => type === 'name_handed_over')
    assert.deepEqual([handedOver?.accountId, handedOver?.detail], [first?.id, { to: `${owner?.id}` }])
  })

  it('stays where it is for a wrong password there', async (t) => {
    const { test } = await start(t)
    await register(test, ADA)
    assert.equal((await logIn(test, 'drf-token', { name: ADA, password: WRONG })).status, 400)
    assert.equal((await logIn(test, 'drf-token', { name: ADA, password: 'Squatter-1' })).status, 200)
  })

  it('stays where it is for somebody else there who shows it as their address, which nobody proved', async (t) => {
    const { old, test } = await start(t)
    const eve = 'eve@example.com'
    await register(test, eve)
    const { json } = await logIn(test, 'drf-token', { name: eve, password: 'Squatter-1' })
    old.users.set('mallory', { id: 8, password: RIGHT, email: eve })
    assert.equal((await logIn(test, 'simplejwt', { name: 'mallory', password: RIGHT })).status, 200)
    assert.equal((await accountOf(test, 'mallory'))?.email, null)
    const headers = { authorization: `Token ${json.key}` }
    assert.equal((await test.app.inject({ method: 'GET', url: '/api/users/user/', headers })).statusCode, 200)
    assert.equal((await logIn(test, 'drf-token', { name: eve, password: 'Squatter-1' })).status, 200)
  })

  it('stays where it is once a letter proved the address', async (t) => {
    const mail = { mailUrl: 'smtp://localhost', mailFrom: 'a@example.com', resetUrl: 'x', verifyUrl: 'https://x/{key}' }
    const { old, test } = await start(t, { config: mail })
    await register(test, ADA)
    await test.core.deliverLetters()
    const [letter] = test.letters
    assert.ok(letter !== undefined)
    const { token: key } = letter
    const url = '/api/users/registration/verify-email/'
    assert.equal((await test.app.inject({ method: 'POST', url, payload: { key } })).statusCode, 200)
    assert.equal((await logIn(test, 'drf-token', { name: ADA, password: RIGHT })).status, 400)
    assert.ok(old.asked().every(({ email }) => email !== ADA))
  })

  it('stays where it is where an operator made the account, or it was here before an old server was set', async (t) => {
    const { test } = await start(t)
    await test.core.administration.createAccount({ email: ADA, password: 'Operator-1' }, { isStaff: false })
    assert.equal((await logIn(test, 'drf-token', { name: ADA, password: RIGHT })).status, 400)
    assert.equal((await logIn(test, 'drf-token', { name: ADA, password: 'Operator-1' })).status, 200)
  })

  it('is given back by whoever took it as a new username, and keeps the rest of the account', async (t) => {
    const { test } = await start(t)
    await register(test, 'eve@example.com')
    const { json } = await logIn(test, 'drf-token', { name: 'eve@example.com', password: 'Squatter-1' })
    const headers = { authorization: `Token ${json.key}` }
    const payload = { username: 'ada', first_name: 'Eve' }
    const put = await test.app.inject({ method: 'PUT', url: '/api/users/user/', headers, payload })
    assert.equal(put.statusCode, 200, put.payload)
    assert.equal((await logIn(test, 'simplejwt', { name: 'ada', password: RIGHT })).status, 200)
    const eve = await accountOf(test, 'eve@example.com')
    assert.deepEqual([eve?.username, eve?.isActive], [null, true])
    assert.equal((await accountOf(test, 'ada'))?.email, ADA)
    assert.equal((await logIn(test, 'drf-token', { name: 'eve@example.com', password: 'Squatter-1' })).status, 200)
  })
})

describe('what old servers answered', () => {
  it('is counted by contract, and the counts outlive the process', async (t) => {
    const { old, test } = await start(t)
    await logIn(test, 'drf-token', { name: ADA, password: WRONG })
    await logIn(test, 'drf-token', { name: ADA, password: RIGHT })
    await test.flushLegacyAnswers()
    old.answer(500)
    await logIn(test, 'drf-token', { name: 'bob@example.com', password: RIGHT })
    await test.flushLegacyAnswers()
    const [answers, ...others] = await test.core.administration.listLegacyAnswers()
    const { lastAdoptedAt, ...counts } = answers ?? { lastAdoptedAt: null }
    assert.deepEqual(counts, { contract: 'drf-token', accepted: 1, adopted: 1, refused: 1, unavailable: 1 })
    assert.ok(lastAdoptedAt !== null)
    assert.deepEqual(others, [])
  })

  it('is counted by the real thing too, which writes what waits when it closes', async (t) => {
    const old = await startOldServer({ ada: { id: 7, password: RIGHT } })
    t.after(old.close)
    const { env } = makeEnvironment()
    const config = readConfig({ ...env, LATCHKEY_LEGACY_SIMPLEJWT_URL: old.url })
    const first = await openLatchkey(config)
    const client = { contract: 'simplejwt', requestId: 'r', network: null, userAgent: '' }
    const { account } = await first.core.authenticate({ identifier: 'ada', password: RIGHT, client })
    assert.equal(account.username, 'ada')
    await first.close()
    const second = await openLatchkey(config)
    t.after(second.close)
    const [answers] = await second.core.administration.listLegacyAnswers()
    assert.deepEqual([answers?.contract, answers?.accepted, answers?.adopted], ['simplejwt', 1, 1])
  })

  it('is in no log and in no audit entry with a password', async (t) => {
    const { old, test } = await start(t)
    await logIn(test, 'drf-jwt', { name: ADA, password: RIGHT })
    old.answer(500)
    await logIn(test, 'drf-jwt', { name: 'bob@example.com', password: RIGHT })
    await test.flushAudit()
    const said = JSON.stringify([test.log, test.audit])
    assert.ok(said.includes('could not be asked for a login'))
    assert.ok(!said.includes(RIGHT))
    assert.ok(!said.includes('bob@example.com'))
  })
})
