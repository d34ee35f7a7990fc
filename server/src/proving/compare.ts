import { HIDDEN, isSecretName, maskJson, maskText } from './mask.ts'

/** One place in which two answers differ, and what stands there in each, secrets apart. */
export type Difference = { readonly at: string; readonly expected: string; readonly got: string }

/** What an answer is compared by. */
export type Comparable = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The body where it is JSON; `undefined` where it is none. */
  readonly json: unknown
}

/** How two values that are not the same can still agree. */
export type Leniency = (place: { readonly name: string; readonly expected: unknown; readonly got: unknown }) => boolean

/** More of one answer would tell nobody more. */
const MOST = 20

/** Where a header or a member is not there. */
const ABSENT = 'absent'

/** Compares status, the headers named and the JSON of two answers. The order of members is no difference. */
export function compare(
  { expected, got }: { readonly expected: Comparable; readonly got: Comparable },
  { headers, isAlike }: { readonly headers: readonly string[]; readonly isAlike: Leniency },
): Difference[] {
  const found: Difference[] = []
  if (expected.status !== got.status) {
    found.push({ at: 'status', expected: String(expected.status), got: String(got.status) })
  }
  for (const name of headers) {
    const [left, right] = [readHeader(name, expected), readHeader(name, got)]
    if (left !== right)
      found.push({ at: `header ${name}`, expected: maskText(left ?? ABSENT), got: maskText(right ?? ABSENT) })
  }
  compareJson('body', { name: '', expected: expected.json, got: got.json })
  return found.slice(0, MOST)

  function compareJson(at: string, pair: { name: string; expected: unknown; got: unknown }): void {
    if (found.length >= MOST || isAlike(pair) || Object.is(pair.expected, pair.got)) return
    if (Array.isArray(pair.expected) && Array.isArray(pair.got)) {
      const { expected: left, got: right } = { expected: pair.expected, got: pair.got }
      for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
        compareJson(`${at}[${index}]`, { name: pair.name, expected: left[index], got: right[index] })
      }
      return
    }
    if (isObject(pair.expected) && isObject(pair.got)) {
      for (const name of new Set([...Object.keys(pair.expected), ...Object.keys(pair.got)])) {
        compareJson(`${at}.${name}`, { name, expected: own(pair.expected, name), got: own(pair.got, name) })
      }
      return
    }
    found.push({ at: maskText(at), expected: write(at, pair.expected), got: write(at, pair.got) })
  }
}

/** A header as it means the same to every client: a list in any order, a media type in any letters. */
function readHeader(name: string, { headers }: Comparable): string | undefined {
  const value = headers[name]
  if (value === undefined) return undefined
  // How long to wait differs from second to second: that it is said is what clients need.
  if (name === 'retry-after') return 'there'
  if (name === 'allow') {
    return value
      .toUpperCase()
      .split(',')
      .map((method) => method.trim())
      .sort()
      .join(', ')
  }
  return name === 'content-type' ? value.toLowerCase().replaceAll(/\s*;\s*/g, '; ') : value
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function own(value: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined
}

/** What stands at a place, which begins with `body` and goes on with the names of the members that lead there. */
function write(at: string, value: unknown): string {
  if (value === undefined) return ABSENT
  const [member = '', holder = ''] = at
    .replaceAll(/\[\d+\]/g, '')
    .split('.')
    .slice(1)
    .reverse()
  if (member === 'value' && isSecretName(holder)) return HIDDEN
  // In a list under a secret's name stand sentences about it, and they are seen as such only there.
  return JSON.stringify(at.endsWith(']') ? maskListed(value, member) : maskJson(value, member))
}

function maskListed(value: unknown, member: string): unknown {
  const masked = maskJson([value], member)
  return Array.isArray(masked) ? masked[0] : masked
}
