import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NOW, newAccount, newLogin, newSession } from '../../../test/kit/new-rows.ts'
import { fresh, named, type Stores } from '../../../test/kit/stores.ts'
import { normaliseIdentifier } from '../../core/identifier.ts'

/** How accounts are changed, disabled and deleted. */
export function profileSuite({ store, add, addWithSession, race }: Stores): void {
  describe('setActive', () => {
    it('disables at once, and says why to the sessions that were open', async () => {
      const { account, session } = await addWithSession()
      const disabled = await store.setActive(account.id, false, NOW + 7)
      assert.equal(disabled?.isActive, false)
      assert.equal(disabled?.updatedAt, NOW + 7)
      const stored = await store.findSession(session.id)
      assert.equal(stored?.account.isActive, false)
      assert.equal(stored?.isCurrent, false)
      assert.deepEqual(await store.listSessions({ accountId: account.id, now: NOW, limit: 10 }), [])
    })

    it('brings no old session back when it enables again', async () => {
      const { account, session } = await addWithSession({ kind: 'key', tokenHash: fresh() })
      await store.setActive(account.id, false, NOW)
      assert.equal((await store.setActive(account.id, true, NOW))?.isActive, true)
      assert.equal(await store.findSession(session.id), null)
      assert.equal(await store.findSessionByToken(session.tokenHash ?? ''), null)
      assert.equal(await store.openSession(newSession(account.id), newLogin()), false)
      assert.equal(await store.openSession(newSession(account.id), newLogin(2)), true)
    })

    it('leaves the sessions of an active account alone when it enables it', async () => {
      const { account, session } = await addWithSession()
      await store.setActive(account.id, true, NOW)
      assert.equal((await store.findSession(session.id))?.isCurrent, true)
    })

    it('gives null where there is no account', async () => {
      assert.equal(await store.setActive(2 ** 31 - 1, false, NOW), null)
    })
  })

  describe('updateProfile', () => {
    const names = { firstName: 'Grace', lastName: 'H' }

    it('changes the profile, and no name when none is given', async () => {
      const given = newAccount()
      const { account } = await store.createAccount(given)
      assert.ok(account !== null)
      const updated = await store.updateProfile({ accountId: account.id, ...names, now: NOW + 1 })
      const profile = { ...account.profile, ...names, name: 'Grace H' }
      assert.deepEqual(updated, { account: { ...account, profile, updatedAt: NOW + 1 }, taken: [] })
      const [name] = given.identifiers
      assert.equal((await store.findAccount({ by: 'identifier', identifier: name?.value ?? ID }))?.id, account.id)
    })

    it('loses neither of two changes of different names that arrive together', async () => {
      const account = await add()
      const changes = [{ firstName: 'Ada' }, { lastName: 'Lovelace' }]
      await race(2, (store, index) => store.updateProfile({ accountId: account.id, ...changes[index], now: NOW }))
      const { profile } = (await store.findAccount({ by: 'id', id: account.id })) ?? account
      assert.deepEqual([profile.firstName, profile.lastName, profile.name], ['Ada', 'Lovelace', 'Ada Lovelace'])
    })

    it('gives the old name free and takes the new one', async () => {
      const [old, next] = [named(fresh(), 'username'), named(fresh(), 'username')]
      const account = await add({ identifiers: [old] })
      const username = { shown: 'Next', identifiers: [next] }
      const updated = await store.updateProfile({ accountId: account.id, ...names, username, now: NOW })
      assert.equal(updated.account?.username, 'Next')
      assert.deepEqual(await store.findTaken([old.value, next.value]), [next.value])
    })

    it('takes a new spelling of the same name', async () => {
      const name = named(fresh(), 'username')
      const account = await add({ identifiers: [name] })
      const username = { shown: name.value.toUpperCase(), identifiers: [name] }
      const updated = await store.updateProfile({ accountId: account.id, ...names, username, now: NOW })
      assert.equal(updated.account?.username, name.value.toUpperCase())
    })

    it('takes a username away when it is empty', async () => {
      const name = named(fresh(), 'username')
      const account = await add({ identifiers: [name] })
      const username = { shown: '', identifiers: [] }
      const updated = await store.updateProfile({ accountId: account.id, ...names, username, now: NOW })
      assert.equal(updated.account?.username, null)
      assert.deepEqual(await store.findTaken([name.value]), [])
    })

    it('changes nothing at all when the new name is taken', async () => {
      const [mine, theirs] = [named(fresh(), 'username'), named(fresh(), 'username')]
      const account = await add({ identifiers: [mine] })
      await add({ identifiers: [theirs] })
      const username = { shown: 'x', identifiers: [theirs] }
      const updated = await store.updateProfile({ accountId: account.id, ...names, username, now: NOW + 9 })
      assert.deepEqual(updated, { account: null, taken: [theirs.value] })
      assert.deepEqual(await store.findAccount({ by: 'identifier', identifier: mine.value }), account)
    })

    it('gives a name that 16 accounts want at once to exactly one', async () => {
      const wanted = named(fresh(), 'username')
      const accounts = await Promise.all(Array.from({ length: 16 }, () => add()))
      const outcomes = await race(16, (store, index) =>
        store.updateProfile({
          accountId: accounts[index]?.id ?? 0,
          ...names,
          username: { shown: 'wanted', identifiers: [wanted] },
          now: NOW,
        }),
      )
      assert.equal(outcomes.filter(({ account }) => account !== null).length, 1)
      assert.equal(outcomes.filter(({ taken }) => taken.length === 1).length, 15)
    })

    it('gives neither an account nor a taken name where there is no account', async () => {
      const name = named(fresh(), 'username')
      const username = { shown: 'x', identifiers: [name] }
      const updated = await store.updateProfile({ accountId: 2 ** 31 - 1, ...names, username, now: NOW })
      assert.deepEqual(updated, { account: null, taken: [] })
      assert.deepEqual(await store.findTaken([name.value]), [])
    })
  })

  describe('deleteAccount', () => {
    it('takes names and sessions with it', async () => {
      const name = named(fresh(), 'username')
      const account = await add({ identifiers: [name] })
      const session = newSession(account.id)
      await store.openSession(session, newLogin())
      assert.equal(await store.deleteAccount(account.id), true)
      assert.equal(await store.findAccount({ by: 'id', id: account.id }), null)
      assert.deepEqual(await store.findTaken([name.value]), [])
      assert.equal(await store.findSession(session.id), null)
      assert.equal(await store.openSession(newSession(account.id), newLogin()), false)
      await add({ identifiers: [name] })
    })

    it('tells of 16 concurrent callers exactly one true', async () => {
      const account = await add()
      const deleted = await race(16, (store) => store.deleteAccount(account.id))
      assert.equal(deleted.filter(Boolean).length, 1)
    })
  })
}

const ID = normaliseIdentifier('')
