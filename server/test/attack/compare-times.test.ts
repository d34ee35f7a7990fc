import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compareTimes } from './compare-times.ts'

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
