import { TransportError } from './transport-error.ts'

/** A number as it was written: what a text field makes of `1234567.0` depends on its digits, not on its value. */
export class JsonNumber {
  readonly source: string

  constructor(source: string) {
    this.source = source
  }

  /** Where a document echoes what was sent, the number goes back as a number. */
  toJSON(): number {
    return Number(this.source)
  }
}

/** The deepest nesting that is read. */
const DEPTH_LIMIT = 8
/** The most members, over all objects together, that are read. */
const MEMBER_LIMIT = 64

/**
 * Reads JSON (RFC 8259) as strictly as the platform does, and refuses what only serves to confuse: deep nesting, many
 * members, and repeated names, of which two readers may believe different ones. Numbers keep their digits.
 *
 * @throws {TransportError} `malformed_body` with words for people, which never quote the body.
 */
export function parseJson(bytes: Uint8Array): unknown {
  const text = decode(bytes)
  const { depth, members } = measure(text)
  if (depth > DEPTH_LIMIT) throw malformed(`more than ${DEPTH_LIMIT} levels deep`)
  if (members > MEMBER_LIMIT) throw malformed(`more than ${MEMBER_LIMIT} members`)
  let kept = -1 // The root comes to the reviver as a member of an object that is not in the text.
  let value: unknown
  try {
    value = JSON.parse(text, function (this: unknown, _name, member: unknown, context?: { source?: string }) {
      if (!Array.isArray(this)) kept++
      return typeof member === 'number' ? new JsonNumber(context?.source ?? String(member)) : member
    })
  } catch {
    throw malformed('Expecting valid JSON')
  }
  if (kept < members) throw malformed('a name occurs twice in one object')
  return value
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw malformed('not UTF-8')
  }
}

/** Counts, without interpreting anything, how deep brackets nest and how many colons stand outside strings. */
function measure(text: string): { depth: number; members: number } {
  let depth = 0
  let deepest = 0
  let members = 0
  let inString = false
  for (let index = 0; index < text.length; index++) {
    const character = text[index]
    if (inString) {
      if (character === '\\') index++
      else if (character === '"') inString = false
    } else if (character === '"') inString = true
    else if (character === ':') members++
    else if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth)
    else if (character === '}' || character === ']') depth--
  }
  return { depth: deepest, members }
}

function malformed(detail: string): TransportError {
  return new TransportError('malformed_body', { detail })
}
