import type { Piece } from './pieces.ts'
import type { BadRow } from './source.ts'

/** An object of JSON, read by its own members alone: it may have one that is called `__proto__`. */
export type JsonObject = Readonly<Record<string, unknown>>

const UTF8 = new TextDecoder('utf-8', { fatal: true })

/** What a piece of a file says, or what is wrong with it. */
export function readText({
  line,
  bytes,
}: Piece): { readonly line: number; readonly text: string } | (BadRow & { line: number }) {
  if (bytes === null) return { line, problem: 'is longer than a megabyte, which no account is' }
  try {
    return { line, text: UTF8.decode(bytes) }
  } catch {
    return { line, problem: 'is not UTF-8' }
  }
}

/** The object that a piece of a file is, or what is wrong with it. */
export function readObject(piece: Piece): { readonly line: number; readonly object: JsonObject } | BadRow {
  const read = readText(piece)
  if ('problem' in read) return read
  const { line, text } = read
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? { line, object: value } : { line, problem: 'is not an object' }
  } catch {
    // What the parser says of it would show part of it.
    return { line, problem: 'is not JSON' }
  }
}

/** Whether a value is an object and no list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An object's own member, or `undefined`. */
export function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}
