import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { blockedUntilAfter, DEFAULT_LIMITS, DEFAULT_RATES, tighten, toLimits } from './attempt-rules.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE

describe('blockedUntilAfter', () => {
  const { account } = DEFAULT_LIMITS
  const waits: readonly [number, number][] = [
    [1, 0],
    [9, 0],
    [10, SECOND],
    [11, 2 * SECOND],
    [12, 4 * SECOND],
    [15, 32 * SECOND],
    [19, 512 * SECOND],
    [20, 15 * MINUTE],
    [49, 15 * MINUTE],
    [50, DAY],
    [51, DAY],
    [5000, DAY],
  ]
  for (const [count, wait] of waits) {
    it(`makes an account wait ${wait / SECOND} s after ${count} failures`, () => {
      const now = 1_700_000_000_000
      const expected = wait === 0 ? 0 : now + wait
      assert.equal(blockedUntilAfter(account, { count, windowStartedAt: now - MINUTE, now }), expected)
    })
  }

  it('makes a network wait until its window is over, however often it has tried', () => {
    const [short, long] = DEFAULT_LIMITS.network
    assert.ok(short !== undefined && long !== undefined)
    const at = (count: number) => ({ count, windowStartedAt: 1000, now: 5000 })
    assert.equal(blockedUntilAfter(short, at(59)), 0)
    assert.equal(blockedUntilAfter(short, at(60)), 1000 + 5 * MINUTE)
    assert.equal(blockedUntilAfter(long, at(299)), 0)
    assert.equal(blockedUntilAfter(long, at(300)), 1000 + 60 * MINUTE)
    assert.equal(blockedUntilAfter(long, at(100_000)), 1000 + 60 * MINUTE)
  })
})

describe('toLimits', () => {
  it('takes rates as they are, and makes accounts back off while everything else waits', () => {
    const limits = toLimits({ ...DEFAULT_RATES, account: { limit: 4, window: MINUTE } })
    const { limit, window, whenUsedUp } = limits.account
    assert.deepEqual([limit, window, whenUsedUp], [4, MINUTE, 'back_off'])
    const { names, registrations, lettersTo, lettersFrom } = limits
    for (const rule of [...limits.network, names, registrations, lettersTo, lettersFrom]) {
      assert.equal(rule.whenUsedUp, 'wait')
    }
    assert.deepEqual(toLimits(DEFAULT_RATES), DEFAULT_LIMITS)
  })
})

describe('tighten', () => {
  it('leaves a third of a budget, and never less than one attempt', () => {
    const { account } = DEFAULT_LIMITS
    assert.deepEqual(tighten(account), { ...account, limit: 3, consecutive: 16 })
    assert.equal(tighten({ ...account, limit: 1 }).limit, 1)
  })
})
