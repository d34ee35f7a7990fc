import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compareSpreads, compareTimes } from './compare-times.ts'

/** 300 times from `low` to `high`, evenly. */
function spread(low: number, high: number): number[] {
  return Array.from({ length: 300 }, (_, index) => low + ((high - low) * index) / 299)
}

describe('times', () => {
  it('that are spread alike tell nothing', () => {
    const { ratio, auc, isKept } = compareTimes('alike', spread(10, 12), spread(10, 12))
    assert.deepEqual({ ratio, auc, isKept }, { ratio: 1, auc: 0.5, isKept: true })
  })

  it('tell where the medians are more than 5 % apart, in whichever direction', () => {
    for (const shift of [-1, 1]) {
      const row = compareTimes('apart', spread(10 + shift, 12 + shift), spread(10, 12))
      assert.equal(row.isKept, false)
      assert.ok(Math.abs(row.ratio - 1 - shift / 11) < 1e-9)
    }
  })

  it('tell where one is usually longer though the medians are near', () => {
    const row = compareTimes('near', spread(10.1, 10.3), spread(10, 10.2))
    assert.ok(row.ratio < 1.05)
    assert.equal(row.auc > 0.55, true)
    assert.equal(row.isKept, false)
  })
})

describe('spreads of times', () => {
  it('tell nothing where they are alike, whatever kinds of times there are', () => {
    const mixed = [...spread(10, 12), ...spread(300, 310)]
    const { auc, distance, isKept } = compareSpreads('alike', mixed, mixed)
    assert.deepEqual({ auc, distance, isKept }, { auc: 0.5, distance: 0, isKept: true })
  })

  it('tell where one kind is more frequent in one of them', () => {
    const row = compareSpreads('more', [...spread(10, 12), ...spread(300, 310)], spread(10, 12))
    assert.equal(row.auc, 0.75)
    assert.equal(row.distance, 0.5)
    assert.equal(row.isKept, false)
  })

  it('tell where all of one lie in the middle of the other, though none is usually longer', () => {
    const row = compareSpreads('middle', spread(100, 110), [...spread(10, 12), ...spread(300, 310)])
    assert.equal(row.auc, 0.5)
    assert.equal(row.distance, 0.5)
    assert.equal(row.isKept, false)
  })
})
