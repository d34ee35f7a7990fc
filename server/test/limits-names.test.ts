import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { CONTRACT_LOGINS, LOGINS, loginOf, makePerson, REGISTRATIONS, registrationOf, tokenOf } from './kit/doors.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { createSharedDatabase } from './kit/postgres.ts'
import { runRawSql } from './kit/raw-sql.ts'
import { PAGE, sendFrom } from './kit/send-from.ts'
import { startTestApp, type TestApp, type TestOptions } from './kit/start-test-app.ts'
import { findShapeFlaws, voiceOf } from './kit/voices.ts'
import type { WireAnswer } from './kit/wire.ts'

const HOUR = 3_600_000
const PEER = '203.0.113.5'
const ADA = makePerson('ada')
const CONFIG = { ...LIGHT_HASHING, corsOrigins: [PAGE] }
const EXPRESS = CONTRACT_LOGINS.find(({ contract }) => contract === 'express-jwt')
const nobody = (index: number) => `nobody-${index}@example.com`

describe('the meter of different names at a login that tells whether somebody has them', () => {
  it('lets a network ask about 30 an hour, and then still about those', async (t) => {
    const test = await start(t)
    for (let index = 0; index < 29; index++) assert.equal((await ask(test, nobody(index))).status, 400)
    assert.equal((await ask(test, ADA.email)).status, 400)
    const refused = await ask(test, nobody(30))
    assertRefusal(refused, '/api/auth/login/', 3600)
    assert.match((await ask(test, nobody(7))).text, /User doesn't exist/)
    assert.match((await ask(test, ADA.email.toUpperCase())).text, /user password incorrect/)
    assert.equal((await ask(test, nobody(30), { peer: '203.0.113.6' })).status, 400)
    test.advance(HOUR)
    assert.equal((await ask(test, nobody(30))).status, 400)
  })

  it('counts a name once, in whatever letters it is written', async (t) => {
    const test = await start(t)
    const spellings = ['Straße@bücher.example', 'STRASSE@xn--bcher-kva.example', 'ｓtrasse@BÜCHER.example']
    for (let round = 0; round < 10; round++) {
      // Past the back-off of the name's own budget.
      test.advance(60_000)
      for (const spelling of spellings) await ask(test, spelling)
    }
    const [counter] = await test.store.listAttempts({ prefix: 'names:', limit: 10 })
    assert.equal(counter?.count, 1)
  })

  it('gives a name back to whoever has its password, and never keeps them out of a network where they signed in', async (t) => {
    const test = await start(t)
    for (let index = 0; index < 29; index++) await ask(test, nobody(index))
    for (let login = 0; login < 5; login++) assert.equal((await ask(test, ADA.email, ADA)).status, 200)
    assert.equal((await ask(test, nobody(29))).status, 400)
    assert.equal((await ask(test, nobody(30))).status, 429)
    assert.equal((await ask(test, ADA.email, ADA)).status, 200)
    assert.equal((await ask(test, ADA.email)).status, 400)
  })

  it('gives nothing back for a name that was counted in an hour that is over', async (t) => {
    const test = await start(t)
    const { store, core } = test
    const client = { network: PEER, userAgent: '', contract: 'express-jwt', requestId: 'a' }
    const login = { identifier: ADA.email, password: ADA.password, tellsUnknown: true, client }
    const late = await core.authenticate(login)
    test.advance(HOUR)
    for (let index = 0; index < 20; index++) await ask(test, nobody(index))
    await core.openKeySession(late, { lifetime: 1000, client })
    const [counter] = await store.listAttempts({ prefix: 'names:', limit: 1 })
    assert.equal(counter?.count, 20)
    const guesses = await store.listAttempts({ prefix: `network:${PEER}:`, limit: 9 })
    assert.deepEqual(
      guesses.map(({ count }) => count),
      [20, 20],
    )
  })

  it('evaluates at most 30 of 200 that are asked about at once', async (t) => {
    const test = await start(t, { networkGuesses: [{ limit: 1000, window: HOUR }] })
    const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => ask(test, nobody(index))))
    assert.equal(answers.filter(({ status }) => status === 400).length, 30)
    assert.equal(answers.filter(({ status }) => status === 429).length, 170)
    assert.equal(test.hasherCalls.verify, 30)
  })

  it('is not there where nothing is told: at other logins, on loopback, and with LATCHKEY_ENUMERATION=uniform', async (t) => {
    const loose = { networkGuesses: [{ limit: 10_000, window: HOUR }] }
    const uniform = await start(t, { ...loose, enumeration: 'uniform' })
    for (let index = 0; index < 40; index++) assert.equal((await ask(uniform, nobody(index))).status, 400)
    const test = await start(t, loose)
    for (const login of LOGINS.filter(({ contract }) => contract !== 'express-jwt')) {
      for (let index = 0; index < 40; index++) {
        const answer = await sendFrom(test, PEER, loginOf(login, `${login.path}${index}@example.com`, 'wrong'))
        assert.notEqual(answer.status, 429)
      }
    }
    for (let index = 0; index < 40; index++) {
      assert.equal((await ask(test, nobody(index), { peer: '127.0.0.1' })).status, 400)
    }
    assert.deepEqual(await test.store.listAttempts({ prefix: 'names:', limit: 1 }), [])
  })

  it('keeps no more than 30 names of a network, however many it asks about and however long', async (t) => {
    const database = await createSharedDatabase()
    const test = await start(t, { networkGuesses: [{ limit: 1_000_000, window: HOUR }] }, database.url)
    t.after(() => database.drop())
    for (let hour = 0; hour < 3; hour++) {
      for (let index = 0; index < 300; index++) await ask(test, nobody(hour * 1000 + index))
      const [row] = await runRawSql(database.url, 'select count(*) as kept from counted_names')
      assert.equal(Number(row?.kept), 30)
      test.advance(HOUR)
    }
    assert.equal(test.hasherCalls.verify, 90)
  })

  it('leaves nothing of many networks an hour after they last asked, and of the guesses two days after', async (t) => {
    const database = await createSharedDatabase()
    const test = await start(t, {}, database.url)
    t.after(() => database.drop())
    for (let index = 0; index < 300; index++)
      await ask(test, nobody(index), { peer: `10.0.${index >> 4}.${index & 15}` })
    const rows = async () => {
      const both = 'select (select count(*) from attempts) + (select count(*) from counted_names) as kept'
      const [row] = await runRawSql(database.url, both)
      return Number(row?.kept)
    }
    // Of each: the name's guesses, the network's two windows, its meter, and the name it asked about.
    assert.equal(await rows(), 1500)
    test.advance(HOUR + 1000)
    await test.core.prune()
    assert.equal(await rows(), 300)
    test.advance(2 * 24 * HOUR)
    await test.core.prune()
    assert.equal(await rows(), 0)
  })

  it('is not kept shut by asking again and again', async (t) => {
    const test = await start(t)
    for (let index = 0; index < 30; index++) await ask(test, nobody(index))
    for (let minute = 0; minute < 59; minute++) {
      test.advance(60_000)
      await ask(test, nobody(minute % 30))
      assert.equal((await ask(test, nobody(1000 + minute))).status, 429)
    }
    test.advance(60_000)
    assert.equal((await ask(test, nobody(1000))).status, 400)
  })
})

describe('the meter of different names at a registration', () => {
  for (const door of REGISTRATIONS) {
    it(`of ${door.contract} at ${door.path} by ${door.gives.email ? 'email' : 'username'} counts who is taken and who is free`, async (t) => {
      const test = await start(t)
      const names = Number(door.gives.email) + Number(door.gives.username)
      const taken = registrationOf(door, { ...ADA, email: ADA.email, username: ADA.username })
      assert.equal((await sendFrom(test, PEER, taken)).status, 400)
      // A password that is refused leaves the account unmade; that no name is complained of tells that it is free.
      const free = (index: number) => registrationOf(door, { ...makePerson(`free${index}`), password: '' })
      const most = 30 / names
      for (let index = 1; index < most; index++) assert.equal((await sendFrom(test, PEER, free(index))).status, 400)
      assertRefusal(await sendFrom(test, PEER, free(31)), door.path, 3600)
      assert.equal((await sendFrom(test, PEER, free(1))).status, 400)
      const fresh = registrationOf(door, makePerson('elsewhere'))
      assert.equal((await sendFrom(test, PEER, fresh)).status, 429)
      assert.equal((await sendFrom(test, '203.0.113.6', fresh)).status, door.created)
    })
  }

  it('tells how long it blocks also when one of two names was asked about before', async (t) => {
    const test = await start(t)
    const [door] = REGISTRATIONS
    assert.ok(door)
    for (let index = 0; index < 15; index++) {
      await sendFrom(test, PEER, registrationOf(door, { ...makePerson(`free${index}`), password: '' }))
    }
    test.advance(600_000)
    const mixed = { ...makePerson('free3'), username: 'never-asked', password: '' }
    assertRefusal(await sendFrom(test, PEER, registrationOf(door, mixed)), door.path, 3000)
  })

  it('gets its names back when they become an account', async (t) => {
    const test = await start(t)
    for (const [index, door] of [...REGISTRATIONS, ...REGISTRATIONS, ...REGISTRATIONS].entries()) {
      const { status } = await sendFrom(test, PEER, registrationOf(door, makePerson(`new${index}`)))
      assert.equal(status, door.created)
    }
    const [counter] = await test.store.listAttempts({ prefix: 'names:', limit: 1 })
    assert.equal(counter?.count, 0)
  })

  it('of 200 different names asked about at once by failing forms answers at most 30', async (t) => {
    const test = await start(t)
    const door = REGISTRATIONS.find(({ contract }) => contract === 'express-jwt')
    assert.ok(door)
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        sendFrom(test, PEER, registrationOf(door, { ...makePerson(`free${index}`), password: '' })),
      ),
    )
    assert.equal(answers.filter(({ status }) => status === 400).length, 30)
    // A database that is slow may refuse some before they are counted at all.
    assert.equal(answers.filter(({ status }) => status === 429 || status === 503).length, 170)
  })
})

describe('the meter of different names at a change of username', () => {
  const path = '/api/users/user/'

  it('counts those that are taken and those that are free, which renaming would tell without end', async (t) => {
    const test = await start(t)
    const login = CONTRACT_LOGINS.find(({ contract }) => contract === 'drf-token')
    assert.ok(login)
    const token = `Token ${tokenOf(await sendFrom(test, PEER, loginOf(login, ADA.email, ADA.password)))}`
    const rename = (username: string) => sendFrom(test, PEER, { method: 'PATCH', path, token, json: { username } })
    assert.equal((await rename('eve')).status, 400)
    for (let index = 0; index < 29; index++) assert.equal((await rename(`free${index}`)).status, 200)
    assertRefusal(await rename('free30'), path, 3600)
    const named = { method: 'PATCH', path, token, json: { first_name: 'Augusta' } }
    assert.equal((await sendFrom(test, PEER, named)).status, 200)
  })
})

async function start(t: TestContext, config: TestOptions['config'] = {}, databaseUrl?: string): Promise<TestApp> {
  const at = databaseUrl === undefined ? {} : { databaseUrl }
  const test = await startTestApp({ config: { ...CONFIG, ...config }, ...at })
  t.after(() => test.close())
  const { administration } = test.core
  for (const { email, username, password } of [ADA, makePerson('eve')]) {
    await administration.createAccount({ email, username, password }, { isStaff: false })
  }
  test.hasherCalls.hash = 0
  return test
}

function ask(
  test: TestApp,
  name: string,
  { password = 'a wrong guess', peer = PEER }: { password?: string; peer?: string } = {},
): Promise<WireAnswer> {
  assert.ok(EXPRESS)
  return sendFrom(test, peer, loginOf(EXPRESS, name, password))
}

/** A 429 in its door's own shape, which a page may read, and which says when to come back. */
function assertRefusal(answer: WireAnswer, path: string, seconds: number): void {
  assert.equal(answer.status, 429)
  assert.deepEqual(findShapeFlaws(voiceOf(path), 'POST', answer), [])
  assert.equal(answer.headers['access-control-allow-origin'], PAGE)
  assert.match(answer.headers['access-control-expose-headers'] ?? '', /Retry-After/)
  const wait = Number(answer.headers['retry-after'])
  assert.ok(wait > seconds - 60 && wait <= seconds, `Retry-After is ${wait}`)
}
