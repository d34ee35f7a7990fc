import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createCircuitBreaker } from './circuit-breaker.ts'

function start() {
  let time = 1_000_000
  const breaker = createCircuitBreaker({ failures: 3, rest: 100, now: () => time })
  const fail = (times: number) => {
    for (let count = 0; count < times; count++) breaker.noteFailure()
  }
  const advance = (milliseconds: number) => {
    time += milliseconds
  }
  return { breaker, fail, advance }
}

describe('a circuit breaker', () => {
  it('lets everybody ask until so many failures come in a row', () => {
    const { breaker, fail } = start()
    fail(2)
    assert.equal(breaker.mayAsk(), true)
    breaker.noteAnswer()
    fail(2)
    assert.equal(breaker.mayAsk(), true)
    fail(1)
    assert.equal(breaker.mayAsk(), false)
  })

  it('says that it rests, also while one is on the way, and lets nobody through by saying so', () => {
    const { breaker, fail, advance } = start()
    assert.equal(breaker.isResting(), false)
    fail(3)
    assert.equal(breaker.isResting(), true)
    advance(100)
    assert.equal(breaker.isResting(), true)
    assert.equal(breaker.mayAsk(), true)
    assert.equal(breaker.isResting(), true)
    breaker.noteAnswer()
    assert.equal(breaker.isResting(), false)
  })

  it('lets one ask after the rest, and nobody else until that one has an answer', () => {
    const { breaker, fail, advance } = start()
    fail(3)
    advance(99)
    assert.equal(breaker.mayAsk(), false)
    advance(1)
    assert.equal(breaker.mayAsk(), true)
    assert.equal(breaker.mayAsk(), false)
    breaker.noteAnswer()
    assert.equal(breaker.mayAsk(), true)
    assert.equal(breaker.mayAsk(), true)
  })

  it('rests again after a trial that fails', () => {
    const { breaker, fail, advance } = start()
    fail(3)
    advance(100)
    assert.equal(breaker.mayAsk(), true)
    fail(1)
    advance(99)
    assert.equal(breaker.mayAsk(), false)
    advance(1)
    assert.equal(breaker.mayAsk(), true)
  })

  it('does not rest for hours because the clock was set back', () => {
    const { breaker, fail, advance } = start()
    fail(3)
    advance(-3_600_000)
    assert.equal(breaker.mayAsk(), true)
    assert.equal(breaker.mayAsk(), false)
  })
})
