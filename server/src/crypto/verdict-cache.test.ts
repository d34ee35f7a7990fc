import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createVerdictCache } from './verdict-cache.ts'

describe('a verdict cache', () => {
  it('forgets the one asked for longest ago when it is full', () => {
    const cache = createVerdictCache<number>(3)
    for (const [index, name] of ['a', 'b', 'c'].entries()) cache.set(name, index)
    assert.equal(cache.get('a'), 0)
    cache.set('d', 3)
    assert.equal(cache.get('b'), undefined)
    assert.deepEqual(
      ['a', 'c', 'd'].map((name) => cache.get(name)),
      [0, 2, 3],
    )
  })

  it('never holds more than its size, and 10 000 unless told', () => {
    const cache = createVerdictCache<number>()
    for (let index = 0; index < 12_000; index++) cache.set(String(index), index)
    let held = 0
    for (let index = 0; index < 12_000; index++) if (cache.get(String(index)) !== undefined) held++
    assert.equal(held, 10_000)
    assert.equal(cache.get('1999'), undefined)
    assert.equal(cache.get('2000'), 2000)
  })

  it('takes a second verdict on a text in place of the first', () => {
    const cache = createVerdictCache<number>(2)
    cache.set('a', 1)
    cache.set('b', 1)
    cache.set('a', 2)
    cache.set('c', 1)
    assert.equal(cache.get('a'), 2)
    assert.equal(cache.get('b'), undefined)
  })
})
