import type { Ports } from './ports.ts'
import type { Client } from './session.ts'

/**
 * Takes the proof of an address. It is good once, and only while the address is still the account's.
 *
 * @returns whether the token was good.
 */
export async function verifyEmail(
  { store, tokens, audit, now }: Pick<Ports, 'store' | 'tokens' | 'audit' | 'now'>,
  token: string,
  client: Client,
): Promise<boolean> {
  const accountId = await store.redeemEmailVerification({ tokenHash: tokens.digest(token), now: now() })
  if (accountId === null) return false
  audit.record({ type: 'email_verified', actor: { accountId }, accountId, client })
  return true
}
