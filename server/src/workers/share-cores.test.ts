import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { shareCores } from './share-cores.ts'

describe('shareCores', () => {
  it('gives every process one core at least, none two more than another, and all of them together all cores', () => {
    for (let cores = 1; cores <= 64; cores++) {
      for (let count = 1; count <= cores; count++) {
        const shares = shareCores(cores, count)
        assert.equal(shares.length, count)
        assert.equal(
          shares.reduce((sum, share) => sum + share, 0),
          cores,
        )
        assert.ok(Math.min(...shares) >= 1 && Math.max(...shares) - Math.min(...shares) <= 1)
      }
    }
  })
  it('gives every process one core where there are more processes than cores', () => {
    assert.deepEqual(shareCores(1, 3), [1, 1, 1])
    assert.deepEqual(shareCores(2, 3), [1, 1, 1])
  })
})
