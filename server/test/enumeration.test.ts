import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { CONTRACT_LOGINS, type LoginDoor, loginOf, makePerson, REGISTRATIONS, registrationOf } from './kit/doors.ts'
import { startTestApp, type TestApp, type TestOptions } from './kit/start-test-app.ts'
import { send, type WireAnswer } from './kit/wire.ts'

/** What a login looks like from outside, and what it cost. The clock's own header is nobody's secret. */
type Trace = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly hasherCalls: { readonly hash: number; readonly verify: number }
}

const WRONG = 'a wrong password'
/** Of one length, because document 003 echoes the address. */
const [KNOWN, DISABLED, UNKNOWN] = ['known', 'disab', 'unkno'].map(makePerson).map(({ email }) => email) as [
  string,
  string,
  string,
]
const PASSWORD = 'Password-1'

describe('a failing login costs the same hashing and looks the same', () => {
  for (const login of CONTRACT_LOGINS) {
    it(`for a wrong password and a disabled account with a wrong password through ${login.contract}`, async (t) => {
      const test = await start(t)
      const wrong = await trace(test, login, KNOWN, WRONG)
      assert.equal(wrong.status, login.failure.status)
      assert.deepEqual(wrong.hasherCalls, { hash: 0, verify: 1 })
      assert.deepEqual(await trace(test, login, DISABLED, WRONG), wrong)
    })

    if (login.contract !== 'express-jwt') {
      it(`for an unknown name through ${login.contract}`, async (t) => {
        const test = await start(t)
        assert.deepEqual(await trace(test, login, UNKNOWN, WRONG), await trace(test, login, KNOWN, WRONG))
      })
    }

    if (login.contract !== 'drf-token') {
      it(`for a disabled account with its right password through ${login.contract}`, async (t) => {
        const test = await start(t)
        assert.deepEqual(await trace(test, login, DISABLED, PASSWORD), await trace(test, login, KNOWN, WRONG))
      })
    }

    it(`for a password with outer white space, known or not, through ${login.contract}`, async (t) => {
      const test = await start(t)
      const known = await trace(test, login, KNOWN, ` ${WRONG} `)
      const unknown = await trace(test, login, UNKNOWN, ` ${WRONG} `)
      assert.deepEqual(unknown.hasherCalls, { hash: 0, verify: 2 })
      assert.deepEqual(known.hasherCalls, unknown.hasherCalls)
    })

    it(`for a name that no database can keep through ${login.contract}`, async (t) => {
      const test = await start(t)
      const lone = await trace(test, login, 'unkno\ud800@example.com', WRONG)
      const fine = await trace(test, login, KNOWN, WRONG)
      // A field that is malformed is told before anything is looked up, whoever is asked for.
      if (lone.hasherCalls.verify === 0) assert.equal(lone.status, 400)
      else assert.deepEqual(lone, fine)
    })

    it(`when the budget is used up, known or not, through ${login.contract}`, async (t) => {
      const test = await start(t)
      const started = performance.now()
      for (let guess = 0; guess < 10; guess++) {
        for (const name of [KNOWN, DISABLED, UNKNOWN]) await trace(test, login, name, WRONG)
      }
      const known = await trace(test, login, KNOWN, PASSWORD)
      assert.equal(known.status, 429)
      assert.deepEqual(known.hasherCalls, { hash: 0, verify: 0 })
      for (const name of [DISABLED, UNKNOWN]) {
        const other = await trace(test, login, name, PASSWORD)
        assert.deepEqual(withoutWait(other), withoutWait(known))
        // Their windows began one after the other, by as much as the guesses of this test took.
        const took = (performance.now() - started) / 1000
        assert.ok(Math.abs(waitOf(other) - waitOf(known)) <= took + 1, `${waitOf(other)} and ${waitOf(known)}`)
      }
    })
  }
})

describe('the two documented exceptions', () => {
  const [, drfToken, expressJwt] = CONTRACT_LOGINS as [LoginDoor, LoginDoor, LoginDoor, LoginDoor]

  it('are told at the same cost: 002 says that an account is disabled to whoever knows its password', async (t) => {
    const test = await start(t)
    const disabled = await trace(test, drfToken, DISABLED, PASSWORD)
    assert.equal(disabled.text, '{"non_field_errors":["User account is disabled."]}')
    const wrong = await trace(test, drfToken, DISABLED, WRONG)
    assert.deepEqual(withoutText(disabled), withoutText(wrong))
  })

  it('are told at the same cost: 003 says that a user does not exist', async (t) => {
    const test = await start(t)
    const unknown = await trace(test, expressJwt, UNKNOWN, WRONG)
    assert.deepEqual(JSON.parse(unknown.text), {
      status: 'fail',
      errors: { main: { value: UNKNOWN, msg: "User doesn't exist" } },
    })
    assert.deepEqual(withoutText(unknown), withoutText(await trace(test, expressJwt, KNOWN, WRONG)))
  })

  it('are one with LATCHKEY_ENUMERATION=uniform: 003 says the same to everybody', async (t) => {
    const test = await start(t, { config: { enumeration: 'uniform' } })
    const wrong = await trace(test, expressJwt, KNOWN, WRONG)
    assert.deepEqual(JSON.parse(wrong.text), expressJwt.failure.body)
    assert.deepEqual(await trace(test, expressJwt, UNKNOWN, WRONG), wrong)
    assert.deepEqual(await trace(test, expressJwt, DISABLED, PASSWORD), wrong)
  })
})

describe('a registration', () => {
  it('with a taken email hashes nothing, through any contract', async (t) => {
    const test = await start(t)
    for (const registration of REGISTRATIONS.filter(({ gives }) => gives.email)) {
      test.hasherCalls.hash = 0
      const person = { ...makePerson('other'), email: KNOWN.toUpperCase() }
      const { status } = await send(test, registrationOf(registration, person))
      assert.equal(status, 400)
      assert.deepEqual(test.hasherCalls.hash, 0)
    }
  })
})

async function start(t: TestContext, options: TestOptions = {}): Promise<TestApp> {
  const test = await startTestApp(options)
  t.after(() => test.close())
  for (const email of [KNOWN, DISABLED]) {
    const { id } = await test.core.administration.createAccount({ email, password: PASSWORD }, { isStaff: false })
    if (email === DISABLED) await test.core.administration.setActive(id, false)
  }
  return test
}

async function trace(test: TestApp, login: LoginDoor, name: string, password: string): Promise<Trace> {
  const before = { ...test.hasherCalls }
  const { status, headers, text }: WireAnswer = await send(test, loginOf(login, name, password))
  const { date: _, ...rest } = headers
  const { hash, verify } = test.hasherCalls
  return { status, headers: rest, text, hasherCalls: { hash: hash - before.hash, verify: verify - before.verify } }
}

function waitOf({ headers }: Trace): number {
  return Number(headers['retry-after'])
}

/** All but how long to wait. */
function withoutWait(trace: Trace) {
  const { 'retry-after': _, 'content-length': __, ...headers } = trace.headers
  return { ...trace, headers, text: trace.text.replaceAll(/\d+ seconds?/g, 'N seconds') }
}

function withoutText({ text: _, headers: { 'content-length': __, ...headers }, ...trace }: Trace) {
  return { ...trace, headers }
}

describe('the budget of guesses', () => {
  it('does not tell at one door whether a name that another door does not take is anybody’s', async () => {
    const statuses: number[][] = []
    for (const name of ['known', 'unknown']) {
      const test = await startTestApp()
      await send(test, {
        method: 'POST',
        path: '/api/users/register/',
        json: { username: 'known', password: 'password' },
      })
      const guess = (json: object) => send(test, { method: 'POST', path: '/api/users/login/', json })
      for (let count = 0; count < 10; count++) await guess({ email: name, password: `wrong ${count}` })
      const after = [
        await guess({ email: name, password: 'wrong' }),
        await guess({ username: name, password: 'wrong' }),
      ]
      statuses.push(after.map(({ status }) => status))
      await test.close()
    }
    assert.deepEqual(statuses, [
      [429, 429],
      [429, 429],
    ])
  })
})
