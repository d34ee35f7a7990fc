import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createRequestIds } from './create-request-ids.ts'

it('no two requests have one id, of one process or of several, before a restart and after it', () => {
  const processes = Array.from({ length: 50 }, createRequestIds)
  const ids = processes.flatMap((next) => Array.from({ length: 200 }, next))
  assert.equal(new Set(ids).size, 10_000)
  for (const id of ids) assert.match(id, /^[0-9a-f]{12}-[0-9a-z]{1,11}$/)
})
