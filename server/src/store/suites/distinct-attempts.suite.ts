import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NOW } from '../../../test/kit/new-rows.ts'
import { fixedRule } from '../../../test/kit/rules.ts'
import { fresh, type Stores } from '../../../test/kit/stores.ts'

/** How different things are counted, not attempts. */
export function distinctAttemptSuite({ store, race }: Stores): void {
  describe('takeAttempts, where different things are counted', () => {
    const rule = fixedRule(3, 1000)
    const free = { blocked: null }
    const counter = (limit = 3) => {
      const key = fresh()
      return {
        key,
        blocked: (until: number) => ({ blocked: { key, until } }),
        about: (distinct: string) => ({ key, rule: { ...rule, limit }, distinct }),
        async count() {
          return (await store.listAttempts({ prefix: key, limit: 1 }))[0]?.count
        },
      }
    }
    const take = (budget: ReturnType<ReturnType<typeof counter>['about']>, now = NOW) =>
      store.takeAttempts([budget], now)

    it('counts a thing once in a window, however often it is asked about', async () => {
      const { about, count } = counter()
      for (let index = 0; index < 10; index++) assert.deepEqual(await take(about('a'), NOW + index), free)
      assert.equal(await count(), 1)
      assert.deepEqual(await take(about('b'), NOW + 10), free)
      assert.equal(await count(), 2)
    })

    it('refuses a new thing when the budget is used up, and lets those through that were counted', async () => {
      const { about, blocked } = counter()
      for (const thing of ['a', 'b', 'c']) assert.deepEqual(await take(about(thing)), free)
      assert.deepEqual(await take(about('d'), NOW + 1), blocked(NOW + 1000))
      for (const thing of ['a', 'b', 'c']) assert.deepEqual(await take(about(thing), NOW + 2), free)
      assert.deepEqual(await take(about('d'), NOW + 999), blocked(NOW + 1000))
    })

    it('starts again when the window is over: what was counted before is new, and costs', async () => {
      const { about, blocked, count } = counter()
      for (const thing of ['a', 'b', 'c']) await take(about(thing))
      for (const thing of ['a', 'd', 'b']) assert.deepEqual(await take(about(thing), NOW + 1000), free)
      assert.equal(await count(), 3)
      assert.deepEqual(await take(about('c'), NOW + 1001), blocked(NOW + 2000))
      assert.deepEqual(await take(about('a'), NOW + 1001), free)
    })

    it('counts for each counter by itself', async () => {
      const [left, right] = [counter(1), counter(1)]
      assert.deepEqual(await take(left.about('a')), free)
      assert.deepEqual(await take(right.about('b')), free)
      assert.deepEqual(await take(right.about('a')), right.blocked(NOW + 1000))
      assert.deepEqual(await take(left.about('a')), free)
    })

    it('counts two things of one request both, or neither', async () => {
      const { about, blocked, count } = counter()
      assert.deepEqual(await store.takeAttempts([about('a'), about('b')], NOW), free)
      assert.equal(await count(), 2)
      assert.deepEqual(await store.takeAttempts([about('c'), about('d')], NOW), blocked(NOW + 1000))
      assert.equal(await count(), 2)
      assert.deepEqual(await store.takeAttempts([about('c'), about('a')], NOW), free)
      assert.equal(await count(), 3)
    })

    it('counts nothing where another budget is used up', async () => {
      const { about, count } = counter()
      const full = { key: fresh(), rule: { ...rule, limit: 1 } }
      await store.takeAttempts([full], NOW)
      assert.notEqual((await store.takeAttempts([about('a'), full], NOW)).blocked, null)
      assert.equal(await count(), undefined)
    })

    it('gives a thing back once, and then it is new again', async () => {
      const { about, blocked, count } = counter()
      for (const thing of ['a', 'b', 'c']) await take(about(thing))
      for (let index = 0; index < 3; index++) await store.settleAttempts({ release: [about('a')], clear: [] })
      await store.settleAttempts({ release: [about('never asked')], clear: [] })
      assert.equal(await count(), 2)
      assert.deepEqual(await take(about('d'), NOW + 1), free)
      assert.deepEqual(await take(about('a'), NOW + 1), blocked(NOW + 1000))
      assert.deepEqual(await take(about('b'), NOW + 1), free)
    })

    it('counts one thing that 100 concurrent callers ask about once', async () => {
      const { about, count } = counter()
      const taken = await race(100, (store) => store.takeAttempts([about('a')], NOW))
      assert.deepEqual(new Set(taken.map(({ blocked }) => blocked)), new Set([null]))
      assert.equal(await count(), 1)
    })

    it('lets of 100 different things that concurrent callers ask about exactly `limit` through', async () => {
      const { about, count } = counter(10)
      const taken = await race(100, (store, index) => store.takeAttempts([about(`thing ${index}`)], NOW))
      const passed = taken.flatMap(({ blocked }, index) => (blocked === null ? [index] : []))
      assert.equal(passed.length, 10)
      assert.equal(await count(), 10)
      for (const index of passed) assert.deepEqual(await take(about(`thing ${index}`), NOW + 1), free)
    })

    it('meets no deadlock where concurrent callers ask about the same two things in either order', async () => {
      const { about, count } = counter(10)
      const pairs = [
        [about('a'), about('b')],
        [about('b'), about('a')],
      ]
      const taken = await race(40, (store, index) => store.takeAttempts(pairs[index % 2] ?? [], NOW))
      assert.deepEqual(new Set(taken.map(({ blocked }) => blocked)), new Set([null]))
      assert.equal(await count(), 2)
    })

    it('keeps a count that is right when things are asked about and given back at the same moment', async () => {
      const { about, count } = counter(1000)
      await race(60, async (store, index) => {
        const thing = about(`thing ${index % 20}`)
        if (index % 3 === 0) await store.settleAttempts({ release: [thing], clear: [] })
        else await store.takeAttempts([thing], NOW)
      })
      const before = (await count()) ?? 0
      const all = Array.from({ length: 20 }, (_, index) => about(`thing ${index}`))
      for (const thing of all) await take(thing)
      assert.ok(before <= 20, `${before} of 20 things`)
      assert.equal(await count(), 20)
    })

    it('forgets things with their counter, when it is cleared and when it is pruned', async () => {
      const [cleared, pruned] = [counter(1), counter(1)]
      for (const each of [cleared, pruned]) await store.takeAttempts([each.about('a')], 10_000)
      await store.clearAttempts({ prefix: cleared.key })
      await store.pruneAttempts(1_000_000, { prefixes: ['nothing'], from: 1 })
      for (const each of [cleared, pruned]) {
        assert.equal(await each.count(), undefined)
        assert.deepEqual(await store.takeAttempts([each.about('b')], 10_001), free)
        assert.notEqual((await store.takeAttempts([each.about('a')], 10_001)).blocked, null)
      }
    })
  })
}
