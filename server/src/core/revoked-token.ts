import type { Ports } from './ports.ts'
import type { Client } from './session.ts'

/** A token that once was good and whose session is over: by its account, or by the subject it names. */
export type RevokedToken = {
  readonly accountId?: number
  readonly subject?: string
  /** What kind of token it was. */
  readonly kind: string
  readonly client: Client
}

/** Records that somebody uses a token after its session has ended: a client that was not told, or a thief. */
export function recordRevoked(
  { audit }: Pick<Ports, 'audit'>,
  { accountId, subject, kind, client }: RevokedToken,
): void {
  const detail = { kind, ...(subject === undefined ? {} : { subject }) }
  audit.record({ type: 'revoked_token_used', actor: 'anonymous', accountId: accountId ?? null, client, detail })
}
