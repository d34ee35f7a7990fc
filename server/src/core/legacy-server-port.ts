import type { Account, Profile } from './account.ts'
import type { Identifier } from './identifier.ts'
import type { NewAccount } from './store-port.ts'

/** A login as it came in, to be tried at the server of the back end before. */
export type TypedLogin = { readonly identifier: string; readonly password: string }

/** What such a server shows of an account. Nothing of it has been looked at by core yet. */
export type ShownAccount = {
  /** What it calls the account, or `null` where it does not say. */
  readonly legacyId: string | null
  readonly email: string | null
  readonly username: string | null
  readonly profile: Partial<Profile>
}

/** What became of a question. `unavailable` is whatever is neither a yes nor a no. */
export type LegacyVerdict =
  | { readonly verdict: 'accepted'; readonly shown: ShownAccount }
  | { readonly verdict: 'unavailable' }
  /** `knowsName` where it told that somebody has the name, and only the password is wrong. */
  | { readonly verdict: 'refused'; readonly knowsName: boolean }

/** Servers of back ends before that still answer, and know passwords that have not been moved in. */
export type LegacyServers = {
  /** Whether logins of this contract may be tried at one. */
  has(contract: string): boolean
  /** The sources whose ids its accounts have: the contract's slug, and those of others that are the same back end. */
  sourcesOf(contract: string): readonly string[]
  /** Tries a login once. It never throws, and never takes longer than some seconds. */
  ask(contract: string, login: TypedLogin): Promise<LegacyVerdict>
  /**
   * Takes as long as a recent question did that came to nothing, so that the time of a failing login does not tell
   * whether anybody was asked.
   */
  pause(contract: string): Promise<void>
  /** Counts an account that was moved in. */
  noteAdopted(contract: string): void
}

/** An account that has just proved its password at the server of the back end before. */
export type Adoption = {
  readonly account: NewAccount
  /** The name that was typed. Without it there is no adoption; of the account's others those that are taken are left out. */
  readonly typed: Identifier
  readonly sources: readonly string[]
  readonly legacyId: string | null
}

/** What became of an adoption. */
export type AdoptionOutcome =
  | {
      readonly account: Account
      /** Accounts that gave a name back which they had only claimed. */
      readonly handedOver: readonly number[]
    }
  /** Nothing was done: the name is somebody's, or, where there is an `owner`, that account is the one already. */
  | { readonly account: null; readonly owner: number | null }

/** What a server of the back end before was asked so far, in all processes. Times are milliseconds since 1970. */
export type LegacyAnswers = {
  readonly contract: string
  readonly accepted: number
  /** Accounts that were moved in. */
  readonly adopted: number
  readonly refused: number
  readonly unavailable: number
  readonly lastAdoptedAt: number | null
}

/** What is counted of the answers of such a server. */
export type LegacyOutcome = 'accepted' | 'adopted' | 'refused' | 'unavailable'

/** Where what such a server said is kept. */
export type AdoptionStore = {
  /**
   * Adds an account whose password the back end before has just taken, with what that calls it, in one step. Where somebody
   * only claimed the typed name here, and nobody proved it, it goes to the new account: who had claimed it is signed out
   * everywhere, and disabled where no name is left.
   */
  adoptAccount(adoption: Adoption): Promise<AdoptionOutcome>
  /** What sources call an account. */
  listLegacyIds(accountId: number): Promise<readonly { readonly source: string; readonly legacyId: string }[]>
  /** Adds to the counts of answers. */
  countLegacyAnswers(
    counts: readonly {
      readonly contract: string
      readonly outcome: LegacyOutcome
      readonly count: number
      readonly lastAt: number
    }[],
  ): Promise<void>
  /** What was counted, by contract. */
  listLegacyAnswers(): Promise<readonly LegacyAnswers[]>
}
