import { gather, isBlank, isSpace, type Piece } from './pieces.ts'
import { SourceError } from './source.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

const GARBLED = 'it was cut off, or is not JSON. Copy or export it again.'

/**
 * The elements of an array of JSON, each as its text, counted from 1: the file is that array, or an object that has it as
 * `member`. Only strings and brackets are looked at: whether an element is JSON is found out by whoever reads it.
 *
 * @throws {SourceError} when there is no such array, it has no end, or something comes after it.
 */
export async function* splitArray(chunks: AsyncIterable<Uint8Array>, member?: string): AsyncGenerator<Piece> {
  const gathering = gather()
  const search = member === undefined ? null : seek(member)
  // How many brackets are open, counted from the array's own.
  let depth = 0
  let isOver = false
  let isText = false
  let isEscaped = false
  let line = 1
  for await (const chunk of chunks) {
    let from = 0
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0
      if (depth === 0) {
        if (isOver) {
          if (search === null && !isSpace(byte)) throw new SourceError(`Something comes after the array: ${GARBLED}`)
        } else if (search === null ? byte === OPEN_ARRAY : search(byte)) {
          depth = 1
          from = at + 1
        }
        continue
      }
      if (isText) {
        if (isEscaped) isEscaped = false
        else if (byte === BACKSLASH) isEscaped = true
        else if (byte === QUOTE) isText = false
        continue
      }
      if (byte === QUOTE) isText = true
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++
      else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth--
      if (depth === 0 || (depth === 1 && byte === COMMA)) {
        gathering.add(chunk.subarray(from, at))
        const piece = { line, bytes: gathering.take() }
        from = at + 1
        isOver = depth === 0
        if (isBlank(piece.bytes)) continue
        line++
        yield piece
      }
    }
    if (depth > 0) gathering.add(chunk.subarray(from))
  }
  if (isOver) return
  if (depth === 0 && member !== undefined) throw new SourceError(`The file has no list of "${member}".`)
  throw new SourceError(`The file ends in the middle, after ${line - 1} objects: ${GARBLED}`)
}

/** Says of a file's bytes, one after the other, which is the bracket that opens the array of an object's own member. */
function seek(member: string): (byte: number) => boolean {
  let depth = 0
  let isText = false
  let isEscaped = false
  let text = ''
  let isNamed = false
  return (byte) => {
    if (isText) {
      if (isEscaped) isEscaped = false
      else if (byte === BACKSLASH) isEscaped = true
      else if (byte === QUOTE) isText = false
      if (isText && depth === 1 && text.length <= member.length) text += String.fromCharCode(byte)
      return false
    }
    if (byte === QUOTE) {
      isText = true
      text = ''
    } else if (byte === OPEN_ARRAY && depth === 1 && isNamed) return true
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth--
    if (depth === 1 && byte === 0x3a) isNamed = text === member
    else if (!isSpace(byte)) isNamed = false
    return false
  }
}
