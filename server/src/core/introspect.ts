import { checkAccess } from './check-access.ts'
import { AuthError, type AuthErrorCode } from './errors.ts'
import type { Ports, TokenUse } from './ports.ts'
import type { Access, Client } from './session.ts'
import { verifyToken } from './token-data.ts'

/** A live token of any kind, and what it may be used for. */
export type LiveToken = { readonly use: TokenUse; readonly access: Access }

/** What makes a token dead. Anything else, such as a database that is away, says nothing of it. */
const DEATHS: ReadonlySet<AuthErrorCode> = new Set([
  'invalid_access_token',
  'expired_access_token',
  'account_inactive',
  'invalid_token',
])

/**
 * Says of any text whether it is a live token, and whose; `null` for whatever else it is.
 *
 * @param request.takesRefresh whether a refresh token is taken for one too. It opens nothing: whoever guards something
 *   with software that looks at no more than whether a token is alive must not be told that it is.
 * @throws {AuthError} `overloaded`: whoever cannot be told must not take it for an answer.
 */
export async function introspect(
  ports: Pick<Ports, 'store' | 'memories' | 'tokens' | 'signer' | 'legacyTokens' | 'audit' | 'now'>,
  token: string,
  { client, takesRefresh }: { client: Client; takesRefresh: boolean },
): Promise<LiveToken | null> {
  try {
    if (takesRefresh && (await isRefresh(ports, token)))
      return { use: 'refresh', access: await verifyToken(ports, token, client) }
    return { use: 'access', access: await checkAccess(ports, token, client) }
  } catch (error) {
    if (error instanceof AuthError && DEATHS.has(error.code)) return null
    throw error
  }
}

/** Whether a token was made to refresh, alive or not. */
async function isRefresh(
  { signer, legacyTokens }: Pick<Ports, 'signer' | 'legacyTokens'>,
  token: string,
): Promise<boolean> {
  return (await signer.verify(token, 'refresh')) !== null || legacyTokens.read(token, 'refresh') !== null
}
