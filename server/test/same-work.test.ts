import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { DEFAULT_LIMITS } from '../src/core/attempt-rules.ts'
import { authenticate } from '../src/core/authenticate.ts'
import { AuthError } from '../src/core/errors.ts'
import type { Store } from '../src/core/ports.ts'
import type { Client } from '../src/core/session.ts'
import { createPasswords } from '../src/crypto/passwords.ts'
import { createTokens } from '../src/crypto/tokens.ts'
import { LOCAL, REMOTE } from './kit/clients.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { addLegacyAccounts, hashAsDjango } from './kit/legacy-accounts.ts'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'

const passwords = await createPasswords(LIGHT_HASHING.argon2)

const RIGHT = 'Password-1'
const WRONG = 'a wrong password'
const NAMES = { known: 'known', disabled: 'disabled', unknown: 'unknown', 'not taken here': 'username-only' } as const

describe('a failing login asks the database and the hasher the same questions in the same order', () => {
  for (const [where, client] of Object.entries({ 'from a network': REMOTE, 'on the machine itself': LOCAL })) {
    for (const [what, name] of Object.entries(NAMES)) {
      it(`for a name that is ${what}, ${where}`, async (t) => {
        const test = await start(t)
        const wrong = await ask(test, { name: 'known', client })
        assert.deepEqual(wrong.calls, [
          'findCredential',
          ...(client === REMOTE ? ['isKnownNetwork'] : []),
          'takeAttempts',
          'findNeighbours',
          // Which hash it is checked against is decided between these: nobody is asked but this process.
          'canCheck',
          'spellAsBefore',
          'verify',
        ])
        assert.deepEqual((await ask(test, { name, client })).calls, wrong.calls)
      })
    }
  }

  it('for names with hashes of a back end before, nobody’s, and none that can be checked, in every spelling', async (t) => {
    const test = await startTestApp({ config: LIGHT_HASHING })
    t.after(() => test.close())
    await addLegacyAccounts(test.store, {
      known: hashAsDjango(RIGHT),
      'username-only': hashAsDjango(RIGHT),
      bare: null,
      odd: 'none that can be checked',
    })
    for (const [password, spellings] of [
      [' wrong', 2],
      ['e\u0301', 2],
      [' e\u0301', 4],
    ] as const) {
      const wrong = await ask(test, { name: 'known', client: LOCAL, password })
      const checks = ({ calls }: typeof wrong) => calls.filter((call) => call === 'verify').length
      assert.equal(checks(wrong), spellings)
      for (const name of ['unknown', 'bare', 'odd']) {
        assert.equal(checks(await ask(test, { name, client: LOCAL, password })), spellings, `${name} ${password}`)
      }
    }
  })

  it('for a disabled account, whether or not the password is right', async (t) => {
    const test = await start(t)
    const wrong = await ask(test, { name: 'disabled', client: REMOTE })
    const right = await ask(test, { name: 'disabled', client: REMOTE, password: RIGHT })
    assert.equal(right.code, 'account_disabled')
    assert.deepEqual(right.calls, wrong.calls)
  })

  for (const [what, name] of Object.entries(NAMES)) {
    it(`where it is locked, for a name that is ${what}`, async (t) => {
      const test = await start(t)
      for (let guess = 0; guess < 10; guess++) await ask(test, { name, client: LOCAL })
      const locked = await ask(test, { name, client: REMOTE })
      assert.equal(locked.code, 'too_many_attempts')
      assert.deepEqual(locked.calls, ['findCredential', 'isKnownNetwork', 'takeAttempts'])
    })
  }
})

async function start(t: TestContext): Promise<TestApp> {
  const test = await startTestApp({ config: LIGHT_HASHING })
  t.after(() => test.close())
  const { administration } = test.core
  await administration.createAccount({ email: 'known@example.com', password: RIGHT }, { isStaff: false })
  await administration.createAccount({ username: 'username-only', password: RIGHT }, { isStaff: false })
  const { id } = await administration.createAccount(
    { email: 'disabled@example.com', password: RIGHT },
    { isStaff: false },
  )
  await administration.setActive(id, false)
  return test
}

/** Logs in at a door that takes email addresses only, and tells what was asked for it. */
async function ask(
  test: TestApp,
  { name, client, password = WRONG }: { name: string; client: Client; password?: string },
): Promise<{ code: string; calls: readonly string[] }> {
  const calls: string[] = []
  const ports = {
    store: recorded<Store>(test.store, calls),
    passwords: recorded(passwords, calls),
    tokens: createTokens({ secret: 'another secret that only tests have' }),
    audit: { record: () => {} },
    screening: { isCommon: () => false, isBreached: async () => false },
    limits: DEFAULT_LIMITS,
    now: Date.now,
    legacyServers: null,
  }
  const identifier = name === 'username-only' ? name : `${name}@example.com`
  const outcome = await authenticate(ports, { identifier, kinds: ['email'], password, client }).catch((error) => error)
  if (!(outcome instanceof AuthError)) throw new Error(`${name} was not refused.`, { cause: outcome })
  return { code: outcome.code, calls }
}

/** The same thing, and a note of every question that is put to it. */
function recorded<Thing extends object>(thing: Thing, calls: string[]): Thing {
  return new Proxy(thing, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver)
      if (typeof value !== 'function') return value
      return (...given: readonly unknown[]) => {
        calls.push(String(name))
        return Reflect.apply(value, target, given)
      }
    },
  })
}
