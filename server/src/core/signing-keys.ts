import type { NewKey, Ports, StoredKey } from './ports.ts'
import { findEnd, type KeyState, type SigningKey, stateOf } from './signing-key.ts'

/** How long a key is published before it signs, unless told, in milliseconds: verifiers ask for keys every five minutes. */
export const LEAD = 600_000
/** No less, or some process could be given a token by a key that it has not seen yet. */
export const SHORTEST_LEAD = 5000

const DAY = 86_400_000

type KeyPorts = Pick<Ports, 'store' | 'keys' | 'signer' | 'audit' | 'now'>

/** A signing key as an operator sees it. Times are in milliseconds since 1970. */
export type ListedKey = SigningKey & {
  readonly state: KeyState
  /** When nothing that it signed can be alive any more; `null` while it signs, or is to sign. */
  readonly endsAt: number | null
}

/** Every signing key, newest first. */
export async function listSigningKeys({ store, now }: Pick<Ports, 'store' | 'now'>): Promise<readonly ListedKey[]> {
  return toListed(await store.listKeys(), now())
}

/**
 * Adds the key that is to sign next, and publishes it at once.
 *
 * @param options.lead how long it is only published, in milliseconds.
 * @returns the keys as they are then, and whether one was added: `false` where one was to follow already.
 */
export async function rotateKeys(
  ports: KeyPorts,
  { lead }: { lead: number },
): Promise<{ isAdded: boolean; keys: readonly ListedKey[] }> {
  const last = findLast(await ports.store.listKeys(), ports.now())
  const isAdded = last?.state === 'signing' && (await addNext(ports, { after: last.kid, lead, why: 'operator' }))
  return { isAdded, keys: await listSigningKeys(ports) }
}

/**
 * Revokes a key: nothing that it signed is taken any more, at once here and within a second elsewhere.
 *
 * @returns the keys as they are then, and how many live sessions were opened while it signed; `null` where there is no
 *   such key, or it was revoked before.
 */
export async function revokeKey(
  ports: KeyPorts,
  kid: string,
): Promise<{ keys: readonly ListedKey[]; sessions: number } | null> {
  const { store, audit, now } = ports
  const time = now()
  const before = await store.listKeys()
  const replacement = await ports.keys.make({ createdAt: time, activeFrom: time })
  const keys = await store.revokeKey(kid, { replacement, now: time })
  if (keys === null) return null
  await ports.signer.reloadKeys()
  audit.record({ type: 'signing_key_revoked', actor: 'operator', accountId: null, client: null, detail: { kid } })
  if (keys.some((key) => key.kid === replacement.kid)) recordAdded(ports, replacement, 'revocation')
  const revoked = before.find((key) => key.kid === kid)
  const until = Math.min(revoked?.retiredAt ?? time, time)
  return {
    keys: toListed(keys, time),
    sessions: await store.countSignedSessions({ from: revoked?.activeFrom ?? 0, until, now: time }),
  }
}

/**
 * Does what is due: adds the next key where another algorithm was set or the one that signs is old, and removes keys
 * of which no token can be alive. Whoever else does so at the same time adds no second one.
 *
 * @param options.days after how many days a key is followed by another; 0 for never.
 * @param options.since when this process began: a key that was added later is of whoever was told another algorithm later.
 */
export async function keepKeys(
  ports: KeyPorts,
  { days, since }: { days: number; since: number },
): Promise<{ added: number; removed: number }> {
  const { store, audit, keys: maker, now } = ports
  const time = now()
  const stored = await store.listKeys()
  const last = findLast(stored, time)
  let added = 0
  if (last?.state === 'signing') {
    const isOther = last.algorithm !== maker.algorithm && last.createdAt < since
    const isOld = days > 0 && Math.max(last.activeFrom, last.createdAt) + days * DAY - LEAD <= time
    const why = isOther ? 'algorithm' : 'age'
    if ((isOther || isOld) && (await addNext(ports, { after: last.kid, lead: LEAD, why }))) added++
  }
  const over = stored.filter((key) => (findEnd(key) ?? Number.POSITIVE_INFINITY) <= time).map(({ kid }) => kid)
  const removed = await store.removeKeys(over)
  for (const kid of removed) {
    audit.record({ type: 'signing_key_removed', actor: 'server', accountId: null, client: null, detail: { kid } })
  }
  return { added, removed: removed.length }
}

/** The key that nobody follows yet: the one that is to sign next, or else the one that signs. */
function findLast(keys: readonly StoredKey[], now: number): ListedKey | null {
  const listed = toListed(keys, now)
  return listed.find(({ state }) => state === 'next') ?? listed.find(({ state }) => state === 'signing') ?? null
}

async function addNext(
  ports: KeyPorts,
  { after, lead, why }: { after: string; lead: number; why: 'operator' | 'algorithm' | 'age' },
): Promise<boolean> {
  const time = ports.now()
  const key = await ports.keys.make({ createdAt: time, activeFrom: time + lead })
  if (!(await ports.store.addNextKey(key, { after }))) return false
  await ports.signer.reloadKeys()
  recordAdded(ports, key, why)
  return true
}

function recordAdded(
  { audit }: Pick<Ports, 'audit'>,
  { kid, algorithm }: NewKey,
  why: 'operator' | 'revocation' | 'algorithm' | 'age',
): void {
  const actor = why === 'operator' || why === 'revocation' ? 'operator' : 'server'
  audit.record({ type: 'signing_key_added', actor, accountId: null, client: null, detail: { kid, algorithm, why } })
}

function toListed(keys: readonly StoredKey[], now: number): readonly ListedKey[] {
  return keys.map(({ kid, algorithm, createdAt, activeFrom, retiredAt, revokedAt, longestLifetime }) => {
    const key = { kid, algorithm, createdAt, activeFrom, retiredAt, revokedAt, longestLifetime }
    return { ...key, state: stateOf(key, keys, now), endsAt: findEnd(key) }
  })
}
