/** `Bearer` and `Token`, as Latchkey's documents have them; the case of a scheme means nothing (RFC 9110, 11.1). */
const SCHEME = /^(?:bearer|token)(?: |$)/i

/**
 * What an `Authorization` header gives as the token, however odd, so that `verify` judges it; `null` where there is no
 * header, or one of another scheme.
 */
export function readToken(authorization: string | null | undefined): string | null {
  const text = authorization ?? ''
  const scheme = SCHEME.exec(text)?.[0]
  if (scheme === undefined) return null
  // Counted rather than matched: a pattern that looks for the last space tries again at each one before it.
  let start = scheme.length
  let end = text.length
  while (text[start] === ' ') start++
  while (end > start && text[end - 1] === ' ') end--
  return text.slice(start, end)
}
