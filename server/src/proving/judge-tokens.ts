import type { Difference } from './compare.ts'
import type { Answer } from './exchange.ts'
import { membersOf, parseJson } from './recorded.ts'

/** What clients find in a token, and how long it is good. */
export type TokenPromise = {
  /** The member of the answer that it is. */
  readonly name: string
  /** The claims that clients of that stack read. */
  readonly claims: readonly string[]
  readonly seconds: number
}

/** So far may a lifetime be from its promise, in seconds: two clocks, and the way. */
const TOLERANCE = 120

/** What every JWT of ours has besides: nobody misses it elsewhere. */
const OURS = /^(token_type|iat|jti|sub|sid|iss|aud|exp|nbf)$/

/** Compares the claims and the lifetimes of an answer's tokens with what is promised. */
export function judgeTokens(promises: readonly TokenPromise[], { json, headers }: Answer): Difference[] {
  return promises.flatMap(({ name, claims, seconds }) => {
    const token = membersOf(json)?.get(name)
    const found = typeof token === 'string' ? readClaims(token) : null
    if (found === null) return [{ at: `body.${name}`, expected: 'a JWT', got: 'no JWT' }]
    const missing = claims.filter((claim) => !found.has(claim))
    const more = [...found.keys()].filter((claim) => !claims.includes(claim) && !OURS.test(claim))
    const lifetime = readLifetime(found, headers.date)
    const isAsLong = lifetime !== null && Math.abs(lifetime - seconds) <= TOLERANCE
    return [
      ...missing.map((claim) => ({ at: `body.${name}, claim ${claim}`, expected: 'there', got: 'absent' })),
      ...more.map((claim) => ({ at: `body.${name}, claim ${claim}`, expected: 'absent', got: 'there' })),
      ...(isAsLong
        ? []
        : [{ at: `body.${name}, lifetime`, expected: showSeconds(seconds), got: showSeconds(lifetime) }]),
    ]
  })
}

/** The claims of a JWT, or `null` for anything else. */
export function readClaims(token: string): Map<string, unknown> | null {
  const [, payload] = /^eyJ[\w-]*\.([\w-]+)\.[\w-]*$/.exec(token) ?? []
  return payload === undefined ? null : membersOf(parseJson(Buffer.from(payload, 'base64url').toString()))
}

/** From when it was issued, or from the time of the answer where the token does not say. */
function readLifetime(claims: Map<string, unknown>, date: string | undefined): number | null {
  const [end, start] = [claims.get('exp'), claims.get('iat')]
  if (typeof end !== 'number') return null
  if (typeof start === 'number') return end - start
  const answered = Date.parse(date ?? '')
  return Number.isNaN(answered) ? null : end - Math.round(answered / 1000)
}

function showSeconds(seconds: number | null): string {
  return seconds === null ? 'no end' : `${seconds} s`
}
