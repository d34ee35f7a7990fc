import { AuthError } from './errors.ts'
import type { Ports, StoredSession, TokenClaims } from './ports.ts'
import { recordRevoked } from './revoked-token.ts'
import type { Access, Client, Session, Token } from './session.ts'

type CheckPorts = Pick<Ports, 'store' | 'memories' | 'tokens' | 'signer' | 'audit' | 'now'>

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
  const { access, readAt } = await (KEY.test(token) ? checkKey(ports, token, client) : checkJwt(ports, token, client))
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

async function checkKey(ports: CheckPorts, key: string, client: Client): Promise<Checked> {
  const { store, tokens, now } = ports
  const tokenHash = tokens.digest(key)
  const stored = await store.findSessionByToken(tokenHash)
  if (stored === null) {
    const revoked = await store.findRevokedKey(tokenHash, now())
    if (revoked !== null) recordRevoked(ports, { accountId: revoked.accountId, kind: 'key', client })
  }
  const { account, session } = requireCurrent(ports, stored, client)
  if (session.expiresAt <= now()) {
    await store.endSession(session.id)
    throw new AuthError('expired_access_token')
  }
  const token = { id: null, audience: null, issuedAt: session.createdAt, expiresAt: session.expiresAt }
  return { access: { account, session, token }, readAt: Number.POSITIVE_INFINITY }
}

async function checkJwt(ports: CheckPorts, jwt: string, client: Client): Promise<Checked> {
  const { store, signer, now } = ports
  const signed = await signer.verify(jwt, 'access')
  if (signed === null) throw new AuthError('invalid_access_token')
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

/** Whether a token that only some contracts could have made is of a session of theirs. */
export function isGoodFor(contracts: readonly string[] | null, { contract }: Pick<Session, 'contract'>): boolean {
  return contracts === null || contracts.includes(contract)
}

/** What a signed token says of itself. */
export function toToken({ jti, aud, iat, exp }: TokenClaims): Token {
  return { id: jti, audience: aud ?? null, issuedAt: iat * 1000, expiresAt: exp * 1000 }
}

function requireCurrent(ports: CheckPorts, stored: StoredSession | null, client: Client): StoredSession {
  if (stored === null) throw new AuthError('invalid_access_token')
  if (!stored.account.isActive || !stored.isCurrent) {
    recordRevoked(ports, { accountId: stored.account.id, kind: stored.session.kind, client })
    throw new AuthError(stored.account.isActive ? 'invalid_access_token' : 'account_inactive')
  }
  return stored
}
