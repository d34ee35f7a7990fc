import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createQueue } from './queue.ts'

class Refused extends Error {}

function makeQueue({ workers = 2, longestWait = 2000, mostWaiting = 1000 } = {}) {
  return createQueue({ workers, longestWait, mostWaiting, refuse: () => new Refused() })
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

  it('lets only so many wait, however quick the work is, and says so before it is asked', async () => {
    const queue = makeQueue({ workers: 1, mostWaiting: 3 })
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    const taken = [queue.run(() => gate)]
    for (let waiting = 0; waiting < 3; waiting++) {
      assert.equal(queue.isFull(), false)
      taken.push(queue.run(async () => {}))
    }
    assert.equal(queue.isFull(), true)
    await assert.rejects(
      queue.run(async () => {}),
      Refused,
    )
    open()
    await Promise.all(taken)
    assert.equal(queue.isFull(), false)
  })

  it('is full for what comes when so much else is on its way that its turn would be too far', async () => {
    const queue = makeQueue({ workers: 2, longestWait: 100 })
    await queue.run(() => sleep(40))
    assert.equal(queue.isFull(), false)
    assert.equal(queue.isFull(3), false)
    assert.equal(queue.isFull(50), true)
    assert.equal(queue.isFull(), false)
  })

  it('is busy when what waits keeps its workers at work for a tenth of a second, and not before', async () => {
    const queue = makeQueue({ workers: 1 })
    await queue.run(() => sleep(40))
    assert.equal(queue.isBusy(), false)
    const taken = Array.from({ length: 5 }, () => queue.run(() => sleep(1)))
    assert.equal(queue.isBusy(), true)
    await Promise.all(taken)
    assert.equal(queue.isBusy(), false)
  })

  it('lets a burst wait for long, but where it has stood for that long only a quarter of the time', async () => {
    const queue = makeQueue({ workers: 1, longestWait: 400 })
    const longest = await waitIn(queue, 0)
    assert.ok(longest > 200, `in a burst the longest wait was ${longest} ms`)
    const standing = await waitIn(queue, 1200)
    assert.ok(standing < 200, `in a queue that stood the longest wait was ${standing} ms`)
  })

  it('takes in a long piece of work for each worker where it has stood, so that no worker is ever idle', async () => {
    const queue = makeQueue({ workers: 2, longestWait: 300 })
    let done = 0
    const started = performance.now()
    // Each piece takes longer than a standing queue lets one wait.
    const ask = async () => {
      while (performance.now() - started < 1500) {
        await queue
          .run(() => sleep(150))
          .then(
            () => done++,
            () => sleep(1),
          )
      }
    }
    await Promise.all(Array.from({ length: 10 }, ask))
    assert.ok(done >= 12, `two workers did ${done} pieces of 150 ms in 1.5 s`)
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

/**
 * Asks from many sides at once for so many milliseconds, at least once each.
 *
 * @returns the longest wait of those that came in last, in milliseconds.
 */
async function waitIn(queue: ReturnType<typeof makeQueue>, milliseconds: number): Promise<number> {
  const started = performance.now()
  let longest = 0
  const ask = async () => {
    do {
      const since = performance.now()
      const isLate = since - started >= milliseconds * 0.7
      await queue
        .run(async () => {
          if (isLate) longest = Math.max(longest, performance.now() - since)
          await sleep(5)
        })
        .catch(() => sleep(2))
    } while (performance.now() - started < milliseconds)
  }
  await Promise.all(Array.from({ length: 200 }, ask))
  return longest
}
