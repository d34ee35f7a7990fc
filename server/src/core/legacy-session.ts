import { AuthError } from './errors.ts'
import { DEFAULT_SOURCE } from './legacy-port.ts'
import { toLegacySessionId } from './legacy-session-id.ts'
import type { LegacyToken, Ports, StoredSession, TokenUse } from './ports.ts'
import { recordRevoked } from './revoked-token.ts'
import type { Client } from './session.ts'

/**
 * The session that a legacy token stands for. At first sight one is opened for it; from then on it is a session like any
 * other, so that the token can be listed, ended and refreshed. `null` where there is none, or none any more.
 *
 * @throws {AuthError} `account_inactive`.
 */
export async function findLegacySession(
  ports: Pick<Ports, 'store' | 'audit'>,
  token: LegacyToken,
  client: Client,
): Promise<StoredSession | null> {
  const { store, audit } = ports
  const { contract, use, digest } = token
  const known = await store.findSessionByToken(digest)
  if (known !== null) return known
  const adoption = await store.adoptSession({
    id: toLegacySessionId(digest),
    source: contract,
    otherSource: DEFAULT_SOURCE,
    legacyId: token.legacyId,
    // An access token of a pair stands for itself: nothing in it tells for certain which refresh token it came with.
    kind: use === 'refresh' ? 'pair' : 'jwt',
    contract,
    tokenHash: digest,
    createdAt: token.issuedAt,
    expiresAt: token.expiresAt,
    network: client.network,
    userAgent: client.userAgent,
  })
  if ('refused' in adoption) {
    const { refused, accountId } = adoption
    if (refused !== 'unknown' && accountId !== null) recordRevoked(ports, { accountId, kind: use, client })
    if (refused === 'inactive') throw new AuthError('account_inactive')
    return null
  }
  const { stored, isNew } = adoption
  if (isNew) {
    const accountId = stored.account.id
    const detail = { session: stored.session.id, use }
    audit.record({ type: 'legacy_session_adopted', actor: { accountId }, accountId, client, detail })
  }
  return stored
}

/**
 * What tells a token with a `jti` from all others, as text to be digested. Whose it is belongs to it: a back end that gave
 * every token the same `jti` would otherwise have one session for everybody.
 */
export function nameLegacyToken({
  contract,
  use,
  legacyId,
  id,
}: {
  contract: string
  use: TokenUse
  legacyId: string
  id: string
}): string {
  return JSON.stringify(['legacy token', contract, use, legacyId, id])
}
