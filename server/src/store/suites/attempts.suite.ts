import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NOW } from '../../../test/kit/new-rows.ts'
import { fixedRule } from '../../../test/kit/rules.ts'
import { fresh, type Stores } from '../../../test/kit/stores.ts'
import { type AttemptRule, DEFAULT_LIMITS } from '../../core/attempt-rules.ts'

/** How attempts are counted. */
export function attemptSuite({ store, other, race }: Stores): void {
  describe('takeAttempts', () => {
    const rule = fixedRule(3, 1000)
    const take = async (key: string, now: number, by: AttemptRule = rule) =>
      (await store.takeAttempts([{ key, rule: by }], now)).blocked?.until ?? null

    it('lets of 200 concurrent callers exactly `limit` through', async () => {
      const budget = { key: fresh(), rule: { ...rule, limit: 10 } }
      const taken = await race(200, (store) => store.takeAttempts([budget], NOW))
      assert.equal(taken.filter(({ blocked }) => blocked === null).length, 10)
      for (const { blocked } of taken) assert.ok(blocked === null || blocked.until === NOW + 1000)
    })

    it('lets of 200 concurrent callers exactly ten through by the rule of accounts', async () => {
      const budget = { key: fresh(), rule: DEFAULT_LIMITS.account }
      const taken = await race(200, (store) => store.takeAttempts([budget], NOW))
      assert.equal(taken.filter(({ blocked }) => blocked === null).length, 10)
    })

    it('counts against every budget or against none', async () => {
      const [wide, narrow] = [
        { key: fresh(), rule },
        { key: fresh(), rule: { ...rule, limit: 1 } },
      ]
      assert.deepEqual(await store.takeAttempts([wide, narrow], NOW), { blocked: null })
      for (let index = 0; index < 5; index++) {
        assert.deepEqual(await store.takeAttempts([wide, narrow], NOW), {
          blocked: { key: narrow.key, until: NOW + 1000 },
        })
      }
      assert.equal(await take(wide.key, NOW), null)
      assert.equal(await take(wide.key, NOW), null)
      assert.equal(await take(wide.key, NOW), NOW + 1000)
    })

    it('holds all-or-nothing among 100 concurrent callers that share one budget of two', async () => {
      const shared = { key: fresh(), rule: { ...rule, limit: 7 } }
      const own = Array.from({ length: 10 }, () => ({ key: fresh(), rule: { ...rule, limit: 3 } }))
      const outcomes = await race(100, async (store, index) => {
        const mine = own[index % 10] ?? shared
        return { mine, ...(await store.takeAttempts([mine, shared], NOW)) }
      })
      const passed = outcomes.filter(({ blocked }) => blocked === null)
      assert.equal(passed.length, 7)
      for (const budget of own) {
        const used = passed.filter(({ mine }) => mine === budget).length
        for (let index = used; index < 3; index++) assert.equal(await take(budget.key, NOW, budget.rule), null)
        assert.notEqual(await take(budget.key, NOW, budget.rule), null)
      }
    })

    it('says until when the longest of several budgets is blocked', async () => {
      const [short, long] = [
        { key: fresh(), rule: { ...rule, limit: 1 } },
        { key: fresh(), rule: { ...rule, limit: 1, window: 9000 } },
      ]
      await store.takeAttempts([short, long], NOW)
      assert.deepEqual(await store.takeAttempts([short, long], NOW + 1), {
        blocked: { key: long.key, until: NOW + 9000 },
      })
    })

    it('starts a fixed window again when it is over, and not a millisecond before', async () => {
      const key = fresh()
      for (let index = 0; index < 3; index++) assert.equal(await take(key, NOW + index), null)
      assert.equal(await take(key, NOW + 999), NOW + 1000)
      for (let index = 0; index < 3; index++) assert.equal(await take(key, NOW + 1000), null)
      assert.equal(await take(key, NOW + 1001), NOW + 2000)
    })

    it('starts a window again that ended unused', async () => {
      const key = fresh()
      await take(key, NOW)
      await take(key, NOW)
      for (let index = 0; index < 3; index++) assert.equal(await take(key, NOW + 5000), null)
      assert.equal(await take(key, NOW + 5000), NOW + 6000)
    })

    it('doubles the wait from one second to fifteen minutes, and starts again after a quiet day', async () => {
      const key = fresh()
      const { account } = DEFAULT_LIMITS
      let now = NOW
      for (let index = 0; index < 10; index++) assert.equal(await take(key, now, account), null)
      const waits: number[] = []
      for (let index = 0; index < 13; index++) {
        const blockedUntil = (await take(key, now, account)) ?? 0
        waits.push(blockedUntil - now)
        assert.equal(await take(key, blockedUntil - 1, account), blockedUntil)
        now = blockedUntil
        assert.equal(await take(key, now, account), null)
      }
      assert.deepEqual(
        waits.map((wait) => wait / 1000),
        [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900],
      )
      now += 86_400_000
      for (let index = 0; index < 10; index++) assert.equal(await take(key, now, account), null)
      assert.equal(await take(key, now, account), now + 1000)
    })

    it('leaves one attempt a day after fifty in a row, however long the pause', async () => {
      const key = fresh()
      const { account } = DEFAULT_LIMITS
      let now = NOW
      for (let count = 1; count <= 50; count++) {
        now = (await take(key, now, account)) ?? now
        if (count > 10) assert.equal(await take(key, now, account), null)
      }
      for (let day = 0; day < 3; day++) {
        const blockedUntil = await take(key, now, account)
        assert.equal(blockedUntil, now + 86_400_000)
        now = blockedUntil
        assert.equal(await take(key, now, account), null)
      }
    })

    it('shares its counters with every other process', async () => {
      const budget = { key: fresh(), rule }
      for (const each of [store, other, store]) {
        assert.deepEqual(await each.takeAttempts([budget], NOW), { blocked: null })
      }
      for (const each of [store, other]) {
        assert.deepEqual(await each.takeAttempts([budget], NOW), { blocked: { key: budget.key, until: NOW + 1000 } })
      }
      await other.settleAttempts({ release: [], clear: [budget.key] })
      assert.deepEqual(await store.takeAttempts([budget], NOW), { blocked: null })
    })
  })
}
