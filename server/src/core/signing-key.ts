/** The algorithms that a signing key can be for, as JOSE names them (RFC 7518, 3.1; RFC 8037, 3.1). */
export const SIGNING_ALGORITHMS = ['ES256', 'EdDSA', 'RS256'] as const

export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number]

/** What is known of a signing key's life. Times are in milliseconds since 1970. */
export type SigningKey = {
  readonly kid: string
  readonly algorithm: string
  readonly createdAt: number
  /** When it may first sign. */
  readonly activeFrom: number
  /** When the key that follows takes over; `null` while none does. */
  readonly retiredAt: number | null
  readonly revokedAt: number | null
  /** How long the longest token lives that it has signed, in seconds. */
  readonly longestLifetime: number
}

/**
 * What a signing key is at a time.
 *
 * - `next`: published, so that everybody knows it before it signs.
 * - `signing`: the one that signs.
 * - `retired`: it signs no more, and what it signed is good until it ends.
 * - `over`: nothing that it signed can be alive.
 * - `revoked`: nothing that it signed is taken.
 */
export type KeyState = 'next' | 'signing' | 'retired' | 'over' | 'revoked'

/** How long after a key has retired some other process, with a clock of its own, may still have signed with it. */
const LEEWAY = 60_000

/** When nothing that a key signed can be alive any more; `null` while it signs, or is to sign. */
export function findEnd({ retiredAt, revokedAt, longestLifetime }: SigningKey): number | null {
  const last = retiredAt === null ? revokedAt : Math.min(retiredAt, revokedAt ?? retiredAt)
  return last === null ? null : last + longestLifetime * 1000 + LEEWAY
}

/**
 * The key that signs: the newest that may, and that neither has retired nor was revoked. A clock that is behind that of
 * whoever added the first key must not leave the house without one.
 */
export function findSigningKey<Key extends SigningKey>(keys: readonly Key[], now: number): Key | null {
  const sound = keys.filter(({ revokedAt, retiredAt }) => revokedAt === null && (retiredAt === null || retiredAt > now))
  const ready = sound.filter(({ activeFrom }) => activeFrom <= now)
  const latest = ready.toSorted((a, b) => b.activeFrom - a.activeFrom)[0]
  return latest ?? sound.toSorted((a, b) => a.activeFrom - b.activeFrom)[0] ?? null
}

/** The state of one of these keys. */
export function stateOf(key: SigningKey, keys: readonly SigningKey[], now: number): KeyState {
  if (key.revokedAt !== null) return 'revoked'
  if (findSigningKey(keys, now)?.kid === key.kid) return 'signing'
  if (key.retiredAt === null || key.retiredAt > now) return 'next'
  return (findEnd(key) ?? now) <= now ? 'over' : 'retired'
}

/** The keys whose tokens are good, or will be: they are published. */
export function findGoodKeys<Key extends SigningKey>(keys: readonly Key[], now: number): readonly Key[] {
  return keys.filter(({ retiredAt, revokedAt, ...key }) => {
    const end = findEnd({ retiredAt, revokedAt, ...key })
    return revokedAt === null && (end === null || end > now)
  })
}
