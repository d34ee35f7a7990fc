import { type AuditFault, judgeSuspects, type SuspectEntry } from './audit-faults.ts'
import type { AuditEnds, AuditPlace, ChainedAuditEntry, Ports } from './ports.ts'

/** How many entries are looked at together: memory is the same however long the log is. */
const PAGE = 1000
/** How many broken entries are told in full. */
const MOST_TOLD = 100

/** What a look through the whole audit log found. */
export type AuditVerdict = {
  readonly entries: number
  /** Where the log begins; `null` for an empty one. */
  readonly first: number | null
  /** Where it ends: to be kept elsewhere, and asked for at the next verification. */
  readonly head: AuditPlace
  /** What is wrong, in the order of the log; nothing exactly when the log is sound. Of very many the first. */
  readonly faults: readonly AuditFault[]
  /** Whether anything at all was linked or sealed under the secret in force. */
  readonly isKeyRight: boolean
  /** Whether the log held what was expected: `unknown` where that has been pruned, `null` where nothing was. */
  readonly expectation: 'met' | 'broken' | 'unknown' | null
}

type VerifyPorts = Pick<Ports, 'store' | 'chain'>
/** How the log is verified. */
export type VerifyOptions = {
  /**
   * A place that was the log's end at some time. That a log was put back to an earlier state as a whole can be seen in
   * no other way.
   */
  readonly expect?: AuditPlace | undefined
  readonly onProgress?: ((entries: number) => void) | undefined
}

/**
 * Goes through the audit log from its beginning to its end and names what is not as it was written, while others
 * append to it and prune it.
 */
export async function verifyAudit(ports: VerifyPorts, options: VerifyOptions = {}): Promise<AuditVerdict> {
  for (;;) {
    const ends = await ports.store.readAuditEnds()
    const verdict = await walk(ports, ends, options)
    // What was pruned meanwhile would look removed.
    if ((await ports.store.readAuditEnds()).anchor.seq === ends.anchor.seq) return verdict
  }
}

async function walk(
  { store, chain }: VerifyPorts,
  begun: AuditEnds,
  { expect, onProgress }: VerifyOptions,
): Promise<AuditVerdict> {
  const { anchor } = begun
  let ends = begun
  const faults: AuditFault[] = []
  const suspects: SuspectEntry[] = []
  const found = { entries: 0, first: null as number | null }
  /** The last entry in its place. If its hash is not what its content makes, the next entry tells which of them is true. */
  let previous = { ...anchor, computed: anchor.hash, isSuspect: false }
  let fitting = 0

  for (let after = Number.MIN_SAFE_INTEGER; ; ) {
    const page = await store.listAudit({ after, limit: PAGE })
    for (const entry of page) await look(entry)
    onProgress?.(found.entries)
    const last = page.at(-1)
    if (last === undefined || !(last.seq > after)) break
    after = last.seq
  }

  const { head } = ends
  const isHeadRight = isSealed(head, chain.sealHead)
  if (previous.seq < head.seq) faults.push({ kind: 'missing', seq: previous.seq + 1, until: head.seq })
  if (!isHeadRight || (previous.seq === head.seq && ![previous.hash, previous.computed].includes(head.hash))) {
    faults.push({ kind: 'head_changed', seq: null })
  }
  const isAnchorRight = isSealed(anchor, chain.sealAnchor)
  // Without an end everything would be beyond it.
  if (head.seq === 0 && found.entries > 0) faults.splice(0, faults.length, { kind: 'head_changed', seq: null })
  const all = [...faults, ...judgeSuspects(suspects, chain)].sort(
    (a, b) => (a.seq ?? Number.POSITIVE_INFINITY) - (b.seq ?? Number.POSITIVE_INFINITY),
  )
  if (!isAnchorRight) all.unshift({ kind: 'anchor_changed', seq: null })
  const expectation = await judgeExpectation()
  if (expectation === 'broken' && expect !== undefined) {
    all.push({ kind: expect.seq > head.seq ? 'cut_off' : 'not_as_expected', seq: expect.seq })
  }
  return {
    ...found,
    head: { seq: head.seq, hash: head.hash },
    faults: all,
    isKeyRight: fitting > 0 || isHeadRight || found.entries === 0,
    expectation,
  }

  async function look(entry: ChainedAuditEntry): Promise<void> {
    const { seq } = entry
    found.entries++
    found.first ??= seq
    // Appended since the end was read, or put there by somebody who cannot move the end.
    if (seq > ends.head.seq) ends = await store.readAuditEnds()
    if (!Number.isSafeInteger(seq) || seq <= previous.seq || seq > ends.head.seq) {
      if (faults.length < MOST_TOLD) faults.push({ kind: 'inserted', seq })
      return
    }
    const isNext = seq === previous.seq + 1
    if (!isNext && faults.length < MOST_TOLD) {
      const kind = previous.seq === anchor.seq ? 'beginning_removed' : 'missing'
      faults.push({ kind, seq: previous.seq + 1, until: seq - 1 })
    }
    const computed = chain.link(previous.hash, entry)
    const fits = computed === entry.hash || (previous.isSuspect && chain.link(previous.computed, entry) === entry.hash)
    if (fits) fitting++
    // What followed on something that is gone cannot be known.
    const isSuspect = isNext && !fits
    if (isSuspect && suspects.length < MOST_TOLD) {
      suspects.push({ entry, previousHash: previous.hash, followsSuspect: previous.isSuspect })
    }
    previous = { seq, hash: entry.hash, seal: '', computed: isNext ? computed : entry.hash, isSuspect }
  }

  async function judgeExpectation(): Promise<AuditVerdict['expectation']> {
    if (expect === undefined) return null
    if (expect.seq < anchor.seq) return 'unknown'
    if (expect.seq === anchor.seq) return expect.hash === anchor.hash ? 'met' : 'broken'
    const [entry] = await store.listAudit({ after: expect.seq - 1, limit: 1 })
    return entry?.seq === expect.seq && entry.hash === expect.hash ? 'met' : 'broken'
  }
}

/** Whether an end is where Latchkey put it. Before the first entry there is nothing to seal. */
export function isSealed(end: AuditEnds['head'], seal: (place: AuditPlace) => string): boolean {
  const { seq, hash } = end
  return end.seal === (seq === 0 && hash === '' ? '' : seal({ seq, hash }))
}
