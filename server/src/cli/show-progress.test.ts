import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createProgress } from './show-progress.ts'

function record(isTTY: boolean) {
  const writes: string[] = []
  return { writes, progress: createProgress({ isTTY, write: (text) => writes.push(text) }) }
}

describe('createProgress', () => {
  it('draws a bar that fills, in one line that it takes away again', () => {
    const { writes, progress } = record(true)
    progress.show('Copying', { done: 0, total: 4_200_000 })
    progress.show('Copying', { done: 2_100_000, total: 4_200_000 })
    progress.show('Copying', { done: 4_200_000, total: 4_200_000 })
    progress.clear()
    assert.deepEqual(writes, [
      `\r\u001b[KCopying [${'-'.repeat(28)}]   0 % of 4.2 MB`,
      `\r\u001b[KCopying [${'#'.repeat(14)}${'-'.repeat(14)}]  50 % of 4.2 MB`,
      `\r\u001b[KCopying [${'#'.repeat(28)}] 100 % of 4.2 MB`,
      '\r\u001b[K',
    ])
  })

  it('writes only what looks different, however often it is told', () => {
    const { writes, progress } = record(true)
    for (let done = 0; done <= 100_000; done++) progress.show('Copying', { done, total: 100_000 })
    assert.equal(new Set(writes).size, writes.length)
    assert.ok(writes.length > 100 && writes.length < 130, String(writes.length))
  })

  it('writes nothing to a file or a pipe', () => {
    const { writes, progress } = record(false)
    progress.show('Copying', { done: 1, total: 2 })
    progress.clear()
    assert.deepEqual(writes, [])
  })

  it('takes nothing away where it showed nothing', () => {
    const { writes, progress } = record(true)
    progress.clear()
    assert.deepEqual(writes, [])
  })
})
