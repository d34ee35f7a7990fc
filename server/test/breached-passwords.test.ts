import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { LOCAL, REMOTE } from './kit/clients.ts'
import { makePerson, REGISTRATIONS, type RegistrationDoor, registrationOf } from './kit/doors.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { invalidInput } from './kit/problem.ts'
import { type RangeServer, sha1, startRangeServer } from './kit/range-server.ts'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'
import { send, type WireAnswer } from './kit/wire.ts'

const BREACHED = 'seen in 2 other places'
const SOUND = 'copper kettle 7 tall windows'
const COMMON = 'Password123'
const DRF = 'This password has appeared in a data breach. Choose another one.'

describe('a password that a breach has shown', () => {
  let ranges: RangeServer
  let documented: TestApp
  let hardened: TestApp
  let count = 0
  before(async () => {
    ranges = await startRangeServer({ [BREACHED]: 12 })
    const config = { ...LIGHT_HASHING, breachedPasswords: 'hibp', breachedPasswordsUrl: ranges.url } as const
    documented = await startTestApp({ config })
    hardened = await startTestApp({ config: { ...config, passwordPolicy: 'hardened' } })
  })
  after(async () => {
    await Promise.all([documented.close(), hardened.close()])
    await ranges.close()
  })

  const register = (test: TestApp, door: RegistrationDoor, password: string, changes: object = {}) => {
    const { json, ...request } = registrationOf(door, { ...makePerson(`somebody${++count}`), password })
    return send(test, { ...request, json: { ...json, ...changes } })
  }
  const asked = async (action: () => Promise<unknown>) => {
    const before = ranges.requests.length
    await action()
    return ranges.requests.length - before
  }
  const tellsOfBreach = ({ contract }: RegistrationDoor): unknown => {
    const express = { msg: 'Password has appeared in a data breach!', param: 'password', location: 'body' }
    if (contract === 'express-jwt') return { status: 'fail', errors: { password: express } }
    if (contract === 'v1') return invalidInput({ field: 'password', code: 'breached', detail: DRF })
    return { [contract === 'drf-token' ? 'password1' : 'password']: [DRF] }
  }

  for (const [index, door] of REGISTRATIONS.entries()) {
    it(`is flagged at ${door.path} under documented rules, and refused under hardened ones (${index + 1})`, async () => {
      assert.equal((await register(documented, door, BREACHED)).status, door.created)
      const name = door.gives.email ? `somebody${count}@example.com` : `somebody${count}`
      assert.equal((await documented.core.administration.findAccount(name))?.hasWeakPassword, true)
      const { hash } = hardened.hasherCalls
      const refused = await register(hardened, door, BREACHED)
      assert.deepEqual([refused.status, refused.json], [400, tellsOfBreach(door)])
      assert.equal(hardened.hasherCalls.hash, hash)
    })
  }

  it('is refused at a change of password, and when an operator sets it', async () => {
    const { account, ...rest } = await hardened.core.register({ email: 'change@example.com', password: SOUND }, LOCAL)
    const { key } = await hardened.core.openKeySession({ account, ...rest }, { client: LOCAL, lifetime: 1000 })
    const { json } = await send(hardened, {
      method: 'POST',
      path: '/api/users/password/change/',
      headers: { authorization: `Token ${key}` },
      json: { old_password: SOUND, new_password1: BREACHED, new_password2: BREACHED },
    })
    assert.deepEqual(json, { new_password2: [DRF] })
    await assert.rejects(hardened.core.administration.setPassword(account.id, BREACHED), {
      problems: [{ field: 'password', rule: 'breached' }],
    })
  })

  it('is asked for by five digits of its hash, and nobody is told the rest', async () => {
    const password = `${SOUND} ${Math.random()}`
    await register(hardened, REGISTRATIONS[0] ?? assert.fail(), password)
    const path = ranges.requests.at(-1)?.path
    assert.equal(path, `/range/${sha1(password).slice(0, 5)}`)
    const everything = JSON.stringify([ranges.requests, hardened.log, hardened.audit])
    for (const secret of [password, sha1(password), sha1(password).slice(5)]) assert.ok(!everything.includes(secret))
  })

  it('is asked for only when nothing else is wrong, and never at a login', async () => {
    const [door = assert.fail()] = REGISTRATIONS
    const taken = { email: 'taken@example.com', username: 'taken' }
    for (const test of [documented, hardened]) {
      assert.equal((await register(test, door, SOUND, taken)).status, door.created)
      // What was asked for once is kept: only a new one shows whether anybody is asked.
      const unasked = () => `${SOUND} ${Math.random()}`
      const wrong: readonly [string, () => Promise<WireAnswer>][] = [
        ['a bad email', () => register(test, door, unasked(), { email: 'x' })],
        ['no username', () => register(test, door, unasked(), { username: undefined })],
        ['a name that is taken', () => register(test, door, unasked(), taken)],
        ['a short password', () => register(test, door, 'short')],
        ['a lone surrogate', () => register(test, door, `${unasked()}\ud83e`)],
      ]
      assert.equal(await asked(() => register(test, door, unasked())), 1)
      for (const [name, send] of wrong) {
        assert.equal(await asked(async () => assert.equal((await send()).status, 400)), 0, name)
      }
      const logIn = () => send(test, { method: 'POST', path: '/login/', json: { email: 'taken', password: SOUND } })
      assert.equal(await asked(async () => assert.equal((await logIn()).status, 200)), 0)
    }
    assert.equal(await asked(() => register(documented, door, COMMON)), 0)
  })

  it('is not asked for without end by one network, though no account is made', async () => {
    const attempt = () => hardened.core.register({ email: 'always@example.com', password: BREACHED }, REMOTE)
    const codes: string[] = []
    for (let count = 0; count < 61; count++) {
      await attempt().catch(({ code }: { code: string }) => codes.push(code))
    }
    assert.deepEqual(codes, [...Array.from({ length: 60 }, () => 'invalid_input'), 'too_many_attempts'])
  })

  it('is taken while nobody can be asked, and what is common is still known', async () => {
    ranges.answerWith((_request, response) => void response.writeHead(503).end())
    after(() => ranges.answerWith(null))
    const [door = assert.fail()] = REGISTRATIONS
    const unasked = `${SOUND} while nobody answers`
    assert.equal((await register(hardened, door, unasked)).status, door.created)
    assert.equal((await register(hardened, door, '1q2w3e4r1q2w3e4r')).status, 400)
    assert.match(hardened.log.join(''), /Breached passwords could not be asked for/)
  })
})
