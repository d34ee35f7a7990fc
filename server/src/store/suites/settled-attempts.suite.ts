import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NOW } from '../../../test/kit/new-rows.ts'
import { fixedRule } from '../../../test/kit/rules.ts'
import { fresh, type Stores } from '../../../test/kit/stores.ts'

/** How attempts are given back and forgotten. */
export function settledAttemptSuite({ store, race }: Stores): void {
  describe('settleAttempts', () => {
    const rule = fixedRule(2, 1000)
    const isTaken = async (key: string) => (await store.takeAttempts([{ key, rule }], NOW)).blocked !== null

    it('gives one attempt back, and unblocks a budget that is no longer used up', async () => {
      const budget = { key: fresh(), rule }
      assert.equal(await isTaken(budget.key), false)
      assert.equal(await isTaken(budget.key), false)
      assert.equal(await isTaken(budget.key), true)
      await store.settleAttempts({ release: [budget], clear: [] })
      assert.equal(await isTaken(budget.key), false)
      assert.equal(await isTaken(budget.key), true)
    })

    it('never counts below zero', async () => {
      const budget = { key: fresh(), rule }
      assert.equal(await isTaken(budget.key), false)
      for (let index = 0; index < 5; index++) await store.settleAttempts({ release: [budget], clear: [] })
      assert.equal(await isTaken(budget.key), false)
      assert.equal(await isTaken(budget.key), false)
      assert.equal(await isTaken(budget.key), true)
    })

    it('forgets what it is told to clear, and nothing else', async () => {
      const [cleared, kept] = [fresh(), fresh()]
      for (const key of [cleared, cleared, kept, kept]) await isTaken(key)
      await store.settleAttempts({ release: [], clear: [cleared] })
      assert.equal(await isTaken(cleared), false)
      assert.equal(await isTaken(kept), true)
    })

    it('releases one and clears another in one step, and takes an empty change', async () => {
      const [released, cleared] = [{ key: fresh(), rule }, fresh()]
      for (const key of [released.key, released.key, cleared, cleared]) await isTaken(key)
      await store.settleAttempts({ release: [released], clear: [cleared] })
      await store.settleAttempts({ release: [], clear: [] })
      assert.equal(await isTaken(released.key), false)
      assert.equal(await isTaken(released.key), true)
      assert.equal(await isTaken(cleared), false)
    })

    it('gives back every one of 50 attempts that are released at once', async () => {
      const budget = { key: fresh(), rule: { ...rule, limit: 50 } }
      await race(50, (store) => store.takeAttempts([budget], NOW))
      await race(50, (store) => store.settleAttempts({ release: [budget], clear: [] }))
      const taken = await race(60, (store) => store.takeAttempts([budget], NOW))
      assert.equal(taken.filter(({ blocked }) => blocked === null).length, 50)
    })
  })

  describe('pruneAttempts', () => {
    it('removes counters untouched since a time, but never one that still blocks', async () => {
      const [idle, blocking, recent] = [fresh(), fresh(), fresh()]
      const day = 86_400_000
      const take = async (key: string, now: number, window: number, limit: number) =>
        (await store.takeAttempts([{ key, rule: fixedRule(limit, window) }], now)).blocked?.until ?? null
      await take(idle, 1000, 10 * day, 2)
      await take(blocking, 1000, 10 * day, 1)
      await take(recent, 5 * day, 10 * day, 2)
      assert.equal(await store.pruneAttempts(3 * day, { prefixes: ['nothing'], from: 1 }), 1)
      assert.equal(await take(blocking, 3 * day, 10 * day, 1), 1000 + 10 * day)
      assert.equal(await take(recent, 5 * day, 10 * day, 2), null)
      assert.notEqual(await take(recent, 5 * day, 10 * day, 2), null)
      assert.equal(await store.pruneAttempts(3 * day, { prefixes: ['nothing'], from: 1 }), 0)
    })
  })

  describe('pruneAttempts, told to keep some', () => {
    it('leaves those that begin so and have come so far, however old', async () => {
      const keys = ['kept:', 'kept too:', 'other:'].map((prefix) => `${prefix}${fresh()}`)
      for (const key of keys) {
        const budget = { key, rule: fixedRule(10, 1000) }
        for (let count = 0; count < 3; count++) await store.takeAttempts([budget], 1000)
      }
      const later = 1_000_000
      const prefixes = ['kept:', 'kept too:']
      assert.equal(await store.pruneAttempts(later, { prefixes, from: 3 }), 1)
      assert.equal(await store.pruneAttempts(later, { prefixes, from: 4 }), 2)
    })
  })
}
