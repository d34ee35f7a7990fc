import { describeFields, writeReject } from './describe-row.ts'
import { countKept, countSkipped, countToken, type ImportReport, isWhole, type SkipReason } from './import-report.ts'
import { type ImportedToken, readImportedToken, type TokenRow } from './import-sessions.ts'
import type { ImportState } from './import-state.ts'
import type { RawRow } from './judge-imported.ts'
import type { ImportOutcome, ImportProgress, Ports, SessionOutcome } from './ports.ts'
import { type FaultyRow, type ImportRow, type PreparedAccount, prepareRows, type RowOptions } from './prepare-rows.ts'
import { HEAVIEST_BATCH, weighRow } from './weigh-row.ts'

/** How many rows are kept in one step: so few that whoever signs in meanwhile does not wait for it. */
const BATCH = 500

/** What is imported, and who is told how it goes. */
export type ImportRequest = RowOptions & {
  readonly name: string
  /** Where it begins: see `beginImport`. */
  readonly state: ImportState
  /** The rows that come after those which are done with, accounts first. */
  readonly rows: AsyncIterable<ImportRow>
  /** How long opaque keys of the back end before are good for, in seconds. */
  readonly tokenSeconds: number
  /** The claim by which its signed tokens say whose they are; `null` for SimpleJWT's own. */
  readonly idClaim?: string | null
  /** Takes the lines of rejected rows, when it is noted that they are. */
  readonly reject: (lines: string) => void
  readonly onProgress: (report: ImportReport) => void
  /** Whether somebody still wants it to go on; it ends with a whole batch. */
  readonly isWanted: () => boolean
}

type ImportPorts = Pick<Ports, 'store' | 'tokens' | 'audit' | 'legacyHashes' | 'now'>

/**
 * Moves the accounts of another back end in, and then the tokens that it gave out. Accounts that are known are brought up
 * to date, and none is merged with another. It may be broken off at any time: what it has kept, it has noted.
 *
 * @returns where it ended, with its report.
 */
export async function importAccounts(ports: ImportPorts, request: ImportRequest): Promise<ImportState> {
  let { state } = request
  try {
    for await (const rows of inBatches(request.rows)) {
      if (!request.isWanted()) return state
      const keep = rows.some(isToken) ? keepTokens : keepAccounts
      state = await keep(ports, request, { rows, state })
      request.reject(state.rejects.last)
      request.onProgress(state.report)
    }
    if (!isWhole(state.report)) throw new Error('The import has lost count of its rows: this is a mistake of ours.')
    state = { ...state, isEnded: true, notedAt: ports.now(), rejects: { ...state.rejects, last: '' } }
    await ports.store.noteImport(toProgress(request.name, state), ports.now())
    return state
  } finally {
    record(ports, request.source, state)
  }
}

type Step = { readonly rows: readonly ImportRow[]; readonly state: ImportState }

async function keepAccounts(ports: ImportPorts, request: ImportRequest, { rows, state }: Step): Promise<ImportState> {
  const prepared = await prepareRows(ports, rows, request)
  const accounts = prepared.flatMap((row) => ('account' in row ? [row] : []))
  let next = state
  await ports.store.importAccounts({
    source: request.source,
    now: state.startedAt,
    accounts: accounts.map(({ account, passwordHash, legacyFormat }) => ({
      ...account,
      subject: ports.tokens.makeId(),
      passwordHash,
      legacyFormat,
      createdAt: account.createdAt ?? state.startedAt,
    })),
    progress(outcomes) {
      const ends = outcomes.values()
      next = count({ ...state, notedAt: ports.now() }, rows, (report, index) => countRow(report, prepared[index], ends))
      return toProgress(request.name, next)
    },
  })
  return next
}

/** Counts one row; gives back why it was rejected, if it was. */
function countRow(
  report: ImportReport,
  row: PreparedAccount | FaultyRow | undefined,
  outcomes: Iterator<ImportOutcome>,
): Rejection | null {
  if (row === undefined) return null
  if ('reason' in row) return { reason: row.reason, what: row.what }
  const what = describeFields(row.row.fields)
  const { value: outcome } = outcomes.next()
  if (outcome === undefined || outcome.did === 'skipped') return { reason: outcome?.why ?? 'id_taken', what }
  countKept(report, outcome.did, { format: row.format, notes: row.notes, line: row.row.line, what })
  return null
}

async function keepTokens(ports: ImportPorts, request: ImportRequest, { rows, state }: Step): Promise<ImportState> {
  const { source, tokenSeconds, idClaim = null } = request
  const read = rows.map((row): ImportedToken | null =>
    isToken(row) ? readImportedToken(ports, row, { source, tokenSeconds, idClaim, now: ports.now() }) : null,
  )
  let next = state
  await ports.store.importSessions({
    sessions: read.flatMap((token) => (token !== null && 'session' in token ? [token.session] : [])),
    revoked: read.flatMap((token) => (token !== null && 'revoked' in token ? [token.revoked] : [])),
    now: state.startedAt,
    progress(outcomes) {
      const ends = outcomes.values()
      next = count({ ...state, notedAt: ports.now() }, rows, (report, index) =>
        countTokenRow(report, rows[index], read[index] ?? null, ends),
      )
      return toProgress(request.name, next)
    },
  })
  return next
}

function countTokenRow(
  report: ImportReport,
  row: ImportRow | undefined,
  token: ImportedToken | null,
  outcomes: Iterator<SessionOutcome>,
): Rejection | null {
  if (row === undefined) return null
  if ('problem' in row) return { reason: 'unreadable_row', what: row.problem }
  const what = describeFields(row.fields)
  if (token === null) return { reason: 'unreadable_row', what }
  if ('reason' in token) return { reason: token.reason === 'expired' ? 'expired_token' : 'unreadable_token', what }
  const outcome = 'revoked' in token ? 'revoked' : (outcomes.next().value ?? 'no_account')
  if (outcome === 'no_account') return { reason: 'no_account', what }
  countToken(report, outcome)
  return null
}

type Rejection = { readonly reason: SkipReason; readonly what: string }

/** The state after some rows more; what is counted before it is kept must leave the one before as it was. */
function count(
  state: ImportState,
  rows: readonly ImportRow[],
  countOne: (report: ImportReport, index: number) => Rejection | null,
): ImportState {
  const report = structuredClone(state.report)
  let last = ''
  for (const [index, row] of rows.entries()) {
    const rejection = countOne(report, index)
    if (rejection === null) continue
    countSkipped(report, rejection.reason, { line: row.line, what: rejection.what })
    last += writeReject(row, rejection)
  }
  const bytes = state.rejects.bytes + new TextEncoder().encode(last).length
  return { ...state, report, line: rows.at(-1)?.line ?? state.line, rejects: { bytes, last } }
}

function toProgress(name: string, state: ImportState): ImportProgress {
  return { name, position: state.report.rows, state: JSON.stringify(state) }
}

/** Rows some hundreds at a time; those of accounts and those of tokens never together. */
async function* inBatches(rows: AsyncIterable<ImportRow>): AsyncGenerator<readonly ImportRow[]> {
  let batch: ImportRow[] = []
  let weight = 0
  let isOfTokens = false
  for await (const row of rows) {
    // What could not be read goes with what came before it.
    const isOther = !('problem' in row) && isToken(row) !== isOfTokens
    if (batch.length === BATCH || weight > HEAVIEST_BATCH || (isOther && batch.length > 0)) {
      yield batch
      batch = []
      weight = 0
    }
    if (isOther) isOfTokens = !isOfTokens
    batch.push(row)
    weight += weighRow(row)
  }
  if (batch.length > 0) yield batch
}

function isToken(row: ImportRow): row is RawRow & TokenRow {
  return 'kind' in row && row.kind !== 'account'
}

function record({ audit }: Pick<Ports, 'audit'>, source: string, { report, isEnded }: ImportState): void {
  const { imported, updated, unchanged, skipped, tokens } = report
  const counts = { imported, updated, unchanged, skipped, tokens: tokens.imported }
  const told = Object.entries(counts).map(([name, number]) => [name, String(number)])
  const detail = { source, ended: String(isEnded), ...Object.fromEntries(told) }
  audit.record({ type: 'accounts_imported', actor: 'operator', accountId: null, client: null, detail })
}
