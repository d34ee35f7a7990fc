/** What an answer without a word on it lives, in seconds. */
const USUAL = 300
/** Whatever an answer says, it lives as long as this at least, so that nobody asks at each request … */
const SHORTEST = 5
/** … and as this at most, so that a key that was revoked is not believed for ever. */
const LONGEST = 3600

/** How long an answer may be kept (RFC 9111, 4.2.1), in seconds. */
export function readLifetime(headers: Headers): number {
  const directives = (headers.get('cache-control') ?? '').toLowerCase()
  if (/\bno-(?:store|cache)\b/.test(directives)) return SHORTEST
  const maxAge = /(?:^|[\s,])max-age="?(\d+)/.exec(directives)?.[1]
  if (maxAge === undefined) return USUAL
  const age = Number(headers.get('age') ?? 0)
  const left = Number(maxAge) - (Number.isFinite(age) && age > 0 ? age : 0)
  return Math.min(Math.max(left, SHORTEST), LONGEST)
}
