import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NOW } from '../../../test/kit/new-rows.ts'
import type { Stores } from '../../../test/kit/stores.ts'
import type { AuditChain, AuditEntry, AuditEventType } from '../../core/ports.ts'

/** Enough of a chain to append by: what it proves is not what is tested here. */
const CHAIN: AuditChain = {
  link: (previous, { seq }) => `${seq} after ${previous.split(' ')[0]}`,
  sealHead: ({ seq }) => `head ${seq}`,
  sealAnchor: ({ seq }) => `anchor ${seq}`,
}

function newEntry(type: AuditEventType, at = NOW): AuditEntry {
  const client = { contract: null, requestId: null, network: null, userAgent: null }
  return { at, type, actor: 'operator', accountId: null, ...client, detail: { note: 'kept' } }
}

/** How events wait to be told to webhooks. */
export function deliverySuite({ store, race }: Stores): void {
  const append = (...entries: readonly AuditEntry[]) =>
    store.appendAudit(entries, { chain: CHAIN, isWanted: (type) => type !== 'login_failed' })
  const take = (now: number, limit = 10) => store.takeDueDeliveries({ now, lease: 100, limit })

  describe('deliveries', () => {
    it('are noted with the entries that are wanted, and carry them', async () => {
      await append(newEntry('account_enabled'), newEntry('login_failed'), newEntry('account_disabled'))
      const due = await take(NOW)
      assert.deepEqual(
        due.map(({ entry, tries }) => [entry.type, entry.detail, tries]),
        [
          ['account_enabled', { note: 'kept' }, 1],
          ['account_disabled', { note: 'kept' }, 1],
        ],
      )
      const [first, second] = due
      assert.equal(Number(second?.entry.seq) - Number(first?.entry.seq), 2)
      for (const { id } of due) await store.removeDelivery(id)
      assert.deepEqual(await take(NOW + 10 ** 9), [])
    })

    it('go to one caller each, the oldest first, and come back after a lease that doubles', async () => {
      await append(...Array.from({ length: 12 }, (_, index) => newEntry('account_enabled', NOW - index)))
      assert.deepEqual(await take(NOW - 12), [])
      assert.deepEqual(
        (await take(NOW - 10, 1)).map(({ entry }) => entry.at),
        [NOW - 11],
      )
      const taken = (await race(16, (store) => store.takeDueDeliveries({ now: NOW, lease: 100, limit: 8 }))).flat()
      assert.equal(new Set(taken.map(({ id }) => id)).size, taken.length)
      taken.push(...(await take(NOW, 20)))
      assert.equal(new Set(taken.map(({ id }) => id)).size, 11)
      assert.equal(taken.length, 11)
      assert.deepEqual(await take(NOW + 89), [])
      const again = await take(NOW + 100, 20)
      assert.deepEqual(
        again.map(({ tries }) => tries),
        Array.from({ length: 12 }, () => 2),
      )
      assert.deepEqual(await take(NOW + 299), [])
      assert.deepEqual(await store.countDeliveries(), { waiting: 12, retried: 12 })
      for (const { id } of again) await store.removeDelivery(id)
    })

    it('that nobody takes in time are forgotten, and the oldest of too many', async () => {
      await append(
        newEntry('account_enabled', NOW - 10),
        ...Array.from({ length: 5 }, () => newEntry('account_enabled')),
      )
      assert.equal(await store.pruneDeliveries({ before: NOW - 10, most: 100 }), 1)
      const waiting = await store.listDeliveries(100)
      assert.equal(await store.pruneDeliveries({ before: NOW - 10, most: 3 }), 2)
      assert.deepEqual(await store.listDeliveries(100), waiting.slice(2))
      assert.deepEqual(await store.listDeliveries(1), waiting.slice(2, 3))
      assert.equal(await store.pruneDeliveries({ before: NOW, most: 3 }), 3)
      await append(...Array.from({ length: 6 }, () => newEntry('account_enabled')))
      for (const { id } of (await take(NOW)).slice(1, -1)) await store.removeDelivery(id)
      assert.equal(await store.pruneDeliveries({ before: NOW, most: 2 }), 0, 'those that were told count no more')
      assert.equal(await store.pruneDeliveries({ before: NOW + 10 ** 9, most: 2 }), 2)
      assert.deepEqual(await store.countDeliveries(), { waiting: 0, retried: 0 })
    })

    it('go with their entries', async () => {
      await append(newEntry('account_enabled'))
      await store.pruneAudit(NOW + 1, CHAIN)
      assert.deepEqual(await take(NOW), [])
      assert.deepEqual(await store.listDeliveries(1), [])
    })
  })
}
