import type { RowFault, RowNote } from './judge-imported.ts'
import type { ImportOutcome, ImportRefusal, SessionOutcome } from './ports.ts'

/** How many rows of a kind are named. */
const MOST_EXAMPLES = 5
/** How much of what a row says is shown, in code units. */
const LONGEST_EXAMPLE = 120

/** Why a row was left where it is. */
export type SkipReason = RowFault | ImportRefusal | TokenFault | 'unreadable_row'

/** Why a token of the back end before was left there. */
export type TokenFault = 'unreadable_token' | 'expired_token' | 'no_account'

/** What an operator should know of accounts that are kept. */
export type ImportNote = RowNote | 'no_password' | 'unreadable_hash' | 'wrapped_hash' | 'unknown_join_time'

/** How many there were, and the first of them. */
export type Tally = { count: number; readonly examples: { readonly line: number | string; readonly what: string }[] }

/** What an import did, or would do. Every row is one of these: an account of some outcome, a token, or skipped. */
export type ImportReport = {
  /** Rows that were read, those of tokens too. */
  rows: number
  imported: number
  updated: number
  unchanged: number
  skipped: number
  /** Tokens of the back end before that are alive here now, that were known already, and that it had revoked. */
  readonly tokens: { imported: number; known: number; revoked: number }
  /** Accounts by the format of their hash, as it came: those that were skipped are not counted. */
  readonly formats: Record<string, number>
  readonly reasons: Partial<Record<SkipReason, Tally>>
  readonly notes: Partial<Record<ImportNote, Tally>>
}

/** The report of an import that has done nothing yet. */
export function createImportReport(): ImportReport {
  return {
    rows: 0,
    imported: 0,
    updated: 0,
    unchanged: 0,
    skipped: 0,
    tokens: { imported: 0, known: 0, revoked: 0 },
    formats: {},
    reasons: {},
    notes: {},
  }
}

/** Whether every row that was read is accounted for. */
export function isWhole({ rows, imported, updated, unchanged, skipped, tokens }: ImportReport): boolean {
  const accounts = imported + updated + unchanged + skipped
  return rows === accounts + tokens.imported + tokens.known + tokens.revoked
}

/** Counts a row that was left where it is. */
export function countSkipped(
  report: ImportReport,
  reason: SkipReason,
  row: { line: number | string; what: string },
): void {
  report.rows++
  report.skipped++
  report.reasons[reason] = countExample(report.reasons[reason], row)
}

/** Counts an account that was kept, and what is to be told of it. */
export function countKept(
  report: ImportReport,
  did: Exclude<ImportOutcome['did'], 'skipped'>,
  {
    format,
    notes,
    line,
    what,
  }: {
    readonly format: string
    readonly notes: readonly { readonly note: ImportNote; readonly what?: string }[]
    readonly line: number | string
    readonly what: string
  },
): void {
  report.rows++
  report[did]++
  report.formats[format] = (report.formats[format] ?? 0) + 1
  for (const { note, what: own } of notes) {
    report.notes[note] = countExample(report.notes[note], { line, what: own ?? what })
  }
}

/** Counts a token that was kept, or was known. */
export function countToken(report: ImportReport, outcome: Exclude<SessionOutcome, 'no_account'> | 'revoked'): void {
  report.rows++
  report.tokens[outcome]++
}

function countExample(tally: Tally | undefined, { line, what }: { line: number | string; what: string }): Tally {
  const counted = tally ?? { count: 0, examples: [] }
  counted.count++
  if (counted.examples.length < MOST_EXAMPLES) {
    counted.examples.push({ line, what: what.length > LONGEST_EXAMPLE ? `${what.slice(0, LONGEST_EXAMPLE)}…` : what })
  }
  return counted
}
