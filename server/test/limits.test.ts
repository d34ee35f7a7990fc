import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { loadConfig } from '../src/config/load-config.ts'
import { CONTRACT_NAMES } from '../src/contracts/index.ts'
import { createLog } from '../src/log.ts'
import { startServer } from '../src/start.ts'
import { CONTRACT_LOGINS, type LoginDoor, loginOf, makePerson } from './kit/doors.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { ask, makeDirectory } from './kit/server-process.ts'
import { startTestApp, type TestApp, type TestOptions } from './kit/start-test-app.ts'
import { findShapeFlaws, voiceOf } from './kit/voices.ts'

const ADA = makePerson('ada')
const PROXY = '192.0.2.1'
const BEHIND_PROXY = { config: { ...LIGHT_HASHING, trustedProxies: [PROXY] } }

describe('the budget of an account', () => {
  it('survives a restart on a file', async (t) => {
    const databaseUrl = `sqlite:${join(makeDirectory(), 'latchkey.db')}`
    const first = await startTestApp({ config: LIGHT_HASHING, databaseUrl })
    await addAda(first)
    for (let guess = 0; guess < 10; guess++) assert.equal((await guessAt(first)).status, 401)
    assert.equal((await guessAt(first)).status, 429)
    await first.close()

    const second = await start(t, { config: LIGHT_HASHING, databaseUrl })
    second.advance(1001)
    assert.equal((await guessAt(second)).status, 401)
    const refused = await guessAt(second)
    assert.deepEqual({ status: refused.status, wait: refused.headers['retry-after'] }, { status: 429, wait: '2' })
  })

  it('waits twice as long after each further failure, up to 15 minutes, and is forgotten with a success', async (t) => {
    const test = await start(t)
    await addAda(test)
    for (let guess = 0; guess < 9; guess++) await guessAt(test)
    const waits: number[] = []
    for (let guess = 0; guess < 13; guess++) {
      assert.equal((await guessAt(test)).status, 401)
      const wait = Number((await guessAt(test)).headers['retry-after'])
      waits.push(wait)
      test.advance(wait * 1000)
    }
    assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900])
    assert.equal((await guessAt(test, { password: ADA.password })).status, 200)
    for (let guess = 0; guess < 10; guess++) assert.equal((await guessAt(test)).status, 401)
  })

  it('is one, whatever the door and whatever letters the name is written in', async (t) => {
    const test = await start(t)
    await addAda(test)
    for (let guess = 0; guess < 10; guess++) {
      const login = CONTRACT_LOGINS[guess % CONTRACT_LOGINS.length]
      const email = guess % 2 === 0 ? ADA.email : ADA.email.toUpperCase()
      assert.notEqual((await guessAt(test, { login, email })).status, 429)
    }
    for (const login of CONTRACT_LOGINS) {
      const answer = await guessAt(test, { login, password: ADA.password })
      assert.equal(answer.status, 429)
      assert.deepEqual(findShapeFlaws(voiceOf(login.path), 'POST', answer), [])
    }
  })

  it('is not used up by right passwords one after the other', async (t) => {
    const test = await start(t)
    await addAda(test)
    for (let login = 0; login < 30; login++) {
      assert.equal((await guessAt(test, { password: ADA.password })).status, 200)
    }
  })
})

describe('the budget of a network', () => {
  it('is that of a whole /64 behind a trusted proxy, in every spelling, and no other network’s', async (t) => {
    const test = await start(t, BEHIND_PROXY)
    await addAda(test)
    const inside = ['2001:db8:1:2::1', '2001:0DB8:0001:0002:ffff::9', '2001:db8:1:2:a:b:c:d', '[2001:db8:1:2::7]:4711']
    for (let guess = 0; guess < 60; guess++) {
      const forwarded = inside[guess % inside.length] ?? ''
      const answer = await guessAt(test, { email: `nobody-${guess}@example.com`, peer: PROXY, forwarded })
      assert.equal(answer.status, 401)
    }
    for (const forwarded of [...inside, '2001:db8:1:2:9999::']) {
      assert.equal((await guessAt(test, { password: ADA.password, peer: PROXY, forwarded })).status, 429)
    }
    const elsewhere = await guessAt(test, { password: ADA.password, peer: PROXY, forwarded: '2001:db8:1:3::1' })
    assert.equal(elsewhere.status, 200)
    test.advance(300_001)
    const later = await guessAt(test, { password: ADA.password, peer: PROXY, forwarded: inside[0] ?? '' })
    assert.equal(later.status, 200)
  })

  it('is one for an IPv4 address and the same address in IPv6 clothing', async (t) => {
    const test = await start(t, BEHIND_PROXY)
    for (let guess = 0; guess < 60; guess++) {
      const forwarded = guess % 2 === 0 ? '198.51.100.7' : '::ffff:198.51.100.7'
      const answer = await guessAt(test, { email: `nobody-${guess}@example.com`, peer: PROXY, forwarded })
      assert.equal(answer.status, 401)
    }
    for (const forwarded of ['198.51.100.7', '::ffff:c633:6407']) {
      assert.equal((await guessAt(test, { email: 'other@example.com', peer: PROXY, forwarded })).status, 429)
    }
    assert.equal(
      (await guessAt(test, { email: 'other@example.com', peer: PROXY, forwarded: '198.51.100.8' })).status,
      401,
    )
  })

  it('is that of the last address that the trusted proxy wrote, not of what its client claims', async (t) => {
    const test = await start(t, BEHIND_PROXY)
    for (let guess = 0; guess < 60; guess++) {
      const forwarded = `203.0.113.${guess}, 198.51.100.7`
      await guessAt(test, { email: `nobody-${guess}@example.com`, peer: PROXY, forwarded })
    }
    const forwarded = '203.0.113.99, 198.51.100.7'
    assert.equal((await guessAt(test, { peer: PROXY, forwarded })).status, 429)
  })

  it('is that of the peer, whatever forwarded header it makes up, unless it is a trusted proxy', async (t) => {
    const test = await start(t)
    for (let guess = 0; guess < 60; guess++) {
      const forwarded = `198.51.100.${guess}`
      await guessAt(test, { email: `nobody-${guess}@example.com`, peer: '203.0.113.5', forwarded })
    }
    assert.equal((await guessAt(test, { peer: '203.0.113.5', forwarded: '198.51.100.99' })).status, 429)
    assert.equal(test.log.filter((line) => line.includes('forwarded header ignored')).length, 1)
  })

  it('gets back what a success took, and nothing else', async (t) => {
    const test = await start(t)
    await addAda(test)
    const peer = '203.0.113.5'
    for (let guess = 0; guess < 59; guess++) await guessAt(test, { email: `nobody-${guess}@example.com`, peer })
    for (let login = 0; login < 3; login++) {
      assert.equal((await guessAt(test, { password: ADA.password, peer })).status, 200)
    }
    assert.equal((await guessAt(test, { email: 'nobody-59@example.com', peer })).status, 401)
    assert.equal((await guessAt(test, { password: ADA.password, peer })).status, 429)
  })

  it('holds for an hour too: 300 failures', async (t) => {
    const test = await start(t)
    const peer = '203.0.113.5'
    for (let guess = 0; guess < 300; guess++) {
      if (guess % 60 === 0) test.advance(300_001)
      assert.equal((await guessAt(test, { email: `nobody-${guess}@example.com`, peer })).status, 401)
    }
    test.advance(300_001)
    const refused = await guessAt(test, { peer })
    assert.equal(refused.status, 429)
    assert.ok(Number(refused.headers['retry-after']) > 1800)
  })

  it('does not exist on loopback, where an account has its own all the same', async (t) => {
    const test = await start(t)
    await addAda(test)
    for (const peer of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
      for (let guess = 0; guess < 70; guess++) {
        assert.equal((await guessAt(test, { email: `nobody-${peer}-${guess}@example.com`, peer })).status, 401)
      }
    }
    for (let guess = 0; guess < 10; guess++) assert.equal((await guessAt(test)).status, 401)
    assert.equal((await guessAt(test)).status, 429)
  })
})

describe('LATCHKEY_LIMITS=off', () => {
  const env = {
    PORT: '0',
    DATABASE_URL: 'sqlite::memory:',
    LATCHKEY_SECRET: 'only-tests-have-this-secret-0123456789abcdef',
  }

  it('lets anybody guess without end on loopback', async () => {
    for (const [limits, refused] of [
      ['off', 0],
      ['on', 2],
    ] as const) {
      const config = loadConfig({ env: { ...env, LATCHKEY_LIMITS: limits }, contractNames: CONTRACT_NAMES })
      const log = createLog('silent', { write() {} }, { isForPeople: false })
      const server = await startServer(config, { log })
      const json = { email: ADA.email, password: 'a wrong guess' }
      const statuses: number[] = []
      for (let guess = 0; guess < 12; guess++) {
        statuses.push((await ask(`${server.url}/api/auth/login/`, { json })).status)
      }
      await server.stop()
      assert.equal(statuses.filter((status) => status === 429).length, refused)
    }
  })

  it('is refused while the server is open to a network', () => {
    const open = { ...env, HOST: '0.0.0.0', LATCHKEY_LIMITS: 'off' }
    assert.throws(() => loadConfig({ env: open, contractNames: CONTRACT_NAMES }), /LATCHKEY_LIMITS/)
  })
})

async function start(t: TestContext, options: TestOptions = { config: LIGHT_HASHING }): Promise<TestApp> {
  const test = await startTestApp(options)
  t.after(() => test.close())
  return test
}

async function addAda({ core }: TestApp): Promise<void> {
  const { email, password } = ADA
  await core.administration.createAccount({ email, password }, { isStaff: false })
}

/** One login from an address, as it arrives at the server's socket. */
async function guessAt(
  { app }: TestApp,
  guess: { login?: LoginDoor | undefined; email?: string; password?: string; peer?: string; forwarded?: string } = {},
): Promise<{ status: number; headers: Record<string, string>; text: string; json: unknown }> {
  const { email = ADA.email, password = 'a wrong guess', peer = '127.0.0.1', forwarded } = guess
  const login = guess.login ?? CONTRACT_LOGINS[3]
  assert.ok(login)
  const { path, json } = loginOf(login, email, password)
  const reply = await app.inject({
    method: 'POST',
    url: path,
    payload: json,
    remoteAddress: peer,
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  })
  const headers = Object.entries(reply.headers).map(([name, value]) => [name, String(value)])
  return { status: reply.statusCode, headers: Object.fromEntries(headers), text: reply.payload, json: reply.json() }
}
