import { compare, type Difference } from './compare.ts'
import type { Answer } from './exchange.ts'
import { readClaims } from './judge-tokens.ts'
import { isSecretName } from './mask.ts'
import { membersOf } from './recorded.ts'

/** The headers that clients act upon. */
const HEADERS = ['content-type', 'www-authenticate', 'allow', 'location', 'retry-after']
const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/
const TIMES = /(^|_)(exp|iat|nbf|orig_iat|at|date|time|joined|login|expires?|expiry)(_|$)/
const IDS = /^(id|_id|pk|uid|user_id|userId|sub)$/
/** What is new in every JWT. */
const FRESH_CLAIMS = /^(exp|iat|nbf|jti|orig_iat|iss|aud|sid)$/

/**
 * Compares what two servers answered to one request. Tokens, times and, unless they were kept, ids may differ; of a JWT the
 * claims are compared that the old one has.
 */
export function compareAnswers(
  { old, fresh }: { readonly old: Answer; readonly fresh: Answer },
  { hasSameIds }: { readonly hasSameIds: boolean },
): Difference[] {
  const bodies = unfold({ old: bodyOf(old), fresh: bodyOf(fresh) })
  const found = compare(
    { expected: { ...old, json: bodies.old }, got: { ...fresh, json: bodies.fresh } },
    { headers: HEADERS, isAlike },
  )
  const missing = namesOf(old).filter((name) => !namesOf(fresh).includes(name))
  return [...found, ...missing.map((name) => ({ at: `cookie ${name}`, expected: 'set', got: 'absent' }))]

  function isAlike({ name, expected, got }: { name: string; expected: unknown; got: unknown }): boolean {
    if (TIMES.test(name) && typeof expected === typeof got && expected !== null) return true
    if (FRESH_CLAIMS.test(name) && expected !== undefined && got !== undefined) return true
    if (!hasSameIds && IDS.test(name)) return typeof expected === typeof got
    if (typeof expected !== 'string' || typeof got !== 'string' || expected === '' || got === '') return false
    if (TIME.test(expected) && TIME.test(got)) return true
    return isSecretName(name)
  }
}

/** A page of text differs from server to server; that there is one, and of which type, is compared by the headers. */
function bodyOf({ json, text }: Answer): unknown {
  return json === undefined ? (text === '' ? '(nothing)' : '(text that is no JSON)') : json
}

/** Both bodies, with what JWTs say in their place; what only the new one says of itself breaks nobody. */
function unfold({ old, fresh }: { old: unknown; fresh: unknown }): { old: unknown; fresh: unknown } {
  if (typeof old === 'string' && typeof fresh === 'string') {
    const [left, right] = [readClaims(old), readClaims(fresh)]
    if (left === null || right === null) return { old, fresh }
    const shared = [...right].filter(([name]) => left.has(name))
    return { old: { claims: Object.fromEntries(left) }, fresh: { claims: Object.fromEntries(shared) } }
  }
  const [left, right] = [membersOf(old), membersOf(fresh)]
  if (left === null || right === null) return { old, fresh }
  const pairs = [...left.keys()].map((name) => ({ name, ...unfold({ old: left.get(name), fresh: right.get(name) }) }))
  return {
    old: Object.fromEntries(pairs.map((pair) => [pair.name, pair.old])),
    fresh: {
      ...Object.fromEntries(right),
      ...Object.fromEntries(pairs.filter(({ name }) => right.has(name)).map((pair) => [pair.name, pair.fresh])),
    },
  }
}

function namesOf({ cookies }: Answer): string[] {
  return cookies.map((cookie) => cookie.split('=')[0] ?? '')
}
