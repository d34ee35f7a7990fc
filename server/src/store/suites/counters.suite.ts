import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NOW } from '../../../test/kit/new-rows.ts'
import { fixedRule } from '../../../test/kit/rules.ts'
import { fresh, type Stores } from '../../../test/kit/stores.ts'

/** How an operator looks at counters, and makes them start again. */
export function counterSuite({ store }: Stores): void {
  const take = (key: string, now: number, { limit, window }: { limit: number; window: number }) =>
    store.takeAttempts([{ key, rule: fixedRule(limit, window) }], now)

  describe('listAttempts', () => {
    it('tells all there is of a counter', async () => {
      const key = `${fresh()}:one`
      await take(key, NOW, { limit: 2, window: 1000 })
      await take(key, NOW + 5, { limit: 2, window: 1000 })
      assert.deepEqual(await store.listAttempts({ prefix: key, limit: 10 }), [
        { key, count: 2, windowStartedAt: NOW, lastAt: NOW + 5, blockedUntil: NOW + 1000 },
      ])
    })

    it('lists those that block longest first, then those that were touched last, and no more than asked for', async () => {
      const prefix = fresh()
      await take(`${prefix}:idle`, NOW, { limit: 9, window: 1000 })
      await take(`${prefix}:busy`, NOW + 1, { limit: 9, window: 1000 })
      await take(`${prefix}:short`, NOW, { limit: 1, window: 1000 })
      await take(`${prefix}:long`, NOW, { limit: 1, window: 9000 })
      const list = async (filter: { blockedAt?: number; limit?: number } = {}) =>
        (await store.listAttempts({ prefix, limit: 10, ...filter })).map(({ key }) => key.slice(prefix.length + 1))
      assert.deepEqual(await list(), ['long', 'short', 'busy', 'idle'])
      assert.deepEqual(await list({ limit: 2 }), ['long', 'short'])
      assert.deepEqual(await list({ blockedAt: NOW }), ['long', 'short'])
      assert.deepEqual(await list({ blockedAt: NOW + 999 }), ['long', 'short'])
      assert.deepEqual(await list({ blockedAt: NOW + 1000 }), ['long'])
      assert.deepEqual(await list({ blockedAt: NOW + 9000 }), [])
    })

    it('takes a prefix literally: %, _ and * stand for themselves, and letters for their own case', async () => {
      const own = fresh()
      const keys = ['a%b', 'a_b', 'axb', 'a*b', 'A_b', 'a🦊b'].map((name) => `${own}:${name}`)
      for (const key of keys) await take(key, NOW, { limit: 9, window: 1000 })
      for (const key of keys) {
        const found = await store.listAttempts({ prefix: key, limit: 10 })
        assert.deepEqual(
          found.map((counter) => counter.key),
          [key],
        )
      }
      assert.equal((await store.listAttempts({ prefix: `${own}:a`, limit: 10 })).length, 5)
      assert.deepEqual(await store.listAttempts({ prefix: `${own}:a%`, limit: 10, blockedAt: NOW }), [])
    })
  })

  describe('clearAttempts', () => {
    it('forgets the counters that begin so, says how many, and leaves all others', async () => {
      const own = fresh()
      const rule = { limit: 1, window: 1000 }
      const keys = ['a_b:1', 'a_b:2', 'axb:1', 'a%b:1'].map((name) => `${own}:${name}`)
      for (const key of keys) await take(key, NOW, rule)
      assert.equal(await store.clearAttempts({ prefix: `${own}:a_b:` }), 2)
      const blocked = await Promise.all(keys.map(async (key) => (await take(key, NOW, rule)).blocked !== null))
      assert.deepEqual(blocked, [false, false, true, true])
      assert.equal(await store.clearAttempts({ prefix: `${own}:%` }), 0)
      assert.equal(await store.clearAttempts({ prefix: own }), 4)
      assert.equal(await store.clearAttempts({ prefix: own }), 0)
    })
  })
}
