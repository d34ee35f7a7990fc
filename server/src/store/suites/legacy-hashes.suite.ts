import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NOW } from '../../../test/kit/new-rows.ts'
import { fresh, type Stores } from '../../../test/kit/stores.ts'
import type { ImportedAccount, ImportProgress } from '../../core/ports.ts'

/** What is asked of the hashes that other back ends made. */
export function legacyHashSuite({ store, add }: Stores): void {
  describe('findNeighbours', () => {
    // No random subject comes after these.
    const subject = (name: string) => `z-${name}`

    it('gives the hashes of the two accounts whose subjects are next, in their order, of those that have one', async () => {
      for (const name of ['4', '3', '1', '2']) {
        await add({ subject: subject(name), passwordHash: name === '2' ? null : `hash ${name}` })
      }
      assert.deepEqual(await store.findNeighbours(subject('1')), ['hash 1', 'hash 3'])
      assert.deepEqual(await store.findNeighbours(subject('15')), ['hash 3', 'hash 4'])
    })

    it('leaves out hashes that are kept though they cannot be checked', async () => {
      const accounts = ['5', '6'].map((name) => ({
        ...newImported(name === '5' ? 'unreadable' : 'bcrypt'),
        subject: subject(name),
        passwordHash: `hash ${name}`,
      }))
      const progress: ImportProgress = { name: fresh(), position: 2, state: '{}' }
      await store.importAccounts({ source: fresh(), accounts, progress: () => progress, now: NOW })
      assert.deepEqual(await store.findNeighbours(subject('5')), ['hash 6'])
      for (const { subject: each } of accounts) {
        const id = (await store.listAccounts({ after: 0, limit: 100_000 })).find(({ subject }) => subject === each)?.id
        assert.equal(await store.deleteAccount(id ?? 0), true)
      }
    })

    it('goes on with the first account after the last', async () => {
      const { id } = await add({ subject: '', passwordHash: 'the first of all' })
      assert.equal((await store.findNeighbours(subject('9')))[0], 'the first of all')
      await store.deleteAccount(id)
    })

    it('looks at so many accounts and no more where none has a password', async () => {
      for (let index = 100; index < 132; index++) await add({ subject: `zz-${index}`, passwordHash: null })
      await add({ subject: 'zz-132', passwordHash: 'too far' })
      assert.ok(!(await store.findNeighbours('zz-100')).includes('too far'))
      assert.deepEqual(await store.findNeighbours('zz-101'), ['too far'])
    })
  })

  describe('countLegacyFormats', () => {
    it('counts who still has which, and nobody whose hash was made stronger or replaced', async () => {
      const before = await store.countLegacyFormats()
      const accounts = ['phpass', 'phpass', 'phpass', 'bcrypt', null].map((format) => newImported(format))
      const progress: ImportProgress = { name: fresh(), position: accounts.length, state: '{}' }
      const outcomes = await store.importAccounts({ source: fresh(), accounts, progress: () => progress, now: NOW })
      const ids = outcomes.map((outcome) => (outcome.did === 'skipped' ? 0 : outcome.accountId))
      const count = async () => {
        const counted = await store.countLegacyFormats()
        return { ...counted.formats, more: counted.accounts - before.accounts }
      }
      assert.deepEqual(await count(), { ...before.formats, phpass: 3, bcrypt: 1, more: 5 })
      assert.equal(await store.upgradePasswordHash(ids[0] ?? 0, 'theirs', 'ours'), true)
      await store.replacePassword({ accountId: ids[1] ?? 0, passwordHash: 'new', hasWeakPassword: false, now: NOW })
      await store.deleteAccount(ids[3] ?? 0)
      assert.deepEqual(await count(), { ...before.formats, phpass: 1, more: 4 })
    })
  })
}

/** An account as a source had it, with a hash of some format. */
function newImported(legacyFormat: string | null): ImportedAccount {
  return {
    legacyId: fresh(),
    id: null,
    subject: fresh(),
    email: null,
    username: null,
    identifiers: [],
    emailVerified: false,
    profile: { name: '', firstName: '', lastName: '', phoneNumber: '' },
    isActive: true,
    isStaff: false,
    passwordHash: 'theirs',
    legacyFormat,
    createdAt: NOW,
    lastLoginAt: null,
  }
}
