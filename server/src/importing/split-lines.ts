import { gather, isBlank, type Piece } from './pieces.ts'

const NEW_LINE = 0x0a

/** The lines of a file, without their ends; those with nothing on them are passed over. */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Piece> {
  const gathering = gather()
  let line = 1
  for await (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(NEW_LINE); end !== -1; end = chunk.indexOf(NEW_LINE, from)) {
      gathering.add(chunk.subarray(from, end))
      const piece = { line: line++, bytes: gathering.take() }
      if (!isBlank(piece.bytes)) yield piece
      from = end + 1
    }
    gathering.add(chunk.subarray(from))
  }
  const last = { line, bytes: gathering.take() }
  if (!isBlank(last.bytes)) yield last
}
