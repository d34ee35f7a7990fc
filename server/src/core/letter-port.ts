import type { LetterPurpose } from './mail.ts'

/** A letter that is due, taken by one process. */
export type DueLetter = {
  readonly id: number
  readonly purpose: LetterPurpose
  /** `null` for a letter that nobody will get. */
  readonly accountId: number | null
  /** How often it has been tried, this time included. */
  readonly tries: number
}

/** Where letters wait, and the hashes of the tokens they carried. Times and leases are in milliseconds. */
export type LetterStore = {
  /** Notes that a letter is to be written. It holds no token: that is made when the letter is. */
  addLetter(letter: { purpose: LetterPurpose; accountId: number | null; now: number }): Promise<void>
  /** Takes letters that are due and makes each due again after its lease, which doubles. No two callers get one letter. */
  takeDueLetters(request: { now: number; lease: number; limit: number }): Promise<readonly DueLetter[]>
  removeLetter(id: number): Promise<void>
  addOneTimeToken(token: {
    tokenHash: string
    purpose: LetterPurpose
    accountId: number
    email: string
    expiresAt: number
  }): Promise<void>
  /** Whether such a token is there and in time. Advice: only a redemption decides. */
  hasOneTimeToken(token: {
    tokenHash: string
    purpose: LetterPurpose
    accountId: number
    now: number
  }): Promise<boolean>
  /**
   * Uses the token up and, in the same step, sets the password, proves the address, ends every session and every other
   * token of the account, and forgets the networks from which it has signed in. Of concurrent callers exactly one is told `true`.
   */
  redeemPasswordReset(reset: {
    tokenHash: string
    accountId: number
    passwordHash: string
    hasWeakPassword: boolean
    now: number
  }): Promise<boolean>
  /**
   * Uses the token up and proves the address it was sent to, if it is still the account's.
   *
   * @returns whose address it is, or `null` when nothing was proved.
   */
  redeemEmailVerification(proof: { tokenHash: string; now: number }): Promise<number | null>
  /** Removes tokens whose time ended before `before`; says how many. */
  pruneOneTimeTokens(before: number): Promise<number>
}
