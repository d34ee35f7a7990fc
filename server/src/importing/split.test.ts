import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Piece } from './pieces.ts'
import { SourceError } from './source.ts'
import { splitArray } from './split-array.ts'
import { readCells, splitCsv } from './split-csv.ts'
import { splitLines } from './split-lines.ts'

/** A file that arrives in parts, cut wherever, in the middle of a character too. */
async function* inParts(text: string, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  let at = 0
  for (let index = 0; at < bytes.length; index++) {
    const size = sizes.length === 0 ? bytes.length : Math.max(1, sizes[index % sizes.length] ?? 1)
    yield bytes.subarray(at, at + size)
    at += size
  }
}

async function readAll(pieces: AsyncIterable<Piece>): Promise<string[]> {
  const texts: string[] = []
  for await (const { bytes } of pieces) texts.push(bytes === null ? '(too long)' : Buffer.from(bytes).toString())
  return texts
}

/** A file that is much larger than the memory it may take. */
async function* endless(head: string, filling: string, megabytes: number): AsyncGenerator<Uint8Array> {
  yield Buffer.from(head)
  const chunk = Buffer.alloc(1024 * 1024, filling)
  for (let count = 0; count < megabytes; count++) yield chunk
}

const SIZES = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 8 })
const OBJECTS = fc.array(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), { maxLength: 8 })
const CELL = fc.string({ unit: fc.constantFrom('a', 'é', '😀', '"', ',', ';', '\n', '\r\n', ' ', "'") })
const RECORDS = fc.array(fc.array(CELL, { minLength: 2, maxLength: 4 }), { maxLength: 6 })

describe('an array of JSON in parts', () => {
  it('is taken apart into what JSON.parse finds in it, wherever it was cut and however it was written', async () => {
    await fc.assert(
      fc.asyncProperty(OBJECTS, SIZES, fc.constantFrom(0, 2), async (objects, sizes, indent) => {
        const pieces = await readAll(splitArray(inParts(JSON.stringify(objects, null, indent), sizes)))
        assert.deepEqual(
          pieces.map((piece) => JSON.parse(piece)),
          JSON.parse(JSON.stringify(objects)),
        )
      }),
    )
  })

  it('is found in the object that has it, whatever else that has', async () => {
    await fc.assert(
      fc.asyncProperty(OBJECTS, fc.jsonValue(), SIZES, async (objects, other, sizes) => {
        const file = JSON.stringify({ a: 'users', b: { users: [1] }, other, users: objects, after: [other] })
        const pieces = await readAll(splitArray(inParts(file, sizes), 'users'))
        assert.deepEqual(
          pieces.map((piece) => JSON.parse(piece)),
          JSON.parse(JSON.stringify(objects)),
        )
      }),
    )
  })

  it('is refused where it was cut off, or something comes after it', async () => {
    for (const file of ['', '[', '[{"a":1}', '[{"a":1},', '[{"a":"]', '[1]]', '[1] x', '{"a":1}']) {
      await assert.rejects(readAll(splitArray(inParts(file, []))), SourceError, file)
    }
    await assert.rejects(readAll(splitArray(inParts('{"a":{"users":[]}}', []), 'users')), /no list of "users"/)
  })

  it('takes no more memory for an element that has no end', async () => {
    const before = process.memoryUsage().rss
    await assert.rejects(readAll(splitArray(endless('[{"a":"', 'x', 256))), /ends in the middle, after 0 objects/)
    await assert.rejects(readAll(splitArray(endless('[', '[', 64))), /ends in the middle/)
    assert.ok(process.memoryUsage().rss - before < 128 * 1024 * 1024)
  })
})

describe('lines in parts', () => {
  it('are those of the file, without the empty ones', async () => {
    const LINE = fc.string({ unit: fc.constantFrom('a', 'é', '😀', ' ') })
    await fc.assert(
      fc.asyncProperty(fc.array(LINE), SIZES, async (lines, sizes) => {
        const pieces = await readAll(splitLines(inParts(lines.join('\n'), sizes)))
        assert.deepEqual(
          pieces,
          lines.filter((line) => line.trim() !== ''),
        )
      }),
    )
  })

  it('that are too long are told as such, with those after them', async () => {
    const file = `${'x'.repeat(3_000_000)}\nlast`
    assert.deepEqual(await readAll(splitLines(inParts(file, [65_536]))), ['(too long)', 'last'])
  })
})

describe('CSV in parts', () => {
  it('has the cells that were written, with quotes, separators and line ends in them', async () => {
    await fc.assert(
      fc.asyncProperty(RECORDS, SIZES, fc.constantFrom(',', ';', '\t'), async (records, sizes, separator) => {
        const write = (cells: readonly string[]) =>
          cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(separator)
        const file = records.map(write).join('\r\n')
        const pieces = await readAll(splitCsv(inParts(file, sizes), separator))
        assert.deepEqual(
          pieces.map((piece) => readCells(piece, separator)),
          records,
        )
      }),
    )
  })

  it('may go without quotes where nothing needs them', async () => {
    const file = 'a,b\r\n1,\r\n\r\n,5" disk\n"x",y'
    const cells = (await readAll(splitCsv(inParts(file, [1]), ','))).map((piece) => readCells(piece, ','))
    assert.deepEqual(cells, [
      ['a', 'b'],
      ['1', ''],
      ['', '5" disk'],
      ['x', 'y'],
    ])
    assert.equal(readCells('"x"y,z', ','), null)
  })

  it('is refused where a quote is opened and never closed: the rest would be one cell', async () => {
    await assert.rejects(
      readAll(splitCsv(inParts('a,b\n1,2\n3,"4\n5,6\n', []), ',')),
      /opens on line 3 is never closed/,
    )
    await assert.rejects(readAll(splitCsv(endless('a,b\n"', 'x\n', 64), ',')), /opens on line 2/)
  })
})
