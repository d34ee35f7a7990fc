import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NOW, newLogin, newSession } from '../../../test/kit/new-rows.ts'
import { fresh, type Stores } from '../../../test/kit/stores.ts'

/** Keys whose sessions were ended before their time: who uses one was not told, or stole it. */
export function revokedKeySuite({ store, add, race }: Stores): void {
  /** An account with a session that has a key. */
  async function addWithKey({
    email = null,
    expiresAt = NOW + 1000,
  }: {
    email?: string | null
    expiresAt?: number
  } = {}) {
    const account = await add({ email })
    const tokenHash = fresh()
    const session = newSession(account.id, { kind: 'key', tokenHash, expiresAt })
    assert.equal(await store.openSession(session, newLogin()), true)
    return { accountId: account.id, session, tokenHash }
  }

  describe('a key', () => {
    it('is not revoked while its session lives, nor when nobody ever had it', async () => {
      const { tokenHash } = await addWithKey()
      assert.equal(await store.findRevokedKey(tokenHash, NOW), null)
      assert.equal(await store.findRevokedKey(fresh(), NOW), null)
      assert.equal(await store.findRevokedKey('', NOW), null)
    })

    it('is revoked by everything that ends its session, and by whom it was is still known', async () => {
      const passwords = { passwordHash: 'new', hasWeakPassword: false, now: NOW }
      const email = `${fresh()}@example.com`
      type Owner = Awaited<ReturnType<typeof addWithKey>>
      const endings: Readonly<Record<string, (owner: Owner) => Promise<unknown>>> = {
        endSession: ({ session }) => store.endSession(session.id),
        endSessions: ({ accountId }) => store.endSessions(accountId),
        replacePassword: ({ accountId }) => store.replacePassword({ accountId, ...passwords }),
        async redeemPasswordReset({ accountId }) {
          const tokenHash = fresh()
          const token = { tokenHash, purpose: 'password_reset', accountId, email, expiresAt: NOW + 1000 } as const
          await store.addOneTimeToken(token)
          assert.equal(await store.redeemPasswordReset({ tokenHash, accountId, ...passwords }), true)
        },
        async setActive({ accountId, tokenHash }) {
          await store.setActive(accountId, false, NOW)
          // The session is there, to tell why its token is refused.
          assert.equal(await store.findRevokedKey(tokenHash, NOW), null)
          await store.setActive(accountId, true, NOW)
        },
        deleteAccount: ({ accountId }) => store.deleteAccount(accountId),
        endEverySession: () => store.endEverySession(),
      }
      for (const [name, end] of Object.entries(endings)) {
        const owner = await addWithKey(name === 'redeemPasswordReset' ? { email } : {})
        await end(owner)
        assert.equal(await store.findSessionByToken(owner.tokenHash), null, name)
        assert.deepEqual(await store.findRevokedKey(owner.tokenHash, NOW), { accountId: owner.accountId }, name)
      }
    })

    it('lives on, unrevoked, in the session that asked for a new password', async () => {
      const { accountId, session, tokenHash } = await addWithKey()
      const passwords = { passwordHash: 'new', hasWeakPassword: false, now: NOW }
      await store.replacePassword({ accountId, ...passwords, keepSession: session.id })
      assert.equal(await store.findRevokedKey(tokenHash, NOW), null)
      assert.notEqual(await store.findSessionByToken(tokenHash), null)
    })

    it('is revoked once by 16 concurrent callers that end its session in different ways', async () => {
      const { accountId, session, tokenHash } = await addWithKey()
      await race(16, async (store, index) => {
        if (index % 3 === 0) await store.endSessions(accountId)
        else await store.endSession(session.id)
      })
      assert.deepEqual(await store.findRevokedKey(tokenHash, NOW), { accountId })
    })

    it('of each of very many sessions is revoked when all end at once', async () => {
      const { id } = await add()
      const hashes = Array.from({ length: 1100 }, () => fresh())
      for (const tokenHash of hashes) {
        await store.openSession(newSession(id, { kind: 'key', tokenHash }), newLogin())
      }
      assert.equal(await store.endSessions(id), 1100)
      for (const tokenHash of hashes) assert.deepEqual(await store.findRevokedKey(tokenHash, NOW), { accountId: id })
    })

    it('that was revoked is forgotten when its time would have been over', async () => {
      const [over, edge] = [await addWithKey({ expiresAt: 999 }), await addWithKey({ expiresAt: 1000 })]
      for (const { session } of [over, edge]) await store.endSession(session.id)
      // Of sessions there are none that old: only what is left of these two.
      assert.equal(await store.pruneSessions(1000), 0)
      assert.equal(await store.findRevokedKey(over.tokenHash, 0), null)
      assert.deepEqual(await store.findRevokedKey(edge.tokenHash, 999), { accountId: edge.accountId })
      assert.equal(await store.findRevokedKey(edge.tokenHash, 1000), null)
    })

    it('that ran out and is pruned with its session is no revoked one', async () => {
      const { tokenHash } = await addWithKey({ expiresAt: 500 })
      await store.pruneSessions(501)
      assert.equal(await store.findSessionByToken(tokenHash), null)
      assert.equal(await store.findRevokedKey(tokenHash, 0), null)
    })
  })
}
