import type { Account, Authenticated } from './account.ts'
import { networkDigest } from './attempts.ts'
import { AuthError } from './errors.ts'
import type { NewSession, Ports, TokenClaims, TokenProfile, TokenUse } from './ports.ts'
import type { Client, Session } from './session.ts'

/** Where a session is opened from, and how long it lives. */
export type SessionRequest = {
  readonly client: Client
  /** Seconds until the session, and its longest token, is over. */
  readonly lifetime: number
}

/** How the tokens of a session are written. */
export type TokenRequest = {
  readonly claims: ExtraClaims
  /** `plain` unless told. A refresh token is for nobody but this server: it is plain whatever is told. */
  readonly profile?: TokenProfile
}

/** What a contract's clients read from its tokens, besides the claims that every token carries. */
export type ExtraClaims = (account: Account) => Readonly<Record<string, unknown>>

type SessionPorts = Pick<Ports, 'store' | 'tokens' | 'signer' | 'audit' | 'now'>

/**
 * Opens a session with one opaque key, of which only the SHA-256 is kept.
 *
 * @throws {AuthError} `wrong_password` or `account_disabled` if the account changed while its password was checked.
 */
export async function openKeySession(
  ports: SessionPorts,
  authenticated: Authenticated,
  request: SessionRequest,
): Promise<{ session: Session; key: string }> {
  const key = ports.tokens.makeKey()
  const session = await insertSession(ports, authenticated, request, {
    kind: 'key',
    tokenHash: ports.tokens.digest(key),
  })
  return { session, key }
}

/**
 * Opens a session with one signed access token that lives as long as the session.
 *
 * @throws {AuthError} `wrong_password` or `account_disabled` if the account changed while its password was checked.
 */
export async function openJwtSession(
  ports: SessionPorts,
  authenticated: Authenticated,
  request: SessionRequest & { readonly claims: ExtraClaims },
): Promise<{ session: Session; token: string }> {
  const session = await insertSession(ports, authenticated, request, { kind: 'jwt', tokenHash: null })
  const token = await signToken(ports, {
    account: authenticated.account,
    session,
    use: 'access',
    lifetime: request.lifetime,
    claims: request.claims,
  })
  return { session, token }
}

/**
 * Opens a session with a short access token and a refresh token that lives as long as the session.
 *
 * @throws {AuthError} `wrong_password` or `account_disabled` if the account changed while its password was checked.
 */
export async function openPairSession(
  ports: SessionPorts,
  authenticated: Authenticated,
  request: SessionRequest & TokenRequest & { readonly accessLifetime: number },
): Promise<{ session: Session; access: string; refresh: string }> {
  const session = await insertSession(ports, authenticated, request, { kind: 'pair', tokenHash: null })
  const { claims, profile = 'plain' } = request
  const shared = { account: authenticated.account, session, claims, profile }
  const [refresh, access] = await Promise.all([
    signToken(ports, { ...shared, use: 'refresh', lifetime: request.lifetime }),
    signToken(ports, { ...shared, use: 'access', lifetime: request.accessLifetime }),
  ])
  return { session, access, refresh }
}

/**
 * Signs a token of a session. No token outlives its session, whatever `lifetime` (seconds) says.
 */
export async function signToken(
  { signer, tokens, now }: Pick<Ports, 'signer' | 'tokens' | 'now'>,
  {
    account,
    session,
    use,
    lifetime,
    claims,
    profile = 'plain',
  }: TokenRequest & { account: Account; session: Session; use: TokenUse; lifetime: number },
): Promise<string> {
  const iat = Math.floor(now() / 1000)
  const own: TokenClaims = {
    token_type: use,
    exp: Math.min(iat + lifetime, Math.floor(session.expiresAt / 1000)),
    iat,
    jti: tokens.makeTokenId(),
    sub: account.subject,
    sid: session.id,
  }
  const { contract } = session
  if (profile === 'plain' || use === 'refresh') {
    return signer.sign({ ...claims(account), ...own }, { contract, profile: 'plain' })
  }
  return signer.sign({ ...claims(account), ...own, client_id: contract }, { contract, profile })
}

/** The login's attempt is settled, and its network remembered, with the session: one commit for all of it. */
async function insertSession(
  ports: SessionPorts,
  { account, credentialVersion, settlement }: Authenticated,
  { client, lifetime }: SessionRequest,
  { kind, tokenHash }: Pick<NewSession, 'kind' | 'tokenHash'>,
): Promise<Session> {
  const { store, tokens, audit, now } = ports
  const { contract, network, userAgent } = client
  const time = now()
  // Whole seconds, as a JWT's own times are: `exp - iat` is exactly the lifetime that the document promises.
  const expiresAt = (Math.floor(time / 1000) + lifetime) * 1000
  const id = tokens.makeId()
  const session: Session = {
    id,
    accountId: account.id,
    kind,
    contract,
    createdAt: time,
    expiresAt,
    client: { network, userAgent },
  }
  const accountId = account.id
  const row = { id, accountId, kind, contract, tokenHash, createdAt: time, expiresAt, network, userAgent }
  const digest = network === null ? null : networkDigest(ports, { accountId, network })
  if (await store.openSession(row, { credentialVersion, settlement, networkDigest: digest })) {
    const detail = { session: id }
    audit.record({ type: 'login_succeeded', actor: { accountId }, accountId, client, detail })
    return session
  }
  const current = await store.findAccount({ by: 'id', id: accountId })
  const reason = current?.isActive === false ? 'account_disabled' : 'wrong_password'
  audit.record({ type: 'login_failed', actor: 'anonymous', accountId, client, detail: { reason } })
  throw new AuthError(reason)
}
