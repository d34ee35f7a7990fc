import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMemory } from './memory.ts'

describe('a memory', () => {
  function open({ longest = 1000, size = 10_000 } = {}) {
    let time = 5000
    const memory = createMemory<{ of: string }>({ longest, size, elapsed: () => time })
    const learn = (text: string) => memory.remember(text, { of: text }, memory.begin())
    const advance = (by: number) => {
      time += by
    }
    return { memory, learn, advance }
  }

  it('recalls what was found out until it is as old as it may get, counted from when that was begun', () => {
    const { memory, learn, advance } = open()
    assert.equal(memory.recall('a'), null)
    const beginning = memory.begin()
    advance(400)
    memory.remember('a', { of: 'a' }, beginning)
    advance(599)
    assert.deepEqual(memory.recall('a'), { of: 'a' })
    advance(1)
    assert.equal(memory.recall('a'), null)
    learn('a')
    assert.deepEqual(memory.recall('a'), { of: 'a' })
  })

  it('does not remember what rests on something older than that', () => {
    const { memory } = open()
    memory.remember('a', { of: 'a' }, { ...memory.begin(), at: 4000 })
    assert.equal(memory.recall('a'), null)
  })

  it('forgets what has changed and keeps the rest', () => {
    const { memory, learn } = open()
    learn('a')
    learn('b')
    memory.forget(({ of }) => of === 'a')
    assert.equal(memory.recall('a'), null)
    assert.deepEqual(memory.recall('b'), { of: 'b' })
  })

  it('does not remember what was begun before a change and came back after it', () => {
    const { memory } = open()
    const before = memory.begin()
    memory.forget(() => false)
    memory.remember('a', { of: 'a' }, before)
    assert.equal(memory.recall('a'), null)
    memory.remember('a', { of: 'a' }, memory.begin())
    assert.deepEqual(memory.recall('a'), { of: 'a' })
  })

  it('forgets all, and what is found out afterwards too if it rests on something from before', () => {
    const { memory, learn, advance } = open()
    learn('a')
    advance(100)
    memory.forgetAll()
    assert.equal(memory.recall('a'), null)
    const beginning = memory.begin()
    memory.remember('a', { of: 'a' }, { ...beginning, at: beginning.at - 1 })
    assert.equal(memory.recall('a'), null)
    learn('a')
    assert.deepEqual(memory.recall('a'), { of: 'a' })
  })

  it('holds no more than so much, the oldest of which goes first, and nothing that is over', () => {
    const { memory, learn, advance } = open({ size: 3 })
    for (const text of ['a', 'b', 'c', 'd']) learn(text)
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((text) => memory.recall(text) !== null),
      [false, true, true, true],
    )
    learn('b')
    learn('e')
    assert.deepEqual(
      ['b', 'c', 'd', 'e'].map((text) => memory.recall(text) !== null),
      [true, false, true, true],
    )
    advance(1000)
    let looked = 0
    learn('f')
    memory.forget(() => {
      looked++
      return false
    })
    assert.equal(looked, 1)
    advance(1000)
    memory.forget(() => {
      looked++
      return false
    })
    assert.equal(looked, 1)
  })

  it('remembers nothing where nothing may be old', () => {
    const { memory, learn } = open({ longest: 0 })
    learn('a')
    assert.equal(memory.recall('a'), null)
  })
})
