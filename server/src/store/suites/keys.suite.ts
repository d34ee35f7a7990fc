import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NOW, newKey } from '../../../test/kit/new-rows.ts'
import type { Stores } from '../../../test/kit/stores.ts'
import type { NewKey, StoredKey } from '../../core/ports.ts'
import { findSigningKey } from '../../core/signing-key.ts'

const MINUTE = 60_000

/** Signing keys: one signs, and one at most is to follow it. */
export function keySuite({ store, other, add, addWithSession, race }: Stores): void {
  /** The key that none is to follow yet, and a time at which it signs. */
  async function findLast(): Promise<{ last: StoredKey; now: number }> {
    const last = (await store.listKeys()).find(({ retiredAt, revokedAt }) => retiredAt === null && revokedAt === null)
    assert.ok(last !== undefined)
    return { last, now: last.activeFrom + MINUTE }
  }

  async function follow(): Promise<{ before: StoredKey; next: NewKey; now: number }> {
    const { last, now } = await findLast()
    const next = newKey({ createdAt: now, activeFrom: now + MINUTE })
    assert.equal(await store.addNextKey(next, { after: last.kid }), true)
    return { before: last, next, now }
  }

  describe('addFirstKey', () => {
    it('gives to 16 concurrent callers with a key each the one key that won', async () => {
      const keys = Array.from({ length: 16 }, () => newKey())
      const outcomes = await race(16, (store, index) => store.addFirstKey(keys[index] ?? newKey()))
      const kids = new Set(outcomes.flatMap((stored) => stored.map(({ kid }) => kid)))
      assert.equal(kids.size, 1)
      const won = keys.find(({ kid }) => kids.has(kid))
      const first = { ...won, retiredAt: null, revokedAt: null, longestLifetime: 0 }
      assert.deepEqual(await store.listKeys(), [first])
      assert.deepEqual(await other.addFirstKey(newKey()), [first])
    })
  })

  describe('addNextKey', () => {
    it('adds one of 16 that are to follow the same key, which retires when that one may sign', async () => {
      const { last, now } = await findLast()
      const keys = Array.from({ length: 16 }, () => newKey({ createdAt: now, activeFrom: now + MINUTE }))
      const outcomes = await race(16, (store, index) => store.addNextKey(keys[index] ?? newKey(), { after: last.kid }))
      assert.equal(outcomes.filter(Boolean).length, 1)
      const won = keys[outcomes.indexOf(true)]
      const [next, before] = await store.listKeys()
      assert.equal(next?.kid, won?.kid)
      assert.deepEqual(before, { ...last, retiredAt: now + MINUTE })
    })

    it('adds none to a key that is followed already, is unknown, or was revoked', async () => {
      const { before, next, now } = await follow()
      const count = (await store.listKeys()).length
      assert.equal(await other.addNextKey(newKey(), { after: before.kid }), false)
      assert.equal(await other.addNextKey(newKey(), { after: 'nobody' }), false)
      await store.revokeKey(next.kid, { replacement: newKey(), now })
      assert.equal(await other.addNextKey(newKey(), { after: next.kid }), false)
      assert.equal((await store.listKeys()).length, count)
    })
  })

  describe('revokeKey', () => {
    it('puts the replacement in place of the one that signed, once for 16 concurrent callers', async () => {
      const { last, now } = await findLast()
      const keys = Array.from({ length: 16 }, () => newKey({ createdAt: now, activeFrom: now }))
      const signing = findSigningKey(await store.listKeys(), now)?.kid ?? last.kid
      const outcomes = await race(16, (store, index) =>
        store.revokeKey(signing, { replacement: keys[index] ?? newKey(), now }),
      )
      assert.equal(outcomes.filter((stored) => stored !== null).length, 1)
      const stored = await other.listKeys()
      assert.equal(findSigningKey(stored, now)?.kid, keys[outcomes.findIndex((found) => found !== null)]?.kid)
      assert.equal(stored.find(({ kid }) => kid === signing)?.revokedAt, now)
      assert.equal(stored.filter(({ kid }) => keys.some((key) => key.kid === kid)).length, 1)
    })

    it('has the one that was to follow sign at once, and adds none', async () => {
      const { before, next, now } = await follow()
      const replacement = newKey()
      const stored = await store.revokeKey(before.kid, { replacement, now })
      const signing = findSigningKey(stored ?? [], now)
      assert.equal(signing?.kid, next.kid)
      assert.equal(signing?.activeFrom, now)
      assert.ok(stored?.every(({ kid }) => kid !== replacement.kid))
    })

    it('leaves the one that signs where it is when that which was to follow is revoked', async () => {
      const { before, next, now } = await follow()
      const stored = await store.revokeKey(next.kid, { replacement: newKey(), now })
      assert.deepEqual(findSigningKey(stored ?? [], now + 10 * MINUTE), before)
      assert.equal(await store.revokeKey(next.kid, { replacement: newKey(), now }), null)
      assert.equal(await store.revokeKey('nobody', { replacement: newKey(), now }), null)
    })

    it('leaves one that goes on until another follows, also when a clock that is behind revokes', async () => {
      const { next: second, now: before } = await follow()
      const time = second.activeFrom + MINUTE
      const third = newKey({ createdAt: time, activeFrom: time + MINUTE })
      assert.equal(await store.addNextKey(third, { after: second.kid }), true)
      // By this clock the first signs still, and the second is what follows.
      const stored = await store.revokeKey(third.kid, { replacement: newKey(), now: before })
      const open = stored?.filter(({ retiredAt, revokedAt }) => retiredAt === null && revokedAt === null)
      assert.deepEqual(
        open?.map(({ kid }) => kid),
        [second.kid],
      )
      assert.equal(findSigningKey(stored ?? [], time + 10 * MINUTE)?.kid, second.kid)
    })

    it('changes nothing of the others when one is revoked that has retired', async () => {
      const { before, next } = await follow()
      const now = next.activeFrom + MINUTE
      const others = (stored: readonly StoredKey[]) => stored.filter(({ kid }) => kid !== before.kid)
      const untouched = others(await store.listKeys())
      assert.deepEqual(others((await store.revokeKey(before.kid, { replacement: newKey(), now })) ?? []), untouched)
    })
  })

  describe('noteLifetime', () => {
    it('keeps the longest, whoever comes last', async () => {
      const { last } = await findLast()
      await race(16, (store, index) => store.noteLifetime(last.kid, 100 * (index + 1)))
      await store.noteLifetime(last.kid, 5)
      assert.equal((await findLast()).last.longestLifetime, 1600)
    })
  })

  describe('removeKeys', () => {
    it('says to one caller of two which went', async () => {
      const { before } = await follow()
      const outcomes = await race(2, (store) => store.removeKeys([before.kid, 'nobody']))
      assert.deepEqual(outcomes.flat(), [before.kid])
      assert.ok((await other.listKeys()).every(({ kid }) => kid !== before.kid))
      assert.deepEqual(await store.removeKeys([]), [])
    })
  })

  describe('countSignedSessions', () => {
    it('counts those with signed tokens that were opened in the time and are not over', async () => {
      const account = await add()
      const at = NOW + 1_000_000_000
      for (const [kind, createdAt, expiresAt] of [
        ['jwt', at, at + 2 * MINUTE],
        ['pair', at + MINUTE, at + 3 * MINUTE],
        ['pair', at + 2 * MINUTE, at + 3 * MINUTE],
        ['key', at, at + 3 * MINUTE],
        ['jwt', at, at + MINUTE],
      ] as const) {
        await addWithSession({ accountId: account.id, kind, createdAt, expiresAt })
      }
      const now = at + MINUTE
      assert.equal(await store.countSignedSessions({ from: at, until: now, now }), 2)
      assert.equal(await store.countSignedSessions({ from: at + 1, until: now, now }), 1)
    })
  })
}
