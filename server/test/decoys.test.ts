import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { findHash } from '../src/core/find-hash.ts'
import { normaliseIdentifier } from '../src/core/identifier.ts'
import type { Passwords } from '../src/core/ports.ts'
import { createPasswords } from '../src/crypto/passwords.ts'
import { createTokens } from '../src/crypto/tokens.ts'
import { LOCAL } from './kit/clients.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { addLegacyAccounts, hashAsDjango } from './kit/legacy-accounts.ts'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'

const SECRET = 'a secret that only tests have, 32+ long'
const PASSWORD = 'Password-1'
const EACH = 60
const NAMES = Array.from({ length: 400 }, (_, index) => `nobody-${index}@example.com`)

describe('a name that nobody has', () => {
  let test: TestApp
  let passwords: Passwords
  let legacy: ReadonlyMap<string, number>
  before(async () => {
    test = await startTestApp({ config: LIGHT_HASHING, limits: null })
    passwords = await createPasswords(LIGHT_HASHING.argon2)
    // With salts of their own, so that each hash is one account's.
    const theirs = Array.from({ length: EACH }, () => hashAsDjango(PASSWORD))
    const ids = await addLegacyAccounts(test.store, entries('theirs', theirs))
    legacy = new Map(theirs.map((hash, index) => [hash, ids[index] ?? 0]))
    const ours = await Promise.all(Array.from({ length: EACH }, () => passwords.hash(PASSWORD)))
    await addLegacyAccounts(test.store, entries('ours', ours), { legacyFormat: null })
  })
  after(() => test.close())

  const decoyOf = async (name: string, { secret = SECRET } = {}) => {
    const ports = { store: test.store, passwords, tokens: createTokens({ secret }) }
    const found = await findHash(ports, { identifier: normaliseIdentifier(name), owner: null, isTaken: false })
    assert.equal(found.isDecoy, true)
    assert.ok(found.passwordHash !== null)
    return found.passwordHash
  }
  const decoysOf = (options?: { secret: string }) => Promise.all(NAMES.map((name) => decoyOf(name, options)))

  it('is checked against the hash of some account: unknown names are spread over hashes as accounts are', async () => {
    const decoys = await decoysOf()
    const share = decoys.filter((hash) => legacy.has(hash)).length / decoys.length
    // Half of the accounts have such hashes. What is random here are the subjects: five standard deviations, and more.
    assert.ok(share > 0.2 && share < 0.8, `${share} of them`)
    assert.ok(new Set(decoys).size > EACH / 2, `${new Set(decoys).size} hashes`)
  })

  it('is always checked against the same, in any letters, in every process with the same secret and in no other', async () => {
    const decoys = await decoysOf()
    assert.deepEqual(await decoysOf(), decoys)
    assert.equal(await decoyOf('NoBody-0@EXAMPLE.com'), decoys[0])
    const elsewhere = await decoysOf({ secret: 'another secret that only tests have' })
    const same = elsewhere.filter((hash, index) => hash === decoys[index]).length
    assert.ok(same < NAMES.length / 2, `${same} are the same`)
  })

  it('is checked against a hash of ours once its neighbour has one', async () => {
    const decoys = await decoysOf()
    const place = decoys.findIndex((hash) => legacy.has(hash))
    const hash = decoys[place] ?? ''
    const stronger = await passwords.hash(PASSWORD)
    assert.equal(await test.store.upgradePasswordHash(legacy.get(hash) ?? 0, hash, stronger), true)
    assert.equal(await decoyOf(NAMES[place] ?? ''), stronger)
  })

  it('never signs in by the password of its decoy, nor does an account without a password', async () => {
    await addLegacyAccounts(test.store, entries('bare', [null, 'none that can be checked']))
    const login = (identifier: string) => test.core.authenticate({ identifier, password: PASSWORD, client: LOCAL })
    for (const name of NAMES.slice(0, 10)) await assert.rejects(login(name), { code: 'unknown_account' })
    for (const name of ['bare-0', 'bare-1', 'bare-0@example.com']) {
      await assert.rejects(login(name), { code: 'wrong_password' })
    }
  })
})

describe('a name that a door does not take', () => {
  it('is checked against its owner’s hash there too, and never signs in', async (t) => {
    const test = await startTestApp({ config: LIGHT_HASHING, limits: null })
    t.after(() => test.close())
    const passwords = await createPasswords(LIGHT_HASHING.argon2)
    const hash = hashAsDjango(PASSWORD)
    await addLegacyAccounts(test.store, { ada: hash, ...entries('other', ['x', 'y', 'z']) })
    const identifier = normaliseIdentifier('ada')
    const ports = { store: test.store, passwords, tokens: createTokens({ secret: SECRET }) }
    const owner = await test.store.findCredential(identifier)
    for (const isTaken of [true, false]) {
      assert.deepEqual(await findHash(ports, { identifier, owner, isTaken }), { passwordHash: hash, isDecoy: !isTaken })
    }
    const login = { identifier: 'ada', kinds: ['email'], password: PASSWORD, client: LOCAL } as const
    await assert.rejects(test.core.authenticate(login), { code: 'unknown_account' })
  })
})

describe('where nobody has a password', () => {
  it('every name is checked against the hasher’s own decoy', async (t) => {
    const test = await startTestApp({ config: LIGHT_HASHING, limits: null })
    t.after(() => test.close())
    const passwords = await createPasswords(LIGHT_HASHING.argon2)
    const ports = { store: test.store, passwords, tokens: createTokens({ secret: SECRET }) }
    const asked = { identifier: normaliseIdentifier('ada'), owner: null, isTaken: false }
    assert.deepEqual(await findHash(ports, asked), { passwordHash: null, isDecoy: true })
    await addLegacyAccounts(test.store, entries('bare', [null, 'none that can be checked']))
    assert.deepEqual(await findHash(ports, asked), { passwordHash: null, isDecoy: true })
  })
})

function entries(name: string, hashes: readonly (string | null)[]): Readonly<Record<string, string | null>> {
  return Object.fromEntries(hashes.map((hash, index) => [`${name}-${index}`, hash]))
}
