import { isGoodFor, toToken } from './check-access.ts'
import { recordEnd } from './end-session.ts'
import { AuthError } from './errors.ts'
import { signToken, type TokenRequest } from './open-session.ts'
import type { Ports, TokenUse } from './ports.ts'
import { recordRevoked } from './revoked-token.ts'
import type { Access, Client } from './session.ts'

type TokenPorts = Pick<Ports, 'store' | 'tokens' | 'signer' | 'audit' | 'now'>

/**
 * Makes a new access token from a refresh token. The refresh token stays as it is: a client that follows document 004
 * keeps the one it has. `expiresIn` is in seconds: towards the end of a session, what is left of it.
 *
 * @throws {AuthError} `invalid_token` for anything but a live refresh token of an active account.
 */
export async function refreshAccess(
  ports: TokenPorts,
  refreshToken: string,
  { accessLifetime, client, ...request }: TokenRequest & { accessLifetime: number; client: Client },
): Promise<{ access: string; expiresIn: number }> {
  const { account, session } = await readToken(ports, refreshToken, { uses: ['refresh'], client })
  const remaining = Math.floor(session.expiresAt / 1000) - Math.floor(ports.now() / 1000)
  const lifetime = Math.min(accessLifetime, remaining)
  return {
    access: await signToken(ports, { account, session, use: 'access', lifetime, ...request }),
    expiresIn: lifetime,
  }
}

/**
 * Ends the session of a refresh token; of concurrent callers exactly one succeeds.
 *
 * @throws {AuthError} `invalid_token` for anything but a live refresh token of an active account.
 */
export async function endSessionByRefreshToken(ports: TokenPorts, refreshToken: string, client: Client): Promise<void> {
  const access = await readToken(ports, refreshToken, { uses: ['refresh'], client })
  if (!(await ports.store.endSession(access.session.id))) throw new AuthError('invalid_token')
  recordEnd(ports, access, client)
}

/**
 * Says whether a signed token, access or refresh, is alive.
 *
 * @throws {AuthError} `invalid_token` when it is not.
 */
export async function verifyToken(ports: TokenPorts, token: string, client: Client): Promise<Access> {
  return readToken(ports, token, { uses: ['access', 'refresh'], client })
}

async function readToken(
  ports: TokenPorts,
  token: string,
  { uses, client }: { uses: readonly TokenUse[]; client: Client },
): Promise<Access> {
  const { store, signer, now } = ports
  for (const use of uses) {
    const signed = await signer.verify(token, use)
    if (signed === null || signed.claims.exp * 1000 <= now()) continue
    const { claims, contracts } = signed
    const stored = await store.findSession(claims.sid)
    if (!stored?.isCurrent || !stored.account.isActive || stored.account.subject !== claims.sub) {
      recordRevoked(ports, { subject: claims.sub, kind: use, client })
      continue
    }
    // No token that was rightly made outlives its session.
    if (stored.session.expiresAt <= now() || !isGoodFor(contracts, stored.session)) continue
    return { account: stored.account, session: stored.session, token: toToken(claims) }
  }
  throw new AuthError('invalid_token')
}
