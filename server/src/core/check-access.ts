import { AuthError } from './errors.ts'
import type { Ports, StoredSession } from './ports.ts'
import type { Access } from './session.ts'

type CheckPorts = Pick<Ports, 'store' | 'tokens' | 'signer' | 'now'>

/** The text of an opaque key, in exactly the letters in which it was issued. */
const KEY = /^[0-9a-f]{40}$/

/**
 * Finds out whose live token this is. Every kind of access token is taken at every door; the session's row, read each
 * time, is the truth. An expired key is deleted by the request that finds it.
 *
 * @throws {AuthError} `invalid_access_token`, `expired_access_token`, `account_inactive`.
 */
export async function checkAccess(ports: CheckPorts, token: string): Promise<Access> {
  return KEY.test(token) ? checkKey(ports, token) : checkJwt(ports, token)
}

async function checkKey({ store, tokens, now }: CheckPorts, key: string): Promise<Access> {
  const stored = await store.findSessionByToken(tokens.digest(key))
  const access = requireCurrent(stored)
  if (access.session.expiresAt <= now()) {
    await store.endSession(access.session.id)
    throw new AuthError('expired_access_token')
  }
  return access
}

async function checkJwt({ store, signer, now }: CheckPorts, token: string): Promise<Access> {
  const claims = await signer.verify(token, 'access')
  if (claims === null) throw new AuthError('invalid_access_token')
  if (claims.exp * 1000 <= now()) throw new AuthError('expired_access_token')
  const access = requireCurrent(await store.findSession(claims.sid))
  if (access.account.subject !== claims.sub) throw new AuthError('invalid_access_token')
  return access
}

function requireCurrent(stored: StoredSession | null): Access {
  if (stored === null) throw new AuthError('invalid_access_token')
  if (!stored.account.isActive) throw new AuthError('account_inactive')
  if (!stored.isCurrent) throw new AuthError('invalid_access_token')
  return { account: stored.account, session: stored.session }
}
