import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { it } from 'node:test'
import { AUDIT_EVENT_TYPES } from '../src/core/audit-event.ts'

it('the page on the audit log says of every type there is when it is recorded, and of no other', () => {
  const page = readFileSync(new URL('../../docs/audit.md', import.meta.url), 'utf8')
  const [, table = ''] = /\| Type \| Recorded when \|\n([\s\S]*?)\n\n/.exec(page) ?? []
  const named = table.split('\n').flatMap((row) => {
    const [, types = ''] = row.split('|')
    return [...types.matchAll(/`([a-z_]+)`/g)].map(([, type = '']) => type)
  })
  assert.deepEqual(named.toSorted(), [...AUDIT_EVENT_TYPES].toSorted())
})
