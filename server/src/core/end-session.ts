import { AuthError } from './errors.ts'
import type { Ports } from './ports.ts'
import type { Client, SignedIn } from './session.ts'

/**
 * Ends a session, and with it every token it has, everywhere. Of concurrent callers exactly one succeeds.
 *
 * @throws {AuthError} `invalid_access_token` when somebody else ended it first.
 */
export async function endSession(
  { store, audit }: Pick<Ports, 'store' | 'audit'>,
  { account, session }: SignedIn,
  client: Client,
): Promise<void> {
  if (!(await store.endSession(session.id))) throw new AuthError('invalid_access_token')
  recordEnd({ audit }, { account, session }, client)
}

/** Records that an owner ended a session of theirs. */
export function recordEnd({ audit }: Pick<Ports, 'audit'>, { account, session }: SignedIn, client: Client): void {
  const accountId = account.id
  const detail = { session: session.id }
  audit.record({ type: 'session_ended', actor: { accountId }, accountId, client, detail })
}
