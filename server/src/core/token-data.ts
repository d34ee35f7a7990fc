import { isGoodFor, toLegacyToken, toToken } from './check-access.ts'
import { recordEnd } from './end-session.ts'
import { AuthError } from './errors.ts'
import { findLegacySession } from './legacy-session.ts'
import { signToken, type TokenRequest } from './open-session.ts'
import type { Ports, TokenUse } from './ports.ts'
import { recordRevoked } from './revoked-token.ts'
import type { Access, Client } from './session.ts'

type TokenPorts = Pick<Ports, 'store' | 'tokens' | 'signer' | 'legacyTokens' | 'audit' | 'now'>

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
  for (const use of uses) {
    const access =
      (await readSigned(ports, token, { use, client })) ?? (await readLegacy(ports, token, { use, client }))
    if (access !== null) return access
  }
  throw new AuthError('invalid_token')
}

type Use = { readonly use: TokenUse; readonly client: Client }

async function readSigned(ports: TokenPorts, token: string, { use, client }: Use): Promise<Access | null> {
  const { store, signer, now } = ports
  const signed = await signer.verify(token, use)
  if (signed === null || signed.claims.exp * 1000 <= now()) return null
  const { claims, contracts } = signed
  const stored = await store.findSession(claims.sid)
  if (!stored?.isCurrent || !stored.account.isActive || stored.account.subject !== claims.sub) {
    recordRevoked(ports, { subject: claims.sub, kind: use, client })
    return null
  }
  // No token that was rightly made outlives its session.
  if (stored.session.expiresAt <= now() || !isGoodFor(contracts, stored.session)) return null
  return { account: stored.account, session: stored.session, token: toToken(claims) }
}

/** A token of a back end before: what it refreshes is ours. */
async function readLegacy(ports: TokenPorts, token: string, { use, client }: Use): Promise<Access | null> {
  const { legacyTokens, now } = ports
  const legacy = legacyTokens.read(token, use)
  if (legacy === null || legacy.expiresAt <= now()) return null
  const stored = await findLegacySession(ports, legacy, client).catch(ignoreInactive)
  if (stored === null) return null
  const { account, session, isCurrent } = stored
  if (!isCurrent || !account.isActive) {
    recordRevoked(ports, { accountId: account.id, kind: use, client })
    return null
  }
  return session.expiresAt <= now() ? null : { account, session, token: toLegacyToken(legacy) }
}

/** Whoever has only a refresh token is not told why it is none any more. */
function ignoreInactive(error: unknown): null {
  if (error instanceof AuthError && error.code === 'account_inactive') return null
  throw error
}
