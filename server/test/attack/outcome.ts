import type { CheckingResult } from './processes/check-on.ts'

/** A sentence that is true, or the server has broken a promise. */
export type Promised = { readonly words: string; readonly isKept: boolean }

/** Resident memory of the server in MB: before, at its most, and a moment after. */
export type Memory = { readonly before: number; readonly peak: number; readonly after: number }

/** What came of one attack. */
export type Outcome = {
  readonly scenario: string
  /** Requests, or sockets where there were no requests. */
  readonly tried: number
  /** How many passwords were judged. */
  readonly evaluated: number
  /** Answers of 429 and 503. */
  readonly refused: number
  /** Answers of 5xx other than 503. */
  readonly faults: number
  readonly memory: Memory
  /** The good client before the attack: how much of its waiting is the machine's. */
  readonly quiet: CheckingResult
  readonly good: CheckingResult
  readonly promises: readonly Promised[]
  /** Further figures, a sentence each. */
  readonly remarks: readonly string[]
}

/** What one attack finds out by itself; the siege around it adds the rest. */
export type Finding = Pick<Outcome, 'tried' | 'evaluated' | 'refused' | 'faults' | 'promises'> & {
  readonly remarks?: readonly string[]
}

/** Options of a run. */
export type RunOptions = { readonly isLong: boolean }

/** The promises of an outcome that were broken. */
export function findBroken({ promises }: Pick<Outcome, 'promises'>): readonly Promised[] {
  return promises.filter(({ isKept }) => !isKept)
}
