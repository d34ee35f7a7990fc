import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createQueue } from './queue.ts'

class Refused extends Error {}

function makeQueue({ workers = 2, longestWait = 2000 } = {}) {
  return createQueue({ workers, longestWait, refuse: () => new Refused() })
}

const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))

describe('a queue', () => {
  it('never has more at work than it has workers, and serves in order', async () => {
    const queue = makeQueue({ workers: 3 })
    let busy = 0
    let busiest = 0
    const started: number[] = []
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        queue.run(async () => {
          started.push(index)
          busiest = Math.max(busiest, ++busy)
          await sleep(2)
          busy--
        }),
      ),
    )
    assert.equal(busiest, 3)
    assert.deepEqual(
      started,
      Array.from({ length: 40 }, (_, index) => index),
    )
  })

  it('hands what the work gives, or how it fails, to whoever asked, and goes on', async () => {
    const queue = makeQueue({ workers: 1 })
    const outcomes = await Promise.allSettled([
      queue.run(async () => 'a'),
      queue.run(async () => {
        throw new Error('b')
      }),
      queue.run(() => {
        throw new Error('at once')
      }),
      queue.run(async () => 'c'),
    ])
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason.message)),
      ['a', 'b', 'at once', 'c'],
    )
    assert.equal(await queue.run(async () => 'later'), 'later')
  })

  it('gives a free place to whoever waited longest, never to a newcomer', async () => {
    const queue = makeQueue({ workers: 1 })
    const order: string[] = []
    const first = queue.run(async () => {
      await sleep(5)
      order.push('first')
    })
    const second = queue.run(async () => void order.push('second'))
    await first
    const newcomer = queue.run(async () => void order.push('newcomer'))
    await Promise.all([second, newcomer])
    assert.deepEqual(order, ['first', 'second', 'newcomer'])
  })

  it('refuses whoever waits too long, and does not run that work later', async () => {
    const queue = makeQueue({ workers: 1, longestWait: 30 })
    const ran: string[] = []
    let isOver = false
    const long = queue
      .run(() => sleep(500))
      .then(() => {
        isOver = true
      })
    await assert.rejects(
      queue.run(async () => void ran.push('refused')),
      Refused,
    )
    assert.equal(isOver, false, 'the refusal came only when there was a place')
    await long
    await queue.run(async () => void ran.push('after'))
    assert.deepEqual(ran, ['after'])
  })

  it('refuses a newcomer at once when its turn would come too late', async () => {
    const queue = makeQueue({ workers: 1, longestWait: 100 })
    await queue.run(() => sleep(40))
    const order: string[] = []
    const accepted = Array.from({ length: 2 }, () => queue.run(() => sleep(20)).then(() => order.push('done')))
    const flood = Array.from({ length: 200 }, () =>
      queue
        .run(() => sleep(1))
        .then(
          () => order.push('done'),
          () => order.push('refused'),
        ),
    )
    await Promise.all([...flood, ...accepted])
    const refusals = order.filter((outcome) => outcome === 'refused').length
    // How many are taken in hangs on how long the first one really took.
    assert.ok(refusals >= 197)
    assert.equal(order.indexOf('done'), refusals, 'a refusal waited for work')
  })

  it('loses no place to refusals: all its workers are there again afterwards', async () => {
    const queue = makeQueue({ workers: 2, longestWait: 20 })
    await Promise.allSettled(Array.from({ length: 50 }, () => queue.run(() => sleep(50))))
    let busy = 0
    let busiest = 0
    await Promise.allSettled(
      Array.from({ length: 2 }, () =>
        queue.run(async () => {
          busiest = Math.max(busiest, ++busy)
          await sleep(5)
          busy--
        }),
      ),
    )
    assert.equal(busiest, 2)
  })
})
