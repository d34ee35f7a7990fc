import { isNumber, isObject, isText } from './check.ts'

/** Tokens that came from elsewhere: another library, or a page that a server made. */
export type GivenTokens = {
  readonly access: string
  readonly refresh?: string
  /** Seconds for which the access token is good from now on; where it is a JWT, it says so itself. */
  readonly expiresIn?: number
}

/** What one sign-in has. */
export type Tokens = {
  /** Which sign-in: the same until its end, however often the tokens are renewed. */
  readonly id: string
  readonly access: string
  readonly refresh: string | null
  /** From when on the access token had better be renewed, by this clock; `null` where nobody knows. */
  readonly renewAt: number | null
  readonly expiresAt: number | null
}

/** The longest time before its expiry at which a token is renewed: requests and clocks take their time. */
const LONGEST_MARGIN = 30_000
/** Of a short life, the part that is the margin. */
const MARGIN = 0.1

/** What a header can hold after the scheme. Anything else would fail at each request, with the token in the error. */
const SENDABLE = /^[\x21-\x7e]+$/

/** Begins a sign-in. @throws {TypeError} for an access token that no header can hold. */
export function beginTokens(given: GivenTokens, now: number): Tokens {
  if (!SENDABLE.test(given.access)) throw new TypeError('The access token is empty, or no text that a header can hold.')
  return { id: makeId(), access: given.access, refresh: given.refresh ?? null, ...readTimes(given, now) }
}

/** The same sign-in with a new access token and, where they are rotated, a new refresh token. */
export function renewTokens(tokens: Tokens, given: GivenTokens, now: number): Tokens {
  return { ...tokens, access: given.access, refresh: given.refresh ?? tokens.refresh, ...readTimes(given, now) }
}

export function writeTokens(tokens: Tokens): string {
  return JSON.stringify(tokens)
}

/** Reads what a storage has; whatever is not ours is as good as nothing. */
export function readTokens(text: string | null): Tokens | null {
  if (text === null) return null
  try {
    const value: unknown = JSON.parse(text)
    if (!isObject(value) || !isText(value.id) || !isText(value.access) || !SENDABLE.test(value.access)) return null
    return {
      id: value.id,
      access: value.access,
      refresh: isText(value.refresh) ? value.refresh : null,
      renewAt: isNumber(value.renewAt) ? value.renewAt : null,
      expiresAt: isNumber(value.expiresAt) ? value.expiresAt : null,
    }
  } catch {
    return null
  }
}

/** A life is counted from when the token came, so that a clock that is wrong does no harm. */
function readTimes({ access, expiresIn }: GivenTokens, now: number): Pick<Tokens, 'renewAt' | 'expiresAt'> {
  const lifetime = expiresIn ?? readLifetime(access)
  if (lifetime === null) return { renewAt: null, expiresAt: null }
  const expiresAt = now + lifetime * 1000
  return { expiresAt, renewAt: expiresAt - Math.min(LONGEST_MARGIN, lifetime * 1000 * MARGIN) }
}

/** How many seconds a JWT lives, by its own words; `null` for a key without any. */
function readLifetime(token: string): number | null {
  const [, payload = ''] = token.split('.')
  try {
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))
    return isObject(claims) && isNumber(claims.exp) && isNumber(claims.iat) ? claims.exp - claims.iat : null
  } catch {
    return null
  }
}

/** 128 random bits; `randomUUID` is not there on pages without TLS. */
function makeId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
