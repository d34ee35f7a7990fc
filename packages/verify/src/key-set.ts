import { type CompactJWSHeaderParameters, type CryptoKey, createLocalJWKSet, errors, type JSONWebKeySet } from 'jose'
import { fetchJson } from './fetch-json.ts'
import { isObject } from './is-object.ts'
import type { Settings } from './options.ts'
import { readLifetime } from './read-lifetime.ts'
import { TokenError } from './token-error.ts'

/** The header of a token, as far as a key is found by it. */
export type KeyRequest = CompactJWSHeaderParameters & { readonly kid: string }

/** An issuer's public keys. */
export type KeySet = {
  /** @throws {TokenError} `unknown_key`, `invalid_signature`, `unavailable`. */
  find(header: KeyRequest): Promise<CryptoKey>
}

type KeySetSettings = Pick<Settings, 'fetch' | 'timeoutSeconds' | 'staleSeconds' | 'now'>

/** Keys as they were fetched. */
type Fetched = {
  readonly names: ReadonlySet<unknown>
  readonly find: ReturnType<typeof createLocalJWKSet>
  /** All in milliseconds since 1970. */
  readonly since: number
  readonly freshUntil: number
  readonly usableUntil: number
}

/** Made-up key names cause at most one request in this time, in milliseconds; half of what a new key is published ahead. */
const COOLDOWN = 2000
/** How many requests with unknown key names may wait for that one. */
const MOST_WAITING = 100

/**
 * Keeps an issuer's keys as long as their answer says, fetches them once for all who wait, and looks once more when a
 * token names a key that it has not seen. While the issuer cannot be reached, the keys go on for a while: nobody is let
 * in whom they did not sign for.
 *
 * @param locate finds the address of the keys.
 */
export function createKeySet(settings: KeySetSettings, locate: () => Promise<string>): KeySet {
  const { now, staleSeconds } = settings
  let keys: Fetched | null = null
  let pending: Promise<Fetched> | null = null
  let soon: Promise<Fetched> | null = null
  let lastTry = Number.NEGATIVE_INFINITY
  let lastFailure: unknown = null
  let waiting = 0

  async function load(): Promise<Fetched> {
    lastTry = performance.now()
    try {
      const { lifetime, ...fetched } = await fetchKeys(settings, await locate())
      keys = { ...fetched, ...readTimes(now(), { lifetime, staleSeconds }) }
      lastFailure = null
      return keys
    } catch (error) {
      lastFailure = error
      throw error
    }
  }

  /** One request for all who want one at the same time. */
  function reload(): Promise<Fetched> {
    pending ??= load().finally(() => {
      pending = null
    })
    return pending
  }

  /** One request for all who want one, as soon as the last one is long enough ago. */
  function reloadSoon(): Promise<Fetched> {
    soon ??= sleep(lastTry + COOLDOWN - performance.now())
      .then(reload)
      .finally(() => {
        soon = null
      })
    return soon
  }

  async function current(): Promise<Fetched> {
    // A clock that was set back would keep them fresh for as long as it was ahead: nobody knows how old they are.
    if (keys !== null && now() < keys.since) keys = { ...keys, ...readTimes(now(), { lifetime: 0, staleSeconds }) }
    if (keys !== null && now() < keys.freshUntil) return keys
    if (keys === null || now() >= keys.usableUntil) {
      // Whoever has nothing to go on waits for keys, but a server that is down is not asked by each request anew.
      if (lastFailure !== null && pending === null && performance.now() < lastTry + COOLDOWN / 2) {
        throw new TokenError('unavailable', 'The keys could not be fetched a moment ago.', { cause: lastFailure })
      }
      return reload()
    }
    // It has failed before: it is asked again, but nobody waits for it, however long it takes to fail once more.
    if (lastFailure !== null) {
      if (performance.now() >= lastTry + COOLDOWN) reload().catch(() => {})
      return keys
    }
    const kept = keys
    return reload().catch(() => kept)
  }

  return {
    async find(header) {
      const found = await pick(await current(), header)
      if (found !== null) return found
      if (waiting >= MOST_WAITING) {
        // One of them may be right: that cannot be told before the keys are fetched again.
        throw new TokenError('unavailable', 'Too many tokens name unknown keys.', { retryAfter: COOLDOWN / 1000 })
      }
      waiting++
      try {
        const again = await pick(await reloadSoon(), header)
        if (again !== null) return again
        throw new TokenError('unknown_key', 'The token names a key that the issuer does not publish.')
      } finally {
        waiting--
      }
    },
  }
}

/** @throws {TokenError} `unavailable` for anything that is no set of keys. */
async function fetchKeys(
  settings: KeySetSettings,
  url: string,
): Promise<Pick<Fetched, 'names' | 'find'> & { readonly lifetime: number }> {
  const { status, headers, json } = await fetchJson(settings, url)
  if (status !== 200 || !isKeySet(json)) throw new TokenError('unavailable', `${url} answered ${status}, and no keys.`)
  const names = new Set(json.keys.map(({ kid }) => kid))
  return { names, find: createLocalJWKSet(json), lifetime: readLifetime(headers) }
}

function isKeySet(json: unknown): json is JSONWebKeySet {
  return isObject(json) && Array.isArray(json.keys) && json.keys.every(isObject)
}

/**
 * The key that a header names, or `null` where there is none of that name.
 *
 * @throws {TokenError} `invalid_signature` where the key is there, and of another algorithm: no other look changes that.
 */
async function pick({ names, find }: Fetched, header: KeyRequest): Promise<CryptoKey | null> {
  if (!names.has(header.kid)) return null
  try {
    return await find(header)
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) {
      throw new TokenError('invalid_signature', 'The key that the token names is not of its algorithm.')
    }
    throw new TokenError('unavailable', 'The key that the token names cannot be used.', { cause: error })
  }
}

function readTimes(
  since: number,
  { lifetime, staleSeconds }: { lifetime: number; staleSeconds: number },
): Pick<Fetched, 'since' | 'freshUntil' | 'usableUntil'> {
  const freshUntil = since + lifetime * 1000
  return { since, freshUntil, usableUntil: freshUntil + staleSeconds * 1000 }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, milliseconds)))
}
