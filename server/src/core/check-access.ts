import { AuthError } from './errors.ts'
import type { Ports, StoredSession } from './ports.ts'
import { recordRevoked } from './revoked-token.ts'
import type { Access, Client } from './session.ts'

type CheckPorts = Pick<Ports, 'store' | 'tokens' | 'signer' | 'audit' | 'now'>

/** The text of an opaque key, in exactly the letters in which it was issued. */
const KEY = /^[0-9a-f]{40}$/

/**
 * Finds out whose live token this is. Every kind of access token is taken at every door; the session's row, read each
 * time, is the truth. An expired key is deleted by the request that finds it.
 *
 * @throws {AuthError} `invalid_access_token`, `expired_access_token`, `account_inactive`.
 */
export async function checkAccess(ports: CheckPorts, token: string, client: Client): Promise<Access> {
  return KEY.test(token) ? checkKey(ports, token, client) : checkJwt(ports, token, client)
}

async function checkKey(ports: CheckPorts, key: string, client: Client): Promise<Access> {
  const { store, tokens, now } = ports
  const tokenHash = tokens.digest(key)
  const stored = await store.findSessionByToken(tokenHash)
  if (stored === null) {
    const revoked = await store.findRevokedKey(tokenHash, now())
    if (revoked !== null) recordRevoked(ports, { accountId: revoked.accountId, kind: 'key', client })
  }
  const access = requireCurrent(ports, stored, client)
  if (access.session.expiresAt <= now()) {
    await store.endSession(access.session.id)
    throw new AuthError('expired_access_token')
  }
  return access
}

async function checkJwt(ports: CheckPorts, token: string, client: Client): Promise<Access> {
  const { store, signer, now } = ports
  const claims = await signer.verify(token, 'access')
  if (claims === null) throw new AuthError('invalid_access_token')
  if (claims.exp * 1000 <= now()) throw new AuthError('expired_access_token')
  const stored = await store.findSession(claims.sid)
  if (stored === null) recordRevoked(ports, { subject: claims.sub, kind: 'access', client })
  const access = requireCurrent(ports, stored, client)
  if (access.account.subject !== claims.sub) throw new AuthError('invalid_access_token')
  // No token that was rightly made outlives its session.
  if (access.session.expiresAt <= now()) throw new AuthError('expired_access_token')
  return access
}

function requireCurrent(ports: CheckPorts, stored: StoredSession | null, client: Client): Access {
  if (stored === null) throw new AuthError('invalid_access_token')
  if (!stored.account.isActive || !stored.isCurrent) {
    recordRevoked(ports, { accountId: stored.account.id, kind: stored.session.kind, client })
    throw new AuthError(stored.account.isActive ? 'invalid_access_token' : 'account_inactive')
  }
  return { account: stored.account, session: stored.session }
}
