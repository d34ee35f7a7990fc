import {
  isPath,
  membersOf,
  parseJson,
  type Recorded,
  type RecordedAnswer,
  textOf,
  type Unreadable,
} from './recorded.ts'

/** A request in a log of nginx, Apache or another server that writes the request line in quotes. */
const REQUEST_LINE = /"([A-Z]{3,10}) (\S+) HTTP\/[\d.]+"/

/** Reads a line of JSON: `{ method, path, headers?, body?, answer? }`. */
export function readJsonRecord(text: string, line: number): Recorded | Unreadable {
  const record = membersOf(parseJson(text.replace(/^\ufeff/, '')))
  if (record === null) return { line, problem: 'is no JSON object' }
  const method = textOf(record, 'method')?.toUpperCase()
  const address = textOf(record, 'path') ?? textOf(record, 'url') ?? ''
  const { path, origin } = splitAddress(address)
  if (method === undefined || !/^[A-Z]{3,10}$/.test(method)) return { line, problem: 'has no method' }
  if (!isPath(path)) return { line, problem: 'has no path, which begins with / and has no spaces' }
  const sent = record.get('body')
  const isText = typeof sent === 'string'
  const headers = Object.fromEntries(
    [...(membersOf(record.get('headers')) ?? [])].flatMap(([name, value]) =>
      typeof value === 'string' ? [[name.toLowerCase(), value]] : [],
    ),
  )
  const type = sent === undefined || sent === null || isText ? {} : { 'content-type': 'application/json' }
  return {
    line,
    method,
    path,
    origin,
    headers: { ...type, ...headers },
    body: sent === undefined || sent === null ? undefined : isText ? sent : JSON.stringify(sent),
    answer: readAnswer(membersOf(record.get('answer') ?? record.get('response'))),
  }
}

/** Reads a line of an access log, which has a method and a path, and neither headers nor a body. */
export function readLogRecord(text: string, line: number): Recorded | Unreadable {
  const [, method, address = ''] = REQUEST_LINE.exec(text) ?? []
  const { path, origin } = splitAddress(address)
  if (method === undefined || !isPath(path)) return { line, problem: 'has no request in quotes' }
  return { line, method, path, origin, headers: {}, body: undefined, answer: null }
}

function splitAddress(address: string): { path: string; origin: string | null } {
  if (!/^https?:/i.test(address) || !URL.canParse(address)) return { path: address, origin: null }
  const { pathname, search, origin } = new URL(address)
  return { path: `${pathname}${search}`, origin }
}

function readAnswer(answer: Map<string, unknown> | null): RecordedAnswer | null {
  if (answer === null) return null
  const body = answer.get('body') ?? answer.get('json')
  const cookies = answer.get('cookies')
  return {
    json: typeof body === 'string' ? parseJson(body) : body,
    cookies: Array.isArray(cookies) ? cookies.filter((cookie) => typeof cookie === 'string') : [],
  }
}
