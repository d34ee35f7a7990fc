import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createEvening } from './even-out.ts'

describe('work that was too little', () => {
  it('takes as long as the usual work did, in pieces that grow smaller', async () => {
    let time = 0
    const shares: number[] = []
    const evening = createEvening(
      async (share) => {
        shares.push(share)
        time += share * 100
      },
      () => time,
    )
    evening.note(100)
    await evening.fillUp(0)
    assert.equal(Math.round(time), 100)
    assert.ok(shares.length > 1 && shares.every((share) => share > 0 && share <= 0.7), String(shares))
    assert.deepEqual(
      shares,
      shares.toSorted((one, other) => other - one),
    )
  })

  it('is each time as long as another of the last sixteen times, whatever came before them', async () => {
    let time = 0
    const evening = createEvening(
      async (share) => {
        time += share * 6
      },
      () => time,
    )
    for (let index = 0; index < 16; index++) evening.note(10_000)
    for (let index = 0; index < 16; index++) evening.note(index % 2 === 0 ? 5 : 40)
    const took: number[] = []
    for (let index = 0; index < 6; index++) {
      const started = time
      await evening.fillUp(started)
      took.push(time - started)
    }
    assert.deepEqual(
      took.map((time) => (time > 35 && time <= 40 ? 40 : Math.round(time))),
      [5, 40, 5, 40, 5, 40],
    )
  })

  it('is left alone where it was too much, and where no usual work was seen', async () => {
    const none = createEvening(() => assert.fail('there was nothing to fill up'))
    await none.fillUp(performance.now())
    none.note(10)
    await none.fillUp(performance.now() - 11)
  })

  it('ends even where the pieces do nothing', async () => {
    const evening = createEvening(async () => {})
    evening.note(3_600_000)
    await evening.fillUp(performance.now())
  })
})
