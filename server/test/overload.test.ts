import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { type LoopLag, watchLoop } from '../src/http/loop-lag.ts'
import {
  CONTRACT_LOGINS,
  loginOf,
  makePerson,
  REGISTRATIONS,
  refreshTokenOf,
  registrationOf,
  tokenOf,
} from './kit/doors.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { listen, readAnswers } from './kit/raw-http.ts'
import { ROUTES } from './kit/routes.ts'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'
import { findShapeFlaws, voiceOf } from './kit/voices.ts'
import { send } from './kit/wire.ts'

const ORIGIN = 'https://app.example.com'
/** Where a POST hashes a password. */
const HASHING: ReadonlySet<string> = new Set([
  '/registration/',
  '/login/',
  '/user/register/',
  '/user/login/',
  '/api/users/registration/',
  '/api/users/login/',
  '/api/users/password/change/',
  '/api/users/password/reset/confirm/',
  '/api/auth/register/',
  '/api/auth/login/',
  '/api/users/register/',
  '/v1/accounts',
  '/v1/sessions',
])

describe('a server that cannot keep up', () => {
  let test: TestApp
  let isOverloaded = false
  before(async () => {
    test = await startTestApp({
      config: { ...LIGHT_HASHING, mailUrl: 'file:///letters', corsOrigins: [ORIGIN] },
      isOverloaded: () => isOverloaded,
    })
  })
  after(() => test.close())

  /** While it lasts, the server is overloaded. */
  async function whileOverloaded<Result>(ask: () => Promise<Result>): Promise<Result> {
    isOverloaded = true
    try {
      return await ask()
    } finally {
      isOverloaded = false
    }
  }

  for (const { method, path } of ROUTES.filter(({ method }) => method === 'POST')) {
    const places = ['drf-jwt', 'drf-token', 'express-jwt', 'simplejwt'].map((name) => `/${name}${path}`)
    it(`${HASHING.has(path) ? 'refuses' : 'goes on to answer'} POST ${path}`, async () => {
      for (const place of [path, path.replace(/\/$/, ''), ...places]) {
        const request = { method, path: place, json: { email: 'a' }, headers: { origin: ORIGIN } }
        const usual = await send(test, request)
        const calls = test.hasherCalls.verify + test.hasherCalls.hash
        const answer = await whileOverloaded(() => send(test, request))
        assert.equal(answer.status, HASHING.has(path) && usual.status !== 404 ? 503 : usual.status, place)
        assert.deepEqual(findShapeFlaws(voiceOf(place), method, answer), [], place)
        assert.equal(answer.headers['access-control-allow-origin'], ORIGIN)
        assert.equal(test.hasherCalls.verify + test.hasherCalls.hash, calls)
      }
    })
  }

  it('refuses nothing else: only what is named as such has a password hashed', async () => {
    for (const { method, path, fields } of ROUTES.filter(({ path }) => !HASHING.has(path))) {
      const calls = test.hasherCalls.verify + test.hasherCalls.hash
      const body = Object.fromEntries((fields as readonly string[]).map((field) => [field, 'Password-1@example.com']))
      await send(test, { method, path, ...(method === 'GET' ? {} : { json: body }) })
      assert.equal(test.hasherCalls.verify + test.hasherCalls.hash, calls, path)
    }
  })

  it('goes on to tell of its health, to check and refresh tokens, and to end sessions', async () => {
    const ada = makePerson('ada')
    const [registration] = REGISTRATIONS
    assert.ok(registration)
    assert.equal((await send(test, registrationOf(registration, ada))).status, 201)
    for (const login of CONTRACT_LOGINS) {
      const opened = await send(test, loginOf(login, ada.email, ada.password))
      const headers = { authorization: `Bearer ${tokenOf(opened)}` }
      const refresh = refreshTokenOf(opened)
      await whileOverloaded(async () => {
        const statuses: number[] = []
        for (const path of ['/healthz', '/readyz', '/v1/session', '/api/users/user/']) {
          statuses.push((await send(test, { method: 'GET', path, headers })).status)
        }
        assert.deepEqual(statuses, [200, 200, 200, 200])
        if (refresh !== null) {
          for (const name of ['refresh', 'verify']) {
            const json = { refresh, token: refresh }
            const answer = await send(test, { method: 'POST', path: `/api/users/token/${name}/`, json })
            assert.equal(answer.status, 200, name)
          }
        }
        assert.equal((await send(test, { method: 'DELETE', path: '/v1/session', headers })).status, 204)
        assert.equal((await send(test, loginOf(login, ada.email, ada.password))).status, 503)
      })
    }
  })

  it('takes no guess off a budget for what it refuses', async () => {
    const login = { method: 'POST', path: '/login/', json: { email: 'eve@example.com', password: 'not the password' } }
    await whileOverloaded(async () => {
      for (let index = 0; index < 20; index++) assert.equal((await send(test, login)).status, 503)
    })
    assert.equal((await send(test, login)).status, 400)
  })

  it('counts what was let in and is not answered yet, though the hasher does not know of it', async (t) => {
    const narrow = await startTestApp({ config: LIGHT_HASHING, isOverloaded: (admitted) => admitted >= 2 })
    t.after(() => narrow.close())
    const login = { method: 'POST', path: '/login/', json: { email: 'eve@example.com', password: 'not the password' } }
    for (let round = 0; round < 2; round++) {
      const answers = await Promise.all(Array.from({ length: 5 }, () => send(narrow, login)))
      assert.deepEqual(answers.map(({ status }) => status).sort(), [400, 400, 503, 503, 503])
    }
    assert.equal((await send(narrow, { method: 'GET', path: '/login/' })).status, 405)
  })

  it('counts nobody who has sent the beginning of a request and no more', async (t) => {
    const counts: number[] = []
    const narrow = await startTestApp({ config: LIGHT_HASHING, isOverloaded: (admitted) => counts.push(admitted) < 0 })
    t.after(() => narrow.close())
    const port = await listen(narrow)
    const begun = Array.from({ length: 10 }, () => connect(port, '127.0.0.1'))
    for (const socket of begun) {
      socket.write('POST /login/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60\r\n\r\n{')
    }
    for (let round = 0; round < 400 && counts.length < begun.length; round++) await pause(5)
    const login = { method: 'POST', path: '/login/', json: { email: 'eve@example.com', password: 'not the password' } }
    assert.equal((await send(narrow, login)).status, 400)
    for (const socket of begun) socket.destroy()
    assert.deepEqual(
      counts,
      Array.from({ length: begun.length + 2 }, () => 0),
    )
  })

  it('counts no more who hung up before it was answered, whatever was waiting on the connection', async (t) => {
    const counts: number[] = []
    const narrow = await startTestApp({ config: LIGHT_HASHING, isOverloaded: (admitted) => counts.push(admitted) < 0 })
    t.after(() => narrow.close())
    const body = '{"email":"eve@example.com","password":"not the password"}'
    const login = `POST /login/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    const port = await listen(narrow)
    const asked = { method: 'POST', path: '/login/', json: { email: 'ada@example.com' } }
    for (let round = 0; round < 8; round++) {
      const socket = connect(port, '127.0.0.1')
      const before = counts.length
      socket.write(login.repeat(8))
      for (let turn = 0; turn < 2000 && counts.length < before + 8; turn++) await nextTurn()
      socket.destroy()
    }
    // What was let in goes on to its end, though nobody waits for it.
    for (let round = 0; round < 400 && counts.at(-1) !== 0; round++) {
      await pause(5)
      await send(narrow, asked)
    }
    assert.equal(counts.at(-1), 0)
  })

  it('tells those it turns away to come back at different moments, and the log once for many', async () => {
    const login = { method: 'POST', path: '/login/', json: { email: 'eve@example.com', password: 'not the password' } }
    const before = test.log.length
    await whileOverloaded(async () => {
      const waits = new Set<string | undefined>()
      for (let index = 0; index < 40; index++) waits.add((await send(test, login)).headers['retry-after'])
      assert.deepEqual([...waits].sort(), ['2', '3', '4', '5'])
    })
    assert.ok(test.log.slice(before).filter((line) => line.includes('answered 503')).length <= 1)
  })

  it('refuses before the body has come', async () => {
    const port = await listen(test)
    await whileOverloaded(async () => {
      const socket = connect(port, '127.0.0.1')
      socket.write(
        'POST /login/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n{"email"',
      )
      const answer = await new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(String(chunk))))
      socket.destroy()
      assert.equal(readAnswers(answer, { isHead: false }).answers[0]?.status, 503)
    })
  })
})

describe('an event loop', () => {
  const started: LoopLag[] = []
  after(() => {
    for (const loop of started) loop.stop()
  })
  function watch(): LoopLag {
    const loop = watchLoop()
    started.push(loop)
    return loop
  }

  it('that is late again and again is behind, and is so no more once it has kept up for a while', async () => {
    const loop = watch()
    const test = await startTestApp({ config: LIGHT_HASHING, isOverloaded: loop.isBehind })
    const login = { method: 'POST', path: '/login/', json: { email: 'eve@example.com', password: 'not the password' } }
    for (let turn = 0; turn < 8; turn++) {
      block(300)
      await nextTurn()
    }
    assert.equal(loop.isBehind(), true)
    const [refused, healthy] = await Promise.all([send(test, login), send(test, { method: 'GET', path: '/healthz' })])
    assert.deepEqual([refused.status, healthy.status], [503, 200])
    assert.match(refused.headers['retry-after'] ?? '', /^[2-5]$/)
    // As long as it takes: what else the machine does may keep it behind.
    for (let round = 0; round < 200 && loop.isBehind(); round++) await pause(50)
    assert.equal((await send(test, login)).status, 400)
    await test.close()
  })

  it('that was held up once, as by a collection of garbage, is not behind', async () => {
    const loop = watch()
    await pause(200)
    block(100)
    await nextTurn()
    assert.equal(loop.isBehind(), false)
  })
})

/** Keeps the process from doing anything else, in milliseconds. */
function block(duration: number): void {
  const end = performance.now() + duration
  while (performance.now() < end);
}
