import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HASH, NOW, newLogin, newSession } from '../../../test/kit/new-rows.ts'
import type { Stores } from '../../../test/kit/stores.ts'

/** How passwords are replaced, and what ends with them. */
export function passwordSuite({ store, add, addWithSession, race }: Stores): void {
  describe('upgradePasswordHash', () => {
    it('is compare-and-swap: nothing happens unless the hash is exactly the expected one', async () => {
      const { account, session } = await addWithSession()
      assert.equal(await store.upgradePasswordHash(account.id, 'another', 'stronger'), false)
      assert.equal((await store.findCredentialById(account.id))?.passwordHash, HASH)
      assert.equal(await store.upgradePasswordHash(account.id, HASH, 'stronger'), true)
      assert.equal((await store.findCredentialById(account.id))?.passwordHash, 'stronger')
      assert.equal((await store.findSession(session.id))?.isCurrent, true)
    })

    it('never undoes a password that was replaced meanwhile', async () => {
      const account = await add()
      await store.replacePassword({ accountId: account.id, passwordHash: 'new', hasWeakPassword: false, now: NOW })
      assert.equal(await store.upgradePasswordHash(account.id, HASH, 'stronger'), false)
      assert.equal((await store.findCredentialById(account.id))?.passwordHash, 'new')
    })

    it('tells of 16 concurrent callers exactly one true', async () => {
      const account = await add()
      const swapped = await race(16, (store, index) => store.upgradePasswordHash(account.id, HASH, `new ${index}`))
      assert.equal(swapped.filter(Boolean).length, 1)
    })
  })

  describe('flagPassword', () => {
    const isWeak = async (accountId: number) => (await store.findAccount({ by: 'id', id: accountId }))?.hasWeakPassword

    it('notes that the password is weak, or not, and ends nothing', async () => {
      const { account, session } = await addWithSession()
      assert.equal(await isWeak(account.id), false)
      assert.equal(await store.flagPassword(account.id, { passwordHash: HASH, hasWeakPassword: true }), true)
      assert.equal(await isWeak(account.id), true)
      assert.equal(await store.flagPassword(account.id, { passwordHash: HASH, hasWeakPassword: false }), true)
      assert.equal(await isWeak(account.id), false)
      assert.equal((await store.findSession(session.id))?.isCurrent, true)
    })

    it('notes nothing of a password that was replaced meanwhile, nor of nobody’s', async () => {
      const { id } = await add()
      await store.replacePassword({ accountId: id, passwordHash: 'new', hasWeakPassword: false, now: NOW })
      assert.equal(await store.flagPassword(id, { passwordHash: HASH, hasWeakPassword: true }), false)
      assert.equal(await isWeak(id), false)
      assert.equal(await store.flagPassword(2 ** 31 - 1, { passwordHash: HASH, hasWeakPassword: true }), false)
    })

    it('is undone by a new password, and goes with it', async () => {
      const { id } = await add({ hasWeakPassword: true })
      await store.replacePassword({ accountId: id, passwordHash: 'good', hasWeakPassword: false, now: NOW })
      assert.equal(await isWeak(id), false)
      await store.replacePassword({ accountId: id, passwordHash: 'bad', hasWeakPassword: true, now: NOW })
      assert.equal(await isWeak(id), true)
    })

    it('never marks the new password when 16 concurrent callers replace and flag', async () => {
      const { id } = await add()
      await race(16, async (store, index) => {
        if (index === 8) {
          await store.replacePassword({ accountId: id, passwordHash: 'new', hasWeakPassword: false, now: NOW })
        } else await store.flagPassword(id, { passwordHash: HASH, hasWeakPassword: true })
      })
      assert.equal(await isWeak(id), false)
    })
  })

  describe('replacePassword', () => {
    it('ends every session of the account, and of nobody else', async () => {
      const { account, session } = await addWithSession()
      const second = newSession(account.id)
      await store.openSession(second, newLogin())
      const stranger = await addWithSession()
      assert.equal(
        await store.replacePassword({
          accountId: account.id,
          passwordHash: 'new',
          hasWeakPassword: false,
          now: NOW + 5,
        }),
        2,
      )
      assert.equal(await store.findSession(session.id), null)
      assert.equal(await store.findSession(second.id), null)
      assert.equal((await store.findSession(stranger.session.id))?.isCurrent, true)
      const credential = await store.findCredentialById(account.id)
      assert.equal(credential?.passwordHash, 'new')
      assert.equal(credential?.credentialVersion, 2)
      assert.equal(credential?.account.updatedAt, NOW + 5)
    })

    it('keeps the session that asked alive, and only that one', async () => {
      const { account, session } = await addWithSession()
      const second = newSession(account.id)
      await store.openSession(second, newLogin())
      await store.replacePassword({
        accountId: account.id,
        passwordHash: 'new',
        hasWeakPassword: false,
        keepSession: session.id,
        now: NOW,
      })
      assert.equal((await store.findSession(session.id))?.isCurrent, true)
      assert.equal(await store.findSession(second.id), null)
    })

    it('does not take over a session of another account as the one to keep', async () => {
      const [mine, theirs] = [await addWithSession(), await addWithSession()]
      const keepSession = theirs.session.id
      await store.replacePassword({
        accountId: mine.account.id,
        passwordHash: 'new',
        hasWeakPassword: false,
        keepSession,
        now: NOW,
      })
      assert.equal(await store.findSession(mine.session.id), null)
      const kept = await store.findSession(theirs.session.id)
      assert.equal(kept?.isCurrent, true)
      assert.equal(kept?.account.id, theirs.account.id)
    })

    it('does not bring back a session that disabling had ended', async () => {
      const { account, session } = await addWithSession()
      await store.setActive(account.id, false, NOW)
      await store.replacePassword({
        accountId: account.id,
        passwordHash: 'new',
        hasWeakPassword: false,
        keepSession: session.id,
        now: NOW,
      })
      await store.setActive(account.id, true, NOW)
      assert.notEqual((await store.findSession(session.id))?.isCurrent, true)
    })

    it('does nothing when the version has moved on, or the account is gone', async () => {
      const { account, session } = await addWithSession()
      const change = { accountId: account.id, passwordHash: 'new', hasWeakPassword: false, now: NOW }
      assert.equal(await store.replacePassword({ ...change, expectedVersion: 2 }), null)
      assert.equal((await store.findCredentialById(account.id))?.passwordHash, HASH)
      assert.equal((await store.findSession(session.id))?.isCurrent, true)
      assert.equal(await store.replacePassword({ ...change, expectedVersion: 1 }), 2)
      assert.equal(await store.replacePassword({ ...change, accountId: 2 ** 31 - 1 }), null)
    })

    it('lets of 16 concurrent callers with one expected version exactly one win', async () => {
      const account = await add()
      const versions = await race(16, (store, index) =>
        store.replacePassword({
          accountId: account.id,
          passwordHash: `new ${index}`,
          hasWeakPassword: false,
          expectedVersion: 1,
          now: NOW,
        }),
      )
      assert.deepEqual(
        versions.filter((version) => version !== null),
        [2],
      )
    })

    it('counts up once for each of 16 concurrent callers without an expected version', async () => {
      const account = await add()
      const versions = await race(16, (store, index) =>
        store.replacePassword({
          accountId: account.id,
          passwordHash: `new ${index}`,
          hasWeakPassword: false,
          now: NOW,
        }),
      )
      assert.deepEqual(
        versions.toSorted((a, b) => Number(a) - Number(b)),
        Array.from({ length: 16 }, (_, index) => index + 2),
      )
    })
  })
}
