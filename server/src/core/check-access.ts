import { AuthError } from './errors.ts'
import { findLegacySession } from './legacy-session.ts'
import type { LegacyToken, OpaqueDigests, Ports, StoredSession, TokenClaims } from './ports.ts'
import { recordRevoked } from './revoked-token.ts'
import type { Access, Client, Session, Token } from './session.ts'

type CheckPorts = Pick<Ports, 'store' | 'memories' | 'tokens' | 'signer' | 'legacyTokens' | 'audit' | 'now'>

/** The text of an opaque key, in exactly the letters in which it was issued. */
const KEY = /^[0-9a-f]{40}$/

/**
 * Finds out whose live token this is. Every kind of access token is taken at every door; the session's row, read each
 * time, is the truth. An expired key is deleted by the request that finds it.
 *
 * @throws {AuthError} `invalid_access_token`, `expired_access_token`, `account_inactive`.
 */
export async function checkAccess(ports: CheckPorts, token: string, client: Client): Promise<Access> {
  const { accesses } = ports.memories
  const beginning = accesses.begin()
  const { access, readAt } = await checkToken(ports, token, client)
  accesses.remember(token, access, { ...beginning, at: Math.min(beginning.at, readAt) })
  return access
}

/**
 * Whose live token this is, where that was found out a moment ago; `null` where it must be asked for. It takes no time,
 * records nothing and asks nobody. For whoever only wants to know: what a token shall change, its row must allow.
 */
export function recallAccess({ memories, now }: Pick<Ports, 'memories' | 'now'>, token: string): Access | null {
  const access = memories.accesses.recall(token)
  return access === null || Math.min(access.token.expiresAt, access.session.expiresAt) <= now() ? null : access
}

/** `readAt` is when the oldest thing that the answer rests on was read, on the clock of `Memory`. */
type Checked = { readonly access: Access; readonly readAt: number }

function checkToken(ports: CheckPorts, token: string, client: Client): Promise<Checked> {
  if (KEY.test(token)) return checkKey(ports, token, client)
  const digests = ports.legacyTokens.digestOpaque(token)
  return digests === null ? checkJwt(ports, token, client) : checkLegacyKey(ports, digests, client)
}

async function checkKey(ports: CheckPorts, key: string, client: Client): Promise<Checked> {
  const { store, tokens, now } = ports
  const tokenHash = tokens.digest(key)
  const stored = await store.findSessionByToken(tokenHash)
  if (stored === null) {
    const revoked = await store.findRevokedKey(tokenHash, now())
    if (revoked !== null) recordRevoked(ports, { accountId: revoked.accountId, kind: 'key', client })
  }
  return useKey(ports, stored, client)
}

/** A key of a back end before that kept its digests in its own way: they are looked up as they came from there. */
async function checkLegacyKey(ports: CheckPorts, digests: OpaqueDigests, client: Client): Promise<Checked> {
  const { stored, revokedOf } = await ports.store.findLegacyKey(digests, ports.now())
  if (revokedOf !== null) recordRevoked(ports, { accountId: revokedOf, kind: 'key', client })
  return useKey(ports, stored, client)
}

async function useKey(ports: CheckPorts, stored: StoredSession | null, client: Client): Promise<Checked> {
  const { account, session } = requireCurrent(ports, stored, client)
  if (session.expiresAt <= ports.now()) {
    await ports.store.endSession(session.id)
    throw new AuthError('expired_access_token')
  }
  const token = { id: null, audience: null, issuedAt: session.createdAt, expiresAt: session.expiresAt }
  return { access: { account, session, token }, readAt: Number.POSITIVE_INFINITY }
}

async function checkJwt(ports: CheckPorts, jwt: string, client: Client): Promise<Checked> {
  const { store, signer, now } = ports
  const signed = await signer.verify(jwt, 'access')
  if (signed === null) return checkLegacyJwt(ports, jwt, client)
  const { claims, keysReadAt, contracts } = signed
  if (claims.exp * 1000 <= now()) throw new AuthError('expired_access_token')
  const stored = await store.findSession(claims.sid)
  if (stored === null) recordRevoked(ports, { subject: claims.sub, kind: 'access', client })
  const { account, session } = requireCurrent(ports, stored, client)
  if (account.subject !== claims.sub || !isGoodFor(contracts, session)) throw new AuthError('invalid_access_token')
  // No token that was rightly made outlives its session.
  if (session.expiresAt <= now()) throw new AuthError('expired_access_token')
  return { access: { account, session, token: toToken(claims) }, readAt: keysReadAt }
}

async function checkLegacyJwt(ports: CheckPorts, jwt: string, client: Client): Promise<Checked> {
  const { legacyTokens, now } = ports
  const legacy = legacyTokens.read(jwt, 'access')
  if (legacy === null) throw new AuthError('invalid_access_token')
  if (legacy.expiresAt <= now()) throw new AuthError('expired_access_token')
  const { account, session } = requireCurrent(ports, await findLegacySession(ports, legacy, client), client)
  if (session.expiresAt <= now()) throw new AuthError('expired_access_token')
  return { access: { account, session, token: toLegacyToken(legacy) }, readAt: Number.POSITIVE_INFINITY }
}

/** Whether a token that only some contracts could have made is of a session of theirs. */
export function isGoodFor(contracts: readonly string[] | null, { contract }: Pick<Session, 'contract'>): boolean {
  return contracts === null || contracts.includes(contract)
}

/** What a signed token says of itself. */
export function toToken({ jti, aud, iat, exp }: TokenClaims): Token {
  return { id: jti, audience: aud ?? null, issuedAt: iat * 1000, expiresAt: exp * 1000 }
}

/** What a token of a back end before says of itself: its audience was that one's. */
export function toLegacyToken({ id, issuedAt, expiresAt }: LegacyToken): Token {
  return { id, audience: null, issuedAt, expiresAt }
}

function requireCurrent(ports: CheckPorts, stored: StoredSession | null, client: Client): StoredSession {
  if (stored === null) throw new AuthError('invalid_access_token')
  if (!stored.account.isActive || !stored.isCurrent) {
    recordRevoked(ports, { accountId: stored.account.id, kind: stored.session.kind, client })
    throw new AuthError(stored.account.isActive ? 'invalid_access_token' : 'account_inactive')
  }
  return stored
}
