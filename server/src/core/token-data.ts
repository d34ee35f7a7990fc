import { AuthError } from './errors.ts'
import { type ExtraClaims, signToken } from './open-session.ts'
import type { Ports, TokenUse } from './ports.ts'
import type { Access } from './session.ts'

type TokenPorts = Pick<Ports, 'store' | 'tokens' | 'signer' | 'now'>

/**
 * Makes a new access token from a refresh token. The refresh token stays as it is: a client that follows document 004
 * keeps the one it has.
 *
 * @throws {AuthError} `invalid_token` for anything but a live refresh token of an active account.
 */
export async function refreshAccess(
  ports: TokenPorts,
  refreshToken: string,
  { accessLifetime, claims }: { accessLifetime: number; claims: ExtraClaims },
): Promise<{ access: string }> {
  const { account, session } = await readToken(ports, refreshToken, ['refresh'])
  return { access: await signToken(ports, { account, session, use: 'access', lifetime: accessLifetime, claims }) }
}

/**
 * Ends the session of a refresh token; of concurrent callers exactly one succeeds.
 *
 * @throws {AuthError} `invalid_token` for anything but a live refresh token of an active account.
 */
export async function endSessionByRefreshToken(ports: TokenPorts, refreshToken: string): Promise<void> {
  const { session } = await readToken(ports, refreshToken, ['refresh'])
  if (!(await ports.store.endSession(session.id))) throw new AuthError('invalid_token')
}

/**
 * Says whether a signed token, access or refresh, is alive.
 *
 * @throws {AuthError} `invalid_token` when it is not.
 */
export async function verifyToken(ports: TokenPorts, token: string): Promise<Access> {
  return readToken(ports, token, ['access', 'refresh'])
}

async function readToken(
  { store, signer, now }: TokenPorts,
  token: string,
  uses: readonly TokenUse[],
): Promise<Access> {
  for (const use of uses) {
    const claims = await signer.verify(token, use)
    if (claims === null || claims.exp * 1000 <= now()) continue
    const stored = await store.findSession(claims.sid)
    if (!stored?.isCurrent || !stored.account.isActive || stored.account.subject !== claims.sub) continue
    return { account: stored.account, session: stored.session }
  }
  throw new AuthError('invalid_token')
}
