import type { CryptoKey } from 'jose'
import { AuthError } from '../core/errors.ts'
import type { StoredKey } from '../core/ports.ts'
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '../core/signing-key.ts'
import { importKey } from './make-key.ts'

/** How old keys may be before they are read again while they are still used, in milliseconds. */
const FRESH = 500
/** How old keys may be that anything rests on, in milliseconds: a key that was revoked elsewhere is dead by then. */
const STALEST = 1000
/** How long after a look began whoever names an unknown key has the next one begun, in milliseconds. */
const LOOK_GAP = 250
/** How many may wait for that at once: who comes on top of them is told to come again. */
const MOST_WAITING = 500
/** How many names of keys that there are not are remembered. */
const MOST_STRANGERS = 1000
/** What the name of a key of ours looks like: a SHA-256 in base64url. */
const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/

/** A key with its public half ready to check with. */
export type HeldKey = {
  readonly stored: StoredKey
  readonly algorithm: SigningAlgorithm
  readonly publicKey: CryptoKey
}

/** The keys as they were at a time. */
export type Keys = {
  /** When they began to be read, on a clock that never goes back, in milliseconds. */
  readonly readAt: number
  readonly all: readonly StoredKey[]
  readonly held: ReadonlyMap<string, HeldKey>
}

/** The signing keys of the database, as every process sees them within a second. */
export type Keyring = {
  /** The keys as they are, or were less than a second ago. */
  current(): Promise<Keys>
  /**
   * The key with this `kid`, or `null`.
   *
   * @throws {AuthError} `overloaded` when too many are looking for keys that are not known: whether it is one is not.
   */
  find(kid: string): Promise<HeldKey | null>
  /** Reads the keys anew. */
  reload(): Promise<Keys>
}

/**
 * Holds the keys that the database has, and reads them again while they are asked for: twice a second at most, whoever
 * asks. For a key that is not known a look is begun after it was named, four times a second at most, which answers all
 * who ask meanwhile: what another process just added is found, and forged tokens cost no read each. Who named a key that
 * was not there then will name none that is: `kid`s are random, and a key is in the database before it signs.
 *
 * @param options.load every key in the database, anew.
 * @param options.elapsed a clock that never goes back, in milliseconds.
 * @throws {Error} when they cannot be read.
 */
export async function createKeyring({
  load,
  elapsed,
  pause = wait,
}: {
  load: () => Promise<readonly StoredKey[]>
  elapsed: () => number
  pause?: (milliseconds: number) => Promise<void>
}): Promise<Keyring> {
  const publicKeys = new Map<string, CryptoKey>()
  const strangers = new Set<string>()
  let running: { readonly readAt: number; readonly keys: Promise<Keys> } | null = null
  let coming: Promise<Keys> | null = null
  let lastBegan = elapsed()
  let waiting = 0
  let keys = await read(lastBegan)

  function begin(): Promise<Keys> {
    const readAt = elapsed()
    const look = {
      readAt,
      keys: read(readAt)
        .then(keep)
        .finally(() => forget(readAt)),
    }
    lastBegan = readAt
    running = look
    return look.keys
  }

  /** A look may come back after one that began later. */
  function keep(found: Keys): Keys {
    if (found.readAt >= keys.readAt) keys = found
    return found
  }

  function forget(readAt: number): void {
    if (running?.readAt === readAt) running = null
  }

  async function read(readAt: number): Promise<Keys> {
    const all = await load()
    const held = new Map<string, HeldKey>()
    for (const stored of all) {
      const algorithm = SIGNING_ALGORITHMS.find((name) => name === stored.algorithm)
      // A newer version may have added one that this one does not know.
      if (algorithm === undefined) continue
      const publicKey = publicKeys.get(stored.kid) ?? (await importKey(stored.publicJwk, algorithm))
      publicKeys.set(stored.kid, publicKey)
      held.set(stored.kid, { stored, algorithm, publicKey })
    }
    return { readAt, all, held }
  }

  async function current(): Promise<Keys> {
    const age = elapsed() - keys.readAt
    if (age < FRESH) return keys
    const look = running !== null && elapsed() - running.readAt < STALEST ? running.keys : begin()
    if (age >= STALEST) return look
    // Whoever asks when they are older is told.
    look.catch(() => {})
    return keys
  }

  /** A look that begins from now on. */
  async function lookAgain(): Promise<Keys> {
    if (waiting >= MOST_WAITING) throw new AuthError('overloaded')
    waiting++
    try {
      coming ??= pause(Math.max(0, lastBegan + LOOK_GAP - elapsed())).then(() => {
        coming = null
        return begin()
      })
      return await coming
    } finally {
      waiting--
    }
  }

  return {
    current,
    reload: begin,
    async find(kid) {
      const known = (await current()).held.get(kid)
      if (known !== undefined) return known
      if (!THUMBPRINT.test(kid) || strangers.has(kid)) return null
      const found = (await lookAgain()).held.get(kid)
      if (found !== undefined) return found
      if (strangers.size >= MOST_STRANGERS) strangers.clear()
      strangers.add(kid)
      return null
    },
  }
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
