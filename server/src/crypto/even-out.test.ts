import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createEvening } from './even-out.ts'

describe('work that was too little', () => {
  it('takes as long as the usual work did, in pieces that grow smaller', async () => {
    const shares: number[] = []
    const evening = createEvening(async (share) => {
      shares.push(share)
      await sleep(share * 100)
    })
    evening.note(100)
    const started = performance.now()
    await evening.fillUp(started)
    const took = performance.now() - started
    assert.ok(took >= 99 && took < 200, `${took} ms`)
    assert.ok(shares.length > 1 && shares.every((share) => share > 0 && share <= 0.7), String(shares))
    assert.deepEqual(
      shares,
      shares.toSorted((one, other) => other - one),
    )
  })

  it('is each time as long as another of the last sixteen times, whatever came before them', async () => {
    const evening = createEvening((share) => sleep(share))
    for (let index = 0; index < 16; index++) evening.note(10_000)
    for (let index = 0; index < 16; index++) evening.note(index % 2 === 0 ? 5 : 40)
    const took: number[] = []
    for (let index = 0; index < 6; index++) {
      const started = performance.now()
      await evening.fillUp(started)
      took.push(performance.now() - started)
    }
    assert.deepEqual(
      took.map((time) => time > 35),
      [false, true, false, true, false, true],
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
