import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NOW } from '../../../test/kit/new-rows.ts'
import type { Stores } from '../../../test/kit/stores.ts'

/** Signing keys, notes, and the database itself. */
export function lifeSuite({ store, other, race }: Stores): void {
  describe('addFirstKey', () => {
    it('gives to 16 concurrent callers with a key each the one key that won', async () => {
      const outcomes = await race(16, (store, index) => store.addFirstKey(newKey(`key ${index}`)))
      const kids = new Set(outcomes.flatMap((keys) => keys.map(({ kid }) => kid)))
      assert.equal(kids.size, 1)
      const [kid = ''] = kids
      assert.deepEqual(await store.listKeys(), [newKey(kid)])
      assert.deepEqual(await other.addFirstKey(newKey('late')), [newKey(kid)])
    })
  })

  describe('notes', () => {
    it('outlive their writer, are replaced whole, and are null where nobody wrote', async () => {
      assert.equal(await store.readNote('nothing'), null)
      await store.writeNote('note', 'first')
      await other.writeNote('note', 'second 🦊')
      assert.equal(await store.readNote('note'), 'second 🦊')
      await race(16, (store, index) => store.writeNote('note', String(index)))
      assert.match((await other.readNote('note')) ?? '', /^\d+$/)
    })

    it('that are kept are kept once: 16 concurrent callers are all given the same', async () => {
      const kept = await race(16, (store, index) => store.keepNote('kept', `of ${index}`))
      assert.equal(new Set(kept).size, 1)
      assert.equal(await other.keepNote('kept', 'too late'), kept[0])
    })
  })

  describe('inspect and ping', () => {
    it('say that the database is there, whole, and up to date', async () => {
      await store.ping()
      const facts = await store.inspect()
      assert.equal(facts.integrity, 'ok')
      assert.deepEqual(facts.pendingMigrations, [])
      assert.ok(facts.appliedMigrations.includes('0001-accounts-and-sessions'))
      const accounts = await store.listAccounts({ after: 0, limit: 100_000 })
      assert.equal(facts.accounts, accounts.length)
    })
  })
}

function newKey(kid: string) {
  return { kid, algorithm: 'ES256', publicJwk: '{}', sealedPrivateJwk: 'sealed', createdAt: NOW }
}
