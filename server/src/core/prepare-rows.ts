import { describeFields } from './describe-row.ts'
import type { ImportNote, SkipReason } from './import-report.ts'
import { type JudgedAccount, judgeImported, type RawRow } from './judge-imported.ts'
import { UNREADABLE_FORMAT } from './legacy-port.ts'
import type { HashHints, JudgedHash, KnownAccount, LegacyHashes, Ports } from './ports.ts'

/**
 * Stored in place of a hash that cannot be read: what a source kept may be a password as it was typed, or a digest that is
 * quick to guess. Whoever has it may still be adopted from a server that runs.
 */
const UNREADABLE_HASH = 'unreadable'

/** A row that could not be read at all. */
export type BadRow = { readonly line: number | string; readonly problem: string }

/** What a source tells. */
export type ImportRow = RawRow | BadRow

/** How rows are judged, and their hashes taken in. */
export type RowOptions = {
  readonly source: string
  /** Whether accounts keep the ids that they had. */
  readonly keepsIds: boolean
  /** Whether staff keep their flag, which grants nothing here. */
  readonly keepsStaff: boolean
  readonly hints: HashHints
  /** How many hashes are worked on at once. */
  readonly lanes: number
}

/** An account ready to be kept, but for its subject. `format` is its hash's, as reports have it. */
export type PreparedAccount = {
  readonly row: RawRow
  readonly account: JudgedAccount
  readonly passwordHash: string | null
  readonly legacyFormat: string | null
  readonly format: string
  readonly notes: readonly { readonly note: ImportNote; readonly what?: string }[]
}

/** A row that is left where it is. */
export type FaultyRow = {
  readonly row: ImportRow
  readonly reason: SkipReason
  readonly what: string
}

/** An account or not; `hash` is what its password would be, before anything is done about it. */
export type ReadRow = FaultyRow | (Omit<PreparedAccount, 'passwordHash' | 'legacyFormat'> & { readonly hash: ReadHash })

type ReadHash = { readonly kept: unknown; readonly hints: HashHints; readonly judged: JudgedHash | { problem: string } }

/** Judges rows and their hashes; nothing is done about either. */
export function readRows(
  { legacyHashes }: { legacyHashes: Pick<LegacyHashes, 'judge'> },
  rows: readonly ImportRow[],
  options: Omit<RowOptions, 'lanes' | 'source'>,
): readonly ReadRow[] {
  return rows.map((row): ReadRow => {
    if ('problem' in row) return { row, reason: 'unreadable_row', what: row.problem }
    const judgement = judgeImported(row.fields, options)
    if ('fault' in judgement) {
      const { fault, field } = judgement
      return { row, reason: fault, what: `${describeFields(row.fields)}${field === null ? '' : ` (${field})`}` }
    }
    const kept = row.fields.password ?? null
    const { salt } = row.fields
    const hints = typeof salt === 'string' ? { ...options.hints, salt } : options.hints
    const judged = legacyHashes.judge(kept, hints)
    const notes: PreparedAccount['notes'] = [
      ...judgement.notes.map((note) => ({ note })),
      ...noteHash(judged),
      ...noteTimes(row.fields, judgement.account),
    ]
    return { row, account: judgement.account, format: nameFormat(judged), notes, hash: { kept, hints, judged } }
  })
}

/** Reads rows and takes their hashes in, several at once: those that are quick to try cost an argon2id each. */
export async function prepareRows(
  ports: Pick<Ports, 'store' | 'legacyHashes'>,
  rows: readonly ImportRow[],
  options: RowOptions,
): Promise<readonly (PreparedAccount | FaultyRow)[]> {
  const read = readRows(ports, rows, options)
  const known = await findKnown(ports, read, options.source)
  const waiting = read.entries()
  const prepared: (PreparedAccount | FaultyRow)[] = []
  await Promise.all(
    Array.from({ length: options.lanes }, async () => {
      for (const [index, row] of waiting) {
        prepared[index] = 'reason' in row ? row : await takeIn(ports, row, known.get(row.account.legacyId))
      }
    }),
  )
  return prepared
}

/** Only where work could be saved is it asked who is here already. */
async function findKnown(
  { store }: Pick<Ports, 'store'>,
  rows: readonly ReadRow[],
  source: string,
): Promise<ReadonlyMap<string, KnownAccount>> {
  const costly = rows.flatMap((row) => ('hash' in row && isWrapped(row.hash.judged) ? [row.account.legacyId] : []))
  if (costly.length === 0) return new Map()
  const known = await store.findImported(source, costly)
  return new Map(known.map((account) => [account.legacyId, account]))
}

async function takeIn(
  { legacyHashes }: Pick<Ports, 'legacyHashes'>,
  row: Extract<ReadRow, { hash: unknown }>,
  known: KnownAccount | undefined,
): Promise<PreparedAccount | FaultyRow> {
  const { hash, ...account } = row
  const { kept, hints, judged } = hash
  // A password that was set or upgraded here stays: whatever was wrapped for it would be thrown away.
  if (known !== undefined && isWrapped(judged) && (!known.takesPassword || (await isSame(known)))) {
    return { ...account, passwordHash: known.passwordHash, legacyFormat: known.legacyFormat }
  }
  const taken = 'problem' in judged ? judged : await legacyHashes.takeIn(kept, hints)
  if (!('problem' in taken)) return { ...account, passwordHash: taken.stored, legacyFormat: taken.legacyFormat }
  return { ...account, passwordHash: UNREADABLE_HASH, legacyFormat: UNREADABLE_FORMAT }

  async function isSame({ passwordHash }: KnownAccount): Promise<boolean> {
    return passwordHash !== null && (await legacyHashes.isTakenIn(passwordHash, kept, hints))
  }
}

function isWrapped(judged: ReadHash['judged']): boolean {
  return !('problem' in judged) && judged.isWrapped
}

function nameFormat(judged: ReadHash['judged']): string {
  if ('problem' in judged) return UNREADABLE_FORMAT
  return judged.hasPassword ? (judged.format ?? 'argon2id') : 'none'
}

function noteHash(judged: ReadHash['judged']): PreparedAccount['notes'] {
  if ('problem' in judged) return [{ note: 'unreadable_hash', what: judged.problem }]
  if (!judged.hasPassword) return [{ note: 'no_password' }]
  return judged.isWrapped ? [{ note: 'wrapped_hash' }] : []
}

function noteTimes({ date_joined: given }: RawRow['fields'], { createdAt }: JudgedAccount): PreparedAccount['notes'] {
  const isGiven = given !== undefined && given !== null && given !== ''
  return isGiven && createdAt === null ? [{ note: 'unknown_join_time' }] : []
}
