import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NOW, newLogin, newSession } from '../../../test/kit/new-rows.ts'
import { fixedRule } from '../../../test/kit/rules.ts'
import { fresh, type Stores } from '../../../test/kit/stores.ts'

const DAY = 86_400_000

/** What opening a session does in the same step: the login's attempt is settled, and its network remembered. */
export function loginSuite({ store, add, race }: Stores): void {
  /** Two counters with an attempt each: the one is to be forgotten, of the other an attempt is given back. */
  async function countAttempt() {
    const [account, network] = ['account', 'network'].map((kind) => ({
      key: `${kind}:${fresh()}`,
      rule: fixedRule(5, 1000),
    }))
    assert.ok(account !== undefined && network !== undefined)
    for (let index = 0; index < 2; index++) await store.takeAttempts([account, network], NOW)
    const counts = async () => {
      const counters = await Promise.all(
        [account, network].map(({ key }) => store.listAttempts({ prefix: key, limit: 1 })),
      )
      return counters.map(([counter]) => counter?.count ?? 0)
    }
    return { settlement: { release: [network], clear: [account.key] }, counts }
  }

  describe('openSession, with what its login is owed', () => {
    it('settles the attempt', async () => {
      const { id } = await add()
      const { settlement, counts } = await countAttempt()
      assert.deepEqual(await counts(), [2, 2])
      assert.equal(await store.openSession(newSession(id), newLogin(1, { settlement })), true)
      assert.deepEqual(await counts(), [0, 1])
    })

    it('settles nothing, and remembers no network, when the session is refused', async () => {
      const { id } = await add()
      const { settlement, counts } = await countAttempt()
      const login = newLogin(2, { settlement, networkDigest: 'here' })
      assert.equal(await store.openSession(newSession(id), login), false)
      await store.setActive(id, false, NOW)
      assert.equal(await store.openSession(newSession(id), login), false)
      assert.equal(await store.openSession(newSession(2 ** 31 - 1), login), false)
      assert.deepEqual(await counts(), [2, 2])
      assert.equal(await store.isKnownNetwork({ accountId: id, digest: 'here', since: 0 }), false)
    })

    it('settles nothing when the session cannot be stored', async () => {
      const { id } = await add()
      const session = newSession(id)
      await store.openSession(session, newLogin())
      const { settlement, counts } = await countAttempt()
      const login = newLogin(1, { settlement, networkDigest: 'here' })
      await assert.rejects(store.openSession(session, login))
      assert.deepEqual(await counts(), [2, 2])
      assert.equal(await store.isKnownNetwork({ accountId: id, digest: 'here', since: 0 }), false)
    })

    it('gives back every one of the attempts of 32 concurrent logins of different accounts in one network', async () => {
      const network = { key: `network:${fresh()}`, rule: fixedRule(50, 1000) }
      const accounts = await Promise.all(Array.from({ length: 32 }, () => add()))
      const account = (index: number) => ({ key: `account:${accounts[index]?.id}`, rule: fixedRule(5, 1000) })
      await race(32, (store, index) => store.takeAttempts([account(index), network], NOW))
      const opened = await race(32, (store, index) => {
        const settlement = { release: [network], clear: [account(index).key] }
        const login = newLogin(1, { settlement, networkDigest: 'shared' })
        return store.openSession(newSession(accounts[index]?.id ?? 0), login)
      })
      assert.deepEqual(new Set(opened), new Set([true]))
      const [counter] = await store.listAttempts({ prefix: network.key, limit: 1 })
      assert.equal(counter?.count, 0)
    })
  })

  describe('a network', () => {
    const isKnown = (accountId: number, digest: string, since = 0) => store.isKnownNetwork({ accountId, digest, since })
    const signIn = (accountId: number, networkDigest: string, { at = NOW, version = 1 } = {}) =>
      store.openSession(newSession(accountId, { createdAt: at }), newLogin(version, { networkDigest }))

    it('is known to the account that signed in from it, and to no other', async () => {
      const [mine, theirs] = [await add(), await add()]
      assert.equal(await isKnown(mine.id, 'here'), false)
      await signIn(mine.id, 'here')
      assert.equal(await isKnown(mine.id, 'here'), true)
      assert.equal(await isKnown(mine.id, 'there'), false)
      assert.equal(await isKnown(theirs.id, 'here'), false)
    })

    it('is known since its last sign-in, to the day', async () => {
      const { id } = await add()
      await signIn(id, 'here')
      assert.equal(await isKnown(id, 'here', NOW), true)
      assert.equal(await isKnown(id, 'here', NOW + 1), false)
      await signIn(id, 'here', { at: NOW + DAY })
      assert.equal(await isKnown(id, 'here', NOW + 1), false)
      await signIn(id, 'here', { at: NOW + DAY + 1 })
      assert.equal(await isKnown(id, 'here', NOW + DAY + 1), true)
      // A clock that is behind takes nothing away.
      await signIn(id, 'here', { at: NOW })
      assert.equal(await isKnown(id, 'here', NOW + DAY + 1), true)
    })

    it('is remembered once by 16 concurrent logins', async () => {
      const { id } = await add()
      const opened = await race(16, (store) =>
        store.openSession(newSession(id), newLogin(1, { networkDigest: 'here' })),
      )
      assert.deepEqual(new Set(opened), new Set([true]))
      assert.equal(await isKnown(id, 'here'), true)
    })

    it('is forgotten with a new password, with a reset, and with the account', async () => {
      const email = `${fresh()}@example.com`
      const [{ id }, other] = [await add({ email }), await add()]
      const passwords = { passwordHash: 'new', hasWeakPassword: false, now: NOW }
      await signIn(other.id, 'here')

      await signIn(id, 'here')
      await store.replacePassword({ accountId: id, ...passwords, expectedVersion: 9 })
      assert.equal(await isKnown(id, 'here'), true)
      await store.replacePassword({ accountId: id, ...passwords })
      assert.equal(await isKnown(id, 'here'), false)

      await signIn(id, 'here', { version: 2 })
      const tokenHash = fresh()
      const token = { tokenHash, purpose: 'password_reset', accountId: id, email, expiresAt: NOW + 1000 } as const
      await store.addOneTimeToken(token)
      assert.equal(await store.redeemPasswordReset({ tokenHash: fresh(), accountId: id, ...passwords }), false)
      assert.equal(await isKnown(id, 'here'), true)
      assert.equal(await store.redeemPasswordReset({ tokenHash, accountId: id, ...passwords }), true)
      assert.equal(await isKnown(id, 'here'), false)

      await signIn(id, 'here', { version: 3 })
      assert.equal(await isKnown(id, 'here'), true)
      await store.deleteAccount(id)
      assert.equal(await isKnown(id, 'here'), false)
      assert.equal(await isKnown(other.id, 'here'), true)
    })

    it('is not known any more when a new password comes among 16 logins with the old one', async () => {
      const { id } = await add()
      const change = { accountId: id, passwordHash: 'new', hasWeakPassword: false, now: NOW }
      const login = newLogin(1, { networkDigest: 'here' })
      const outcomes = await race<unknown>(17, (store, index) =>
        index === 8 ? store.replacePassword(change) : store.openSession(newSession(id), login),
      )
      assert.equal(outcomes[8], 2)
      assert.equal(await isKnown(id, 'here'), false)
    })

    it('is pruned when nobody has signed in from it for long', async () => {
      const [early, late] = [await add(), await add()]
      await signIn(early.id, 'here', { at: 1000 })
      await signIn(late.id, 'here', { at: 1001 })
      assert.equal(await store.pruneKnownNetworks(1001), 1)
      assert.equal(await isKnown(early.id, 'here'), false)
      assert.equal(await isKnown(late.id, 'here'), true)
      assert.equal(await store.pruneKnownNetworks(1001), 0)
      assert.equal(await store.pruneKnownNetworks(1002), 1)
    })
  })
}
