import { gather, isBlank, type Piece } from './pieces.ts'
import { SourceError } from './source.ts'

const QUOTE = 0x22
const NEW_LINE = 0x0a

/**
 * The records of a CSV file (RFC 4180), each as its text and the line that it begins on; a line's end between quotes ends
 * none.
 *
 * @throws {SourceError} when a quote is opened and never closed: everything after it would be one cell.
 */
export async function* splitCsv(chunks: AsyncIterable<Uint8Array>, separator: string): AsyncGenerator<Piece> {
  const gathering = gather()
  const between = separator.charCodeAt(0)
  let line = 1
  let firstLine = 1
  let isQuoted = false
  let quotedSince = 1
  // Where a cell begins, a quote opens it; elsewhere it is a letter like any other, unless one was just closed.
  let isFresh = true
  for await (const chunk of chunks) {
    let from = 0
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]
      if (byte === NEW_LINE) line++
      if (isQuoted) {
        if (byte === QUOTE) {
          isQuoted = false
          isFresh = true
        }
        continue
      }
      if (byte === QUOTE && isFresh) {
        isQuoted = true
        quotedSince = line
      } else if (byte === NEW_LINE) {
        gathering.add(chunk.subarray(from, at))
        const piece = { line: firstLine, bytes: gathering.take() }
        from = at + 1
        firstLine = line
        isFresh = true
        if (!isBlank(piece.bytes)) yield piece
      } else isFresh = byte === between
    }
    gathering.add(chunk.subarray(from))
  }
  if (isQuoted) {
    throw new SourceError(
      `The quote that opens on line ${quotedSince} is never closed: correct that line, or export again.`,
    )
  }
  const last = { line: firstLine, bytes: gathering.take() }
  if (!isBlank(last.bytes)) yield last
}

/** The cells of one record; `null` where a quote is not where it should be. */
export function readCells(record: string, separator: string): string[] | null {
  const text = record.replace(/\r$/, '')
  const cells: string[] = []
  for (let at = 0; ; at++) {
    if (text[at] === '"') {
      const end = findClosing(text, at + 1)
      if (end === -1) return null
      cells.push(text.slice(at + 1, end).replaceAll('""', '"'))
      at = end + 1
      if (at < text.length && text[at] !== separator) return null
    } else {
      const end = text.indexOf(separator, at)
      cells.push(text.slice(at, end === -1 ? undefined : end))
      at = end === -1 ? text.length : end
    }
    if (at >= text.length) return cells
  }
}

function findClosing(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 2)) if (text[at + 1] !== '"') return at
  return -1
}
