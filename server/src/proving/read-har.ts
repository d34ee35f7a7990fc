import { readFileSync, statSync } from 'node:fs'
import {
  isPath,
  MOST_TEXT,
  membersOf,
  parseJson,
  type Recorded,
  type RecordedAnswer,
  textOf,
  type Unreadable,
} from './recorded.ts'

/** A HAR is one JSON value, and read as a whole. */
const MOST_BYTES = 256_000_000

/**
 * Reads the entries of a HAR, as browsers and proxies save it.
 *
 * @throws {RangeError} with a sentence, when it is too large or no HAR.
 */
export function readHar(file: string): readonly (Recorded | Unreadable)[] {
  if (statSync(file).size > MOST_BYTES) {
    throw new RangeError('is longer than 256 MB, more than a HAR can be read: save a shorter one, or JSON lines.')
  }
  const log = membersOf(membersOf(parseJson(readFileSync(file, 'utf8').replace(/^\ufeff/, '')))?.get('log'))
  const entries = log?.get('entries')
  if (!Array.isArray(entries)) throw new RangeError('is no HAR: it has no log.entries.')
  return entries.map((entry, index) => readEntry(membersOf(entry), index + 1))
}

function readEntry(entry: Map<string, unknown> | null, line: number): Recorded | Unreadable {
  const request = membersOf(entry?.get('request'))
  const method = textOf(request, 'method')
  const address = textOf(request, 'url') ?? ''
  const url = URL.canParse(address) ? new URL(address) : null
  if (method === undefined || url === null) return { line, problem: 'has no method or no address' }
  const path = `${url.pathname}${url.search}`
  if (!/^https?:$/.test(url.protocol) || !isPath(path)) return { line, problem: 'is no request of HTTP' }
  const body = readPosted(membersOf(request?.get('postData')))
  if (body !== undefined && body.length > MOST_TEXT) return { line, problem: 'has a body longer than 1 MB' }
  const headers = Object.fromEntries(
    readPairs(request?.get('headers')).map(([name, value]) => [name.toLowerCase(), value]),
  )
  return {
    line,
    method,
    path,
    origin: url.origin,
    headers,
    body,
    answer: readResponse(membersOf(entry?.get('response'))),
  }
}

function readPosted(posted: Map<string, unknown> | null): string | undefined {
  const text = textOf(posted, 'text')
  if (text !== undefined && text !== '') return text
  const fields = readPairs(posted?.get('params'))
  return fields.length === 0 ? undefined : new URLSearchParams(fields).toString()
}

function readResponse(response: Map<string, unknown> | null): RecordedAnswer | null {
  const content = membersOf(response?.get('content'))
  const text = textOf(content, 'text')
  const isEncoded = textOf(content, 'encoding') === 'base64'
  const plain = text !== undefined && isEncoded ? Buffer.from(text, 'base64').toString() : text
  const cookies = readPairs(response?.get('cookies')).map(([name, value]) => `${name}=${value}`)
  return response === null ? null : { json: plain === undefined ? undefined : parseJson(plain), cookies }
}

/** A list of names and values, as a HAR writes headers, cookies and fields. */
function readPairs(value: unknown): [string, string][] {
  if (!Array.isArray(value)) return []
  return value.flatMap((item) => {
    const members = membersOf(item)
    const name = textOf(members, 'name')
    return name === undefined ? [] : [[name, textOf(members, 'value') ?? '']]
  })
}
