import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { DEFAULT_LIMITS } from '../src/core/attempt-rules.ts'
import { authenticate } from '../src/core/authenticate.ts'
import { AuthError } from '../src/core/errors.ts'
import { type Identifier, type IdentifierKind, normaliseIdentifier } from '../src/core/identifier.ts'
import type { LegacyServers, LegacyVerdict, NewAccount, Ports } from '../src/core/ports.ts'
import { createPasswords } from '../src/crypto/passwords.ts'
import { createTokens } from '../src/crypto/tokens.ts'
import { openStore } from '../src/store/open.ts'
import { REMOTE } from './kit/clients.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'

const passwords = await createPasswords(LIGHT_HASHING.argon2)
const tokens = createTokens({ secret: 'a secret that only tests have, 32+ long' })
const RIGHT = 'Password-1'
const UNREADABLE = 'sha3$what-nobody-reads'

type Asked = { readonly calls: readonly string[]; readonly code: string | null }

/** A store with people in it, and logins of which is told what was asked of an old server that always answers alike. */
async function start(t: TestContext, verdict: LegacyVerdict = { verdict: 'unavailable' }) {
  const { store } = await openStore('sqlite::memory:')
  t.after(store.close)
  const passwordHash = await passwords.hash(RIGHT)
  await add('known', { passwordHash })
  await add('disabled', { passwordHash, isActive: false })
  await add('unreadable', { passwordHash: UNREADABLE })
  await add('without', { passwordHash: null })
  await add('claimed', { passwordHash }, { isClaimed: true })
  const counts: string[] = []
  return { store, logIn, counts }

  async function add(name: string, change: Partial<NewAccount>, { isClaimed = false } = {}): Promise<void> {
    const value = normaliseIdentifier(`${name}@example.com`)
    await store.createAccount({
      subject: tokens.makeId(),
      email: value,
      username: null,
      identifiers: [{ value, kind: 'email', isClaimed }],
      profile: { name: '', firstName: '', lastName: '', phoneNumber: '' },
      isActive: true,
      isStaff: false,
      hasWeakPassword: false,
      passwordHash: null,
      credentialVersion: 1,
      createdAt: 1,
      ...change,
    })
  }

  async function logIn(
    identifier: string,
    {
      password = 'wrong',
      contract = 'drf-token',
      kinds,
      ...given
    }: { password?: string; contract?: string; kinds?: IdentifierKind[] } & Partial<Ports> = {},
  ): Promise<Asked> {
    const calls: string[] = []
    const legacyServers: LegacyServers = {
      has: (name) => name === 'drf-token',
      sourcesOf: (name) => [name],
      ask: async () => {
        calls.push('ask')
        return verdict
      },
      pause: async () => void calls.push('pause'),
      noteAdopted: (name) => counts.push(name),
    }
    const ports: Parameters<typeof authenticate>[0] = {
      store,
      passwords,
      tokens,
      audit: { record: () => {} },
      screening: { isCommon: () => false, isBreached: async () => false } satisfies Ports['screening'],
      now: () => 1_700_000_000_000,
      limits: null,
      legacyServers,
      ...given,
    }
    const login = { identifier, password, client: { ...REMOTE, contract }, ...(kinds === undefined ? {} : { kinds }) }
    try {
      await authenticate(ports, login)
      return { calls, code: null }
    } catch (error) {
      assert.ok(error instanceof AuthError, String(error))
      return { calls, code: error.code }
    }
  }
}

describe('a login that fails at a door with an old server', () => {
  it('takes one round trip whoever it is for: a question, or a pause as long', async (t) => {
    const { logIn } = await start(t)
    const long = `${'a'.repeat(250)}@example.com`
    const expected: readonly [name: string, asked: 'ask' | 'pause', code: string, password?: string][] = [
      ['nobody@example.com', 'ask', 'unknown_account'],
      ['known@example.com', 'pause', 'wrong_password'],
      ['disabled@example.com', 'pause', 'wrong_password'],
      ['disabled@example.com', 'pause', 'account_disabled', RIGHT],
      ['unreadable@example.com', 'ask', 'wrong_password'],
      ['without@example.com', 'pause', 'wrong_password'],
      ['claimed@example.com', 'ask', 'wrong_password'],
      [long, 'pause', 'unknown_account'],
      ['nul\0@example.com', 'pause', 'unknown_account'],
      ['nobody@example.com', 'pause', 'unknown_account', 'a\0b'],
    ]
    for (const [name, asked, code, password] of expected) {
      const answer = await logIn(name, password === undefined ? {} : { password })
      assert.deepEqual(answer, { calls: [asked], code }, name)
    }
  })

  it('asks nobody about a name that a door of addresses cannot have', async (t) => {
    const { logIn } = await start(t)
    assert.deepEqual((await logIn('nobody', { kinds: ['email'] })).calls, ['pause'])
    assert.deepEqual((await logIn('nobody')).calls, ['ask'])
    // Somebody's address, asked for where only usernames are taken.
    assert.deepEqual((await logIn('known@example.com', { kinds: ['username'] })).calls, ['pause'])
  })

  it('says what the old server says: that somebody has the name, or nothing', async (t) => {
    const wrong = await start(t, { verdict: 'refused', knowsName: true })
    assert.equal((await wrong.logIn('nobody@example.com')).code, 'wrong_password')
    const refused = await start(t, { verdict: 'refused', knowsName: false })
    assert.equal((await refused.logIn('nobody@example.com')).code, 'unknown_account')
    assert.deepEqual(refused.counts, [])
  })
})

describe('a login', () => {
  it('asks nobody and waits for nobody where it is good, or the door has no old server', async (t) => {
    const { logIn } = await start(t)
    assert.deepEqual(await logIn('known@example.com', { password: RIGHT }), { calls: [], code: null })
    for (const name of ['nobody@example.com', 'known@example.com', 'unreadable@example.com', 'disabled@example.com']) {
      assert.deepEqual((await logIn(name, { contract: 'v1' })).calls, [], name)
    }
  })

  it('that cannot be judged here after all gives its attempt back once', async (t) => {
    const shown = { legacyId: '7', email: null, username: null, profile: {} }
    const { store, logIn } = await start(t, { verdict: 'accepted', shown })
    assert.equal((await logIn('one@example.com', { password: RIGHT })).code, null)
    let checks = 0
    const released: number[] = []
    const answer = await logIn('other@example.com', {
      password: RIGHT,
      limits: DEFAULT_LIMITS,
      passwords: {
        ...passwords,
        // The name is looked for first; then comes the account that is known by its id.
        verify: async () => {
          checks++
          if (checks === 2) throw new AuthError('overloaded', { retryAfter: 2 })
          return false
        },
      },
      store: {
        ...store,
        settleAttempts: async ({ release }) => void (release.length > 0 && released.push(release.length)),
      },
    })
    assert.deepEqual(answer, { calls: ['ask'], code: 'overloaded' })
    assert.equal(released.length, 1)
  })

  it('moves nobody’s names in that no database keeps, and no rights', async (t) => {
    const profile = { name: 'a\0b', firstName: 'x'.repeat(300), lastName: 'King\ud800', phoneNumber: '+491' }
    const shown = { legacyId: '7', email: 'ada\ud800@example.com', username: 'someone@else.example', profile }
    const { store, logIn, counts } = await start(t, { verdict: 'accepted', shown })
    assert.equal((await logIn('Nobody@example.com', { password: RIGHT })).code, null)
    const found = await store.findCredential('nobody@example.com' as Identifier)
    assert.equal(found?.kind, 'email')
    const { account } = found ?? {}
    assert.deepEqual([account?.email, account?.username, account?.isStaff], ['Nobody@example.com', null, false])
    assert.deepEqual(account?.profile, { name: '', firstName: '', lastName: '', phoneNumber: '+491' })
    assert.deepEqual(counts, ['drf-token'])
  })
})
