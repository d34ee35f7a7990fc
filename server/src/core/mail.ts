/** Why a letter is sent. Each carries a token that is good once. */
export type LetterPurpose = 'password_reset' | 'email_verification'

/** How long the token of a letter is good, in milliseconds. */
export const TOKEN_LIFE: Readonly<Record<LetterPurpose, number>> = {
  password_reset: 60 * 60_000,
  email_verification: 24 * 60 * 60_000,
}

/** A letter, ready to be worded and sent. It goes to the address that is stored, never to one that was typed. */
export type Letter = {
  readonly purpose: LetterPurpose
  readonly to: string
  /** How the account's owner calls themselves, or empty. */
  readonly name: string
  /** The account's id as a link carries it: see `toUid`. */
  readonly uid: string
  /** 256 random bits, good once. It exists in this letter alone: at rest there is only its hash. */
  readonly token: string
}

/** An account's id in the letters and digits in which links carry it (base 36). */
export function toUid(accountId: number): string {
  return accountId.toString(36)
}

/** The id that a link carries, or `null` for a text that is none. */
export function fromUid(uid: string): number | null {
  if (!/^[0-9a-z]{1,10}$/.test(uid)) return null
  const id = Number.parseInt(uid, 36)
  return Number.isSafeInteger(id) && toUid(id) === uid ? id : null
}
