import type { SigningAlgorithm, SigningKey } from './signing-key.ts'

/** A signing key as it is made: its private half is sealed under the operator's secret. */
export type NewKey = {
  readonly kid: string
  readonly algorithm: string
  readonly publicJwk: string
  readonly sealedPrivateJwk: string
  readonly createdAt: number
  /** When it may first sign, in milliseconds since 1970. Before that it is only published. */
  readonly activeFrom: number
}

/** A signing key at rest. */
export type StoredKey = NewKey & SigningKey

/** The public half of a signing key. */
export type PublicKey = Pick<NewKey, 'kid' | 'algorithm' | 'publicJwk'>

/** Makes signing keys of the algorithm that is set. */
export type KeyMaker = {
  readonly algorithm: SigningAlgorithm
  make(times: { createdAt: number; activeFrom: number }): Promise<NewKey>
}

/**
 * Where signing keys rest. There is one that signs and one at most that is to follow it: whoever comes second, in
 * whatever process, adds none.
 */
export type KeyStore = {
  /** Stores the key if there is none at all yet; of concurrent callers one wins and all get the winner's. */
  addFirstKey(key: NewKey): Promise<readonly StoredKey[]>
  /** All signing keys, newest first. */
  listKeys(): Promise<readonly StoredKey[]>
  /**
   * Adds the key that follows `after`, which retires when the new one may sign, unless another follows it already.
   *
   * @returns whether it was this one that was added.
   */
  addNextKey(key: NewKey, options: { after: string }): Promise<boolean>
  /**
   * Revokes a key. Where none is left that may sign, the one that was to follow does so from now on, or, if there is
   * none, `replacement` does.
   *
   * @returns the keys as they are then, newest first; `null` when there is no such key, or it was revoked before.
   */
  revokeKey(kid: string, options: { replacement: NewKey; now: number }): Promise<readonly StoredKey[] | null>
  /** Notes that a key signs a token that lives so many seconds; what it signed before may live longer. */
  noteLifetime(kid: string, seconds: number): Promise<void>
  /** Removes keys; says which were there. */
  removeKeys(kids: readonly string[]): Promise<readonly string[]>
  /** How many live sessions with signed tokens were opened in this time, in milliseconds since 1970. */
  countSignedSessions(time: { from: number; until: number; now: number }): Promise<number>
}
