import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readTime } from './read-time.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const read = (text: string) => new Date(readTime(text, { name: 'since', now: NOW })).toISOString()

describe('a time on the command line', () => {
  it('is a date, with or without a time, in UTC unless it has a zone, or how long ago it was', () => {
    for (const [text, time] of [
      ['2026-11-20', '2026-11-20T00:00:00.000Z'],
      ['2026-11-20T10:30', '2026-11-20T10:30:00.000Z'],
      ['2026-11-20 10:30:15', '2026-11-20T10:30:15.000Z'],
      ['2026-11-20T10:30:15.250Z', '2026-11-20T10:30:15.250Z'],
      ['2026-11-20T10:30+02:00', '2026-11-20T08:30:00.000Z'],
      ['90s', '2026-11-21T11:58:30.000Z'],
      ['30m', '2026-11-21T11:30:00.000Z'],
      ['2h', '2026-11-21T10:00:00.000Z'],
      ['7d', '2026-11-14T12:00:00.000Z'],
      ['2W', '2026-11-07T12:00:00.000Z'],
    ] as const) {
      assert.equal(read(text), time, text)
    }
  })

  it('is nothing else', () => {
    for (const text of [
      '',
      '5',
      '5x',
      'yesterday',
      '2026-13-01',
      '2026-02-30',
      '2026-11-31T10:30Z',
      '2026-11-20T25:00',
      '20.11.2026',
      '-1h',
      '1.5h',
      '2026',
    ]) {
      assert.throws(() => read(text), /--since takes a time/, text)
    }
  })
})
