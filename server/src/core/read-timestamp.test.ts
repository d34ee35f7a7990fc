import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readTimestamp } from './read-timestamp.ts'

describe('readTimestamp', () => {
  it('reads every moment that JavaScript writes', () => {
    const [min, max] = [new Date('0001-01-01T00:00:00Z'), new Date('9999-12-31T23:59:59.999Z')]
    fc.assert(
      fc.property(fc.date({ min, max, noInvalidDate: true }), (date) => {
        assert.equal(readTimestamp(date.toISOString()), date.getTime())
        assert.equal(readTimestamp(date.toISOString().slice(0, 10)), Date.parse(date.toISOString().slice(0, 10)))
      }),
    )
  })

  it('reads what Django, PostgreSQL and people write', () => {
    const at = Date.parse('2015-03-01T12:30:45.123Z')
    for (const text of [
      '2015-03-01T12:30:45.123Z',
      '2015-03-01 12:30:45.123456+00:00',
      '2015-03-01 12:30:45.123456+00',
      '2015-03-01 13:30:45.123+0100',
      '2015-03-01T07:00:45.123-05:30',
      '2015-03-01 12:30:45.123 UTC',
      '  2015-03-01 12:30:45.123  ',
      '1425213045123',
      1425213045123,
      1425213045.123,
    ]) {
      assert.equal(readTimestamp(text), at, String(text))
    }
    assert.equal(readTimestamp('2015-03-01'), Date.parse('2015-03-01'))
    assert.equal(readTimestamp('2015-03-01T12:30'), Date.parse('2015-03-01T12:30Z'))
    assert.equal(readTimestamp(1425213045), 1425213045000)
  })

  it('makes nothing of what is no moment', () => {
    for (const value of [
      '',
      'yesterday',
      '2015-02-29',
      '2015-13-01',
      '2015-00-10',
      '2015-03-01T24:00:00Z',
      '03/01/2015',
      null,
      undefined,
      true,
      {},
      Number.NaN,
      Number.POSITIVE_INFINITY,
      1e20,
      '9'.repeat(400),
    ]) {
      assert.equal(readTimestamp(value), null, String(value))
    }
  })
})
