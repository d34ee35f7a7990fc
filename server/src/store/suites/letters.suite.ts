import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HASH, NOW, newLogin, newSession } from '../../../test/kit/new-rows.ts'
import { fresh, named, type Stores } from '../../../test/kit/stores.ts'
import type { LetterPurpose } from '../../core/mail.ts'

/** How letters wait, and how their tokens are used up. */
export function letterSuite({ store, add, race }: Stores): void {
  describe('letters', () => {
    it('that are due go to one caller each, and come back after a lease that doubles', async () => {
      const account = await add()
      for (let index = 0; index < 5; index++) {
        await store.addLetter({ purpose: 'password_reset', accountId: index === 0 ? null : account.id, now: NOW })
      }
      const taken = (await race(8, (store) => store.takeDueLetters({ now: NOW, lease: 100, limit: 2 }))).flat()
      assert.equal(taken.length, 5)
      assert.equal(new Set(taken.map(({ id }) => id)).size, 5)
      assert.deepEqual(
        taken
          .map(({ accountId, purpose, tries }) => ({ accountId, purpose, tries }))
          .filter((l) => l.accountId === null),
        [{ accountId: null, purpose: 'password_reset', tries: 1 }],
      )
      const take = (now: number) => store.takeDueLetters({ now, lease: 100, limit: 10 })
      assert.deepEqual(await take(NOW + 99), [])
      const again = await take(NOW + 100)
      assert.deepEqual(new Set(again.map(({ tries }) => tries)), new Set([2]))
      assert.deepEqual(await take(NOW + 299), [])
      for (const { id } of again) await store.removeLetter(id)
      assert.deepEqual(await take(NOW + 10 ** 9), [])
    })

    it('go with their account', async () => {
      const account = await add()
      await store.addLetter({ purpose: 'email_verification', accountId: account.id, now: NOW })
      await store.deleteAccount(account.id)
      assert.deepEqual(await store.takeDueLetters({ now: NOW, lease: 100, limit: 10 }), [])
    })
  })

  describe('a one-time token', () => {
    async function addToken(purpose: LetterPurpose = 'password_reset') {
      const email = `${fresh()}@example.com`
      const account = await add({ email, identifiers: [named(email, 'email')] })
      const token = { tokenHash: fresh(), purpose, accountId: account.id, email, expiresAt: NOW + 1000 }
      await store.addOneTimeToken(token)
      return { account, token, tokenHash: token.tokenHash, accountId: account.id }
    }

    it('is there for its own purpose, account and time alone', async () => {
      const { token } = await addToken()
      const { tokenHash, purpose, accountId } = token
      const has = (change: object = {}) => store.hasOneTimeToken({ tokenHash, purpose, accountId, now: NOW, ...change })
      assert.equal(await has(), true)
      assert.equal(await has({ now: NOW + 999 }), true)
      for (const change of [
        { now: NOW + 1000 },
        { purpose: 'email_verification' },
        { accountId: accountId + 1 },
        { tokenHash: fresh() },
      ]) {
        assert.equal(await has(change), false, JSON.stringify(change))
      }
    })

    it('resets a password once, of 16 concurrent callers, and ends all that was open', async () => {
      const { account, tokenHash, accountId, token } = await addToken()
      const session = newSession(accountId)
      await store.openSession(session, newLogin())
      const second = { ...token, tokenHash: fresh() }
      await store.addOneTimeToken(second)
      const redeemed = await race(16, (store, index) =>
        store.redeemPasswordReset({
          tokenHash,
          accountId,
          passwordHash: `new ${index}`,
          hasWeakPassword: false,
          now: NOW + 5,
        }),
      )
      assert.equal(redeemed.filter(Boolean).length, 1)
      const credential = await store.findCredentialById(accountId)
      assert.equal(credential?.passwordHash, `new ${redeemed.indexOf(true)}`)
      assert.equal(credential?.credentialVersion, 2)
      assert.equal(credential?.account.emailVerified, true)
      assert.equal(await store.findSession(session.id), null)
      assert.equal(await store.openSession(newSession(account.id), newLogin()), false)
      assert.equal(await store.hasOneTimeToken({ ...second, now: NOW }), false)
    })

    it('resets nothing when it is late, another account’s, for another purpose, or the account is disabled', async () => {
      const reset = (tokenHash: string, accountId: number, now = NOW) =>
        store.redeemPasswordReset({ tokenHash, accountId, passwordHash: 'new', hasWeakPassword: false, now })
      const late = await addToken()
      assert.equal(await reset(late.tokenHash, late.accountId, NOW + 1000), false)
      assert.equal(await reset(late.tokenHash, (await add()).id), false)
      const proof = await addToken('email_verification')
      assert.equal(await reset(proof.tokenHash, proof.accountId), false)
      const disabled = await addToken()
      await store.setActive(disabled.accountId, false, NOW)
      assert.equal(await reset(disabled.tokenHash, disabled.accountId), false)
      for (const { accountId } of [late, proof, disabled]) {
        assert.equal((await store.findCredentialById(accountId))?.passwordHash, HASH)
      }
    })

    it('to reset dies with every other change of the password', async () => {
      const { tokenHash, accountId, token } = await addToken()
      await store.replacePassword({ accountId, passwordHash: 'changed', hasWeakPassword: false, now: NOW })
      assert.equal(await store.hasOneTimeToken({ ...token, now: NOW }), false)
      assert.equal(
        await store.redeemPasswordReset({
          tokenHash,
          accountId,
          passwordHash: 'new',
          hasWeakPassword: false,
          now: NOW,
        }),
        false,
      )
      assert.equal((await store.findCredentialById(accountId))?.passwordHash, 'changed')
    })

    it('proves an address once, of 16 concurrent callers, and not after its time or for another purpose', async () => {
      const { tokenHash, accountId } = await addToken('email_verification')
      assert.equal(await store.redeemEmailVerification({ tokenHash, now: NOW + 1000 }), null)
      const other = await addToken('password_reset')
      assert.equal(await store.redeemEmailVerification({ tokenHash: other.tokenHash, now: NOW }), null)
      const proved = await race(16, (store) => store.redeemEmailVerification({ tokenHash, now: NOW }))
      assert.deepEqual(
        proved.filter((proof) => proof !== null),
        [accountId],
      )
      assert.equal((await store.findAccount({ by: 'id', id: accountId }))?.emailVerified, true)
      assert.equal((await store.findAccount({ by: 'id', id: other.accountId }))?.emailVerified, false)
    })

    it('is pruned when its time is over', async () => {
      const { token } = await addToken()
      await store.pruneOneTimeTokens(NOW + 999)
      assert.equal(await store.hasOneTimeToken({ ...token, now: NOW }), true)
      assert.ok((await store.pruneOneTimeTokens(NOW + 1000)) >= 1)
      assert.equal(await store.hasOneTimeToken({ ...token, now: NOW }), false)
    })
  })
}
