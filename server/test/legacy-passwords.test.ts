import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { authenticate, type Login } from '../src/core/authenticate.ts'
import { AuthError } from '../src/core/errors.ts'
import type { Passwords } from '../src/core/ports.ts'
import { createPasswords } from '../src/crypto/passwords.ts'
import { createTokens } from '../src/crypto/tokens.ts'
import { LOCAL } from './kit/clients.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { addLegacyAccounts, hashAsDjango } from './kit/legacy-accounts.ts'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'

const PASSWORD = 'Password-1'
const OWN = /^\$argon2id\$v=19\$m=8,t=1,p=1\$/

describe('an account whose hash a back end before made', () => {
  it('signs in with its password, and has a hash of ours from then on', async (t) => {
    const { test, id } = await start(t, hashAsDjango(PASSWORD))
    await assert.rejects(signIn(test, 'another password'), { code: 'wrong_password' })
    assert.deepEqual(await formatsOf(test), { 'django-pbkdf2-sha256': 1 })
    assert.deepEqual(test.hasherCalls, { hash: 0, verify: 1 })

    await signIn(test, PASSWORD)
    assert.match(await hashOf(test, id), OWN)
    assert.deepEqual(await formatsOf(test), {})
    assert.deepEqual(test.hasherCalls, { hash: 1, verify: 2 })

    await signIn(test, PASSWORD)
    assert.deepEqual(test.hasherCalls, { hash: 1, verify: 3 })
    await assert.rejects(signIn(test, 'another password'), { code: 'wrong_password' })
  })

  it('signs in with the characters that were typed before, in any normal form afterwards', async (t) => {
    for (const before of ['cafe\u0301-secret', 'caf\u00e9-secret', '\u212bngstrom-1']) {
      const { test } = await start(t, hashAsDjango(before))
      await signIn(test, before)
      await signIn(test, before.normalize('NFC'))
      await signIn(test, before.normalize('NFD'))
    }
    const { test } = await start(t, hashAsDjango('caf\u00e9-secret'))
    await signIn(test, 'cafe\u0301-secret')
    const { test: another } = await start(t, hashAsDjango('cafe\u0301-secret'))
    await assert.rejects(signIn(another, 'caf\u00e9-secret'), { code: 'wrong_password' })
  })

  it('signs in with what was stripped before, and with what was not', async (t) => {
    const { test } = await start(t, hashAsDjango(PASSWORD))
    await signIn(test, ` ${PASSWORD}\n`)
    await signIn(test, PASSWORD)
    const { test: unstripped } = await start(t, hashAsDjango(` ${PASSWORD}`))
    await assert.rejects(signIn(unstripped, PASSWORD), { code: 'wrong_password' })
    await signIn(unstripped, ` ${PASSWORD}`)
    await signIn(unstripped, ` ${PASSWORD}`)
    await assert.rejects(signIn(unstripped, PASSWORD), { code: 'wrong_password' })
  })

  it('changes its password by the old one as it was typed before', async (t) => {
    const { test, id } = await start(t, hashAsDjango('cafe\u0301-secret'))
    const account = await test.core.administration.findAccount('ada')
    const session = await test.core.openKeySession(await login(test, 'cafe\u0301-secret'), REQUEST)
    // Somebody imported the old hash once more.
    await test.store.upgradePasswordHash(id, await hashOf(test, id), hashAsDjango('cafe\u0301-secret'))
    assert.ok(account !== null)
    const change = { oldPasswordField: 'old', newPassword: 'Another-1', newPasswordField: 'new', problems: [] }
    const signedIn = { account, session: session.session }
    await test.core.changePassword(signedIn, { ...change, oldPassword: 'cafe\u0301-secret', client: LOCAL })
    await signIn(test, 'Another-1')
  })

  it('is flagged at its first login where its password is a common one', async (t) => {
    const { test } = await start(t, hashAsDjango('password123'))
    await signIn(test, 'password123')
    assert.equal((await test.core.administration.findAccount('ada'))?.hasWeakPassword, true)
  })

  it('is like one without a password where its hash cannot be checked here, until a password is set', async (t) => {
    const { test, id } = await start(t, 'pbkdf2_sha256$999999999$salt$c2FsdA==')
    await assert.rejects(signIn(test, PASSWORD), { code: 'wrong_password' })
    await test.core.administration.setPassword(id, PASSWORD)
    await signIn(test, PASSWORD)
  })
})

describe('the first login of such an account', () => {
  it('makes one hash of ours, though many come at once, and signs all of them in', async (t) => {
    const { test, id } = await start(t, hashAsDjango(PASSWORD))
    await Promise.all(Array.from({ length: 8 }, () => signIn(test, PASSWORD)))
    const hash = await hashOf(test, id)
    assert.match(hash, OWN)
    const calls = test.hasherCalls.hash
    await signIn(test, PASSWORD)
    assert.equal(await hashOf(test, id), hash)
    assert.equal(test.hasherCalls.hash, calls)
  })

  it('does not undo a reset that comes while its stronger hash is made, and opens no session', async (t) => {
    const { test, id } = await start(t, hashAsDjango(PASSWORD))
    const hasher = await openHasher({
      beforeHash: async () => void (await test.core.administration.setPassword(id, 'Another-1')),
    })
    const proved = await authenticate(portsOf(test, hasher), loginWith(PASSWORD))
    await assert.rejects(test.core.openKeySession(proved, REQUEST), { code: 'wrong_password' })
    await assert.rejects(signIn(test, PASSWORD), { code: 'wrong_password' })
    await signIn(test, 'Another-1')
  })

  it('opens no session where the account was disabled while its old hash was checked', async (t) => {
    const { test, id } = await start(t, hashAsDjango(PASSWORD))
    const hasher = await openHasher({
      beforeVerify: async () => void (await test.core.administration.setActive(id, false)),
    })
    const proved = await authenticate(portsOf(test, hasher), loginWith(PASSWORD))
    await assert.rejects(test.core.openKeySession(proved, REQUEST), { code: 'account_disabled' })
    assert.match(await hashOf(test, id), OWN)
  })

  it('keeps the old hash, and signs in all the same, where no stronger one can be made just now', async (t) => {
    const { test, id } = await start(t, hashAsDjango(PASSWORD))
    const hasher = await openHasher({
      beforeHash: () => Promise.reject(new AuthError('overloaded', { retryAfter: 1 })),
    })
    const before = await hashOf(test, id)
    const proved = await authenticate(portsOf(test, hasher), loginWith(PASSWORD))
    await test.core.openKeySession(proved, REQUEST)
    assert.equal(await hashOf(test, id), before)
  })
})

const REQUEST = { client: LOCAL, lifetime: 60 }

function loginWith(password: string): Login {
  return { identifier: 'ada', password, client: LOCAL }
}

async function start(t: TestContext, passwordHash: string): Promise<{ test: TestApp; id: number }> {
  const test = await startTestApp({ config: LIGHT_HASHING, limits: null })
  t.after(() => test.close())
  const [id = 0] = await addLegacyAccounts(test.store, { ada: passwordHash })
  return { test, id }
}

function login(test: TestApp, password: string) {
  return test.core.authenticate(loginWith(password))
}

async function signIn(test: TestApp, password: string): Promise<void> {
  await test.core.openKeySession(await login(test, password), REQUEST)
}

async function hashOf(test: TestApp, id: number): Promise<string> {
  return (await test.store.findCredentialById(id))?.passwordHash ?? ''
}

async function formatsOf(test: TestApp): Promise<Readonly<Record<string, number>>> {
  return (await test.store.countLegacyFormats()).formats
}

/** The real hasher, with something that happens just before it is asked. */
async function openHasher({
  beforeHash = async () => {},
  beforeVerify = async () => {},
}: {
  beforeHash?: () => Promise<void>
  beforeVerify?: () => Promise<void>
}): Promise<Passwords> {
  const passwords = await createPasswords(LIGHT_HASHING.argon2)
  return {
    ...passwords,
    hash: async (password) => {
      await beforeHash()
      return passwords.hash(password)
    },
    verify: async (passwordHash, password) => {
      await beforeVerify()
      return passwords.verify(passwordHash, password)
    },
  }
}

function portsOf(test: TestApp, passwords: Passwords) {
  return {
    store: test.store,
    passwords,
    tokens: createTokens({ secret: 'another secret that only tests have' }),
    audit: { record: () => {} },
    screening: { isCommon: () => false, isBreached: async () => false },
    limits: null,
    now: Date.now,
    legacyServers: null,
  }
}
