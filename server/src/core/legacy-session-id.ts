/** A UUID of version 8, which is the version for whoever makes them in a way of their own (RFC 9562, 5.8). */
const LEGACY_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/

/**
 * The id of the session that stands for a legacy token: always the same for one token, so that two requests that bring it
 * at the same moment mean one session. Those of our own tokens have ids of version 4.
 *
 * @param digest in hexadecimal, 32 digits at least.
 */
export function toLegacySessionId(digest: string): string {
  const [first, second, third, fourth, last] = [
    [0, 8],
    [8, 12],
    [13, 16],
    [17, 20],
    [20, 32],
  ].map(([start, end]) => digest.slice(start, end))
  return `${first}-${second}-8${third}-8${fourth}-${last}`
}

/** Whether a session stands for a token that a source gave out. */
export function isLegacySessionId(id: string): boolean {
  return LEGACY_ID.test(id)
}
