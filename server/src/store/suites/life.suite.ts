import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Stores } from '../../../test/kit/stores.ts'

/** Notes, and the database itself. */
export function lifeSuite({ store, other, race }: Stores): void {
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
