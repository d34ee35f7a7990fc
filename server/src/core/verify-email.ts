import type { Ports } from './ports.ts'

/**
 * Takes the proof of an address. It is good once, and only while the address is still the account's.
 *
 * @returns whether the token was good.
 */
export async function verifyEmail(
  { store, tokens, now }: Pick<Ports, 'store' | 'tokens' | 'now'>,
  token: string,
): Promise<boolean> {
  return store.redeemEmailVerification({ tokenHash: tokens.digest(token), now: now() })
}
