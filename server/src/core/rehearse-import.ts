import { describeFields, writeReject } from './describe-row.ts'
import {
  countKept,
  countSkipped,
  countToken,
  createImportReport,
  type ImportReport,
  type SkipReason,
} from './import-report.ts'
import { readImportedToken, type TokenRow } from './import-sessions.ts'
import type { JudgedAccount, RawRow } from './judge-imported.ts'
import type { ImportStore, LegacyHashes, Ports, Store } from './ports.ts'
import { type ImportRow, type ReadRow, type RowOptions, readRows } from './prepare-rows.ts'
import { HEAVIEST_BATCH, weighRow } from './weigh-row.ts'

/** How many rows are looked at in one step. */
const BATCH = 500

/** Remembers who had a name first, of millions of them, in little memory. */
export type SeenNames = {
  /** The line of whoever has one of these names, or `null`. */
  find(names: readonly string[]): string | null
  add(names: readonly string[], line: string): void
}

/** What is rehearsed, and who is told how it goes. */
export type RehearsalRequest = Omit<RowOptions, 'lanes'> & {
  readonly rows: AsyncIterable<ImportRow>
  readonly seen: SeenNames
  readonly tokenSeconds: number
  readonly idClaim?: string | null
  readonly reject: (lines: string) => void
  readonly onProgress: (report: ImportReport) => void
  readonly isWanted: () => boolean
}

/** The accounts that are here; `null` where there is no database yet. */
export type Here = (Pick<Store, 'findTaken'> & Pick<ImportStore, 'findImported' | 'findUsedIds'>) | null

type RehearsalPorts = { readonly here: Here; readonly legacyHashes: Pick<LegacyHashes, 'judge'> } & Pick<
  Ports,
  'tokens' | 'now'
>

/**
 * Finds out what an import would do, and does nothing: no hash is made and nothing is kept. An account that is known counts
 * as updated: whether its source says anything new is not looked at.
 */
export async function rehearseImport(ports: RehearsalPorts, request: RehearsalRequest): Promise<ImportReport> {
  const report = createImportReport()
  let batch: ImportRow[] = []
  let weight = 0
  for await (const row of request.rows) {
    batch.push(row)
    weight += weighRow(row)
    if (batch.length < BATCH && weight <= HEAVIEST_BATCH) continue
    if (!request.isWanted()) return report
    await look(ports, request, { rows: batch, report })
    batch = []
    weight = 0
  }
  await look(ports, request, { rows: batch, report })
  return report
}

async function look(
  ports: RehearsalPorts,
  request: RehearsalRequest,
  { rows, report }: { rows: readonly ImportRow[]; report: ImportReport },
): Promise<void> {
  const read = readRows(
    ports,
    rows.filter((row) => !isToken(row)),
    request,
  )
  const present = await findPresent(ports, request, read)
  const judged = read.values()
  let rejects = ''
  for (const row of rows) {
    const rejection = isToken(row)
      ? lookAtToken(ports, request, { row, report })
      : lookAtAccount(request, { row: judged.next().value, present, report })
    if (rejection === null) continue
    countSkipped(report, rejection.reason, { line: row.line, what: rejection.what })
    rejects += writeReject(row, rejection)
  }
  request.reject(rejects)
  request.onProgress(report)
}

/** What is here already of a batch: sources' ids, names and ids. */
type Present = {
  readonly known: ReadonlySet<string>
  readonly taken: ReadonlySet<string>
  readonly usedIds: ReadonlySet<number>
}

async function findPresent(
  { here }: RehearsalPorts,
  { source }: RehearsalRequest,
  rows: readonly ReadRow[],
): Promise<Present> {
  const accounts = rows.flatMap((row) => ('account' in row ? [row.account] : []))
  if (here === null) return { known: new Set(), taken: new Set(), usedIds: new Set() }
  const known = await here.findImported(
    source,
    accounts.map(({ legacyId }) => legacyId),
  )
  const names = accounts.flatMap(({ identifiers }) => identifiers.map(({ value }) => value))
  return {
    known: new Set(known.map(({ legacyId }) => legacyId)),
    taken: new Set(await here.findTaken(names)),
    usedIds: await here.findUsedIds(accounts.flatMap(({ id }) => (id === null ? [] : [id]))),
  }
}

type Rejection = { readonly reason: SkipReason; readonly what: string }

function lookAtAccount(
  { seen }: RehearsalRequest,
  { row, present, report }: { row: ReadRow | undefined; present: Present; report: ImportReport },
): Rejection | null {
  if (row === undefined) return null
  if ('reason' in row) return row
  const { account } = row
  const { line } = row.row
  const what = describeFields(row.row.fields)
  const isKnown = present.known.has(account.legacyId)
  const conflict = findRepeated(seen, account) ?? (isKnown ? null : findTaken(account, present))
  if (conflict !== null) return { reason: conflict.reason, what: `${what} (${conflict.whose})` }
  const ids = [nameId(account.legacyId), ...(account.isActive ? [ownerId(account.legacyId)] : [])]
  seen.add([...ids, ...account.identifiers.map(({ value }) => value)], String(line))
  countKept(report, isKnown ? 'updated' : 'imported', { format: row.format, notes: row.notes, line, what })
  return null
}

type Conflict = { readonly reason: SkipReason; readonly whose: string }

function findRepeated(seen: SeenNames, { legacyId, identifiers }: JudgedAccount): Conflict | null {
  const before = seen.find([nameId(legacyId)])
  if (before !== null) return { reason: 'repeated', whose: `as in ${before}` }
  for (const { value, kind } of identifiers) {
    const line = seen.find([value])
    if (line !== null) return { reason: kind === 'email' ? 'email_taken' : 'username_taken', whose: `as in ${line}` }
  }
  return null
}

function findTaken({ id, identifiers }: JudgedAccount, { taken, usedIds }: Present): Conflict | null {
  const whose = 'of an account that is here'
  if (id !== null && usedIds.has(id)) return { reason: 'id_taken', whose }
  const name = identifiers.find(({ value }) => taken.has(value))
  return name === undefined ? null : { reason: name.kind === 'email' ? 'email_taken' : 'username_taken', whose }
}

function lookAtToken(
  ports: RehearsalPorts,
  { source, tokenSeconds, idClaim = null, seen }: RehearsalRequest,
  { row, report }: { row: RawRow & TokenRow; report: ImportReport },
): Rejection | null {
  const token = readImportedToken(ports, row, { source, tokenSeconds, idClaim, now: ports.now() })
  const what = describeFields(row.fields)
  if ('reason' in token) return { reason: token.reason === 'expired' ? 'expired_token' : 'unreadable_token', what }
  if ('revoked' in token) countToken(report, 'revoked')
  else if (seen.find([ownerId(token.session.legacyId)]) === null) return { reason: 'no_account', what }
  else countToken(report, 'imported')
  return null
}

/** No name has a NUL: whoever is called like an id is told from it. */
function nameId(legacyId: string): string {
  return `id\0${legacyId}`
}

/** Whoever is disabled has no tokens. */
function ownerId(legacyId: string): string {
  return `owner\0${legacyId}`
}

function isToken(row: ImportRow): row is RawRow & TokenRow {
  return 'kind' in row && row.kind !== 'account'
}
