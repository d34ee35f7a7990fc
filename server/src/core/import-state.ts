import { createImportReport, type ImportReport } from './import-report.ts'
import type { Ports } from './ports.ts'

/** What an import notes with each batch, so that it can go on after it was broken off. */
export type ImportState = {
  /** What it reads, in words for operators. */
  readonly from: string
  /** What its input looked like when it began: where that is another now, its rows are not the same. */
  readonly fingerprint: string
  /** When it began, in milliseconds since 1970. */
  readonly startedAt: number
  /** When this was noted. */
  readonly notedAt: number
  readonly isEnded: boolean
  /** Where the last row was that is done with. */
  readonly line: number | string
  readonly report: ImportReport
  /** How long the file of rejected rows is, in bytes, and what the last batch has added to it. */
  readonly rejects: { readonly bytes: number; readonly last: string }
}

/** An import as it was noted last. */
export type NotedImport = { readonly name: string; readonly state: ImportState }

/** How an import begins: anew, or where it was broken off; or it does not, as what it reads has changed meanwhile. */
export type Beginning =
  | { readonly kind: 'anew' | 'again'; readonly state: ImportState }
  | { readonly kind: 'changed'; readonly state: ImportState }

/** What is to be imported; with `isAnew` from the start, also where it was broken off. */
export type BeginRequest = {
  readonly name: string
  readonly from: string
  readonly fingerprint: string
  readonly isAnew: boolean
}

/** What has been moved in, and how much of it is still as it came. */
export type ImportReview = {
  readonly accounts: number
  /** Accounts by the legacy format of their hash: whoever signs in has our own afterwards. */
  readonly formats: Readonly<Record<string, number>>
  /** Live sessions that other back ends had opened. */
  readonly sessions: number
  /** Newest first. */
  readonly imports: readonly NotedImport[]
}

/** How many imports are reviewed. */
const MOST_IMPORTS = 100

/** Finds out where an import is to begin. */
export async function beginImport(
  { store, now }: Pick<Ports, 'store' | 'now'>,
  { name, from, fingerprint, isAnew }: BeginRequest,
): Promise<Beginning> {
  const noted = isAnew ? null : await store.findImport(name)
  const before = noted === null ? null : readState(noted.state)
  if (before === null || before.isEnded) {
    const report = createImportReport()
    const rejects = { bytes: 0, last: '' }
    const startedAt = now()
    const state = { from, fingerprint, startedAt, notedAt: startedAt, isEnded: false, line: 0, report, rejects }
    return { kind: 'anew', state }
  }
  return { kind: before.fingerprint === fingerprint ? 'again' : 'changed', state: before }
}

/** Says what has been moved in. */
export async function reviewImports({ store, now }: Pick<Ports, 'store' | 'now'>): Promise<ImportReview> {
  const noted = await store.listImports(MOST_IMPORTS)
  const imports = noted.flatMap(({ name, state }) => {
    const read = readState(state)
    return read === null ? [] : [{ name, state: read }]
  })
  return { ...(await store.countLegacyFormats()), sessions: await store.countLegacySessions(now()), imports }
}

/** A state as it was written; `null` where it is none of ours. */
function readState(text: string): ImportState | null {
  const value: unknown = JSON.parse(text)
  return isState(value) ? value : null
}

function isState(value: unknown): value is ImportState {
  return (
    typeof value === 'object' && value !== null && 'fingerprint' in value && 'report' in value && 'rejects' in value
  )
}
