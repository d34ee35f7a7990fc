import type { Ports, StoredAccount } from './ports.ts'

/** How many accounts are in memory at a time. */
const PAGE = 1000

/** An export that an operator asked for. */
export type ExportRequest = {
  /** The back end before whose ids are wanted too. */
  readonly source: string | null
  /** How it is written, for the audit log. */
  readonly format: string
  /** Whether the hashes of passwords go with it. */
  readonly hasHashes: boolean
}

/** Gives every account, lowest id first, a page at a time. That they leave is recorded before the first of them does. */
export async function* exportAccounts(
  { store, audit }: Pick<Ports, 'store' | 'audit'>,
  { source, format, hasHashes }: ExportRequest,
): AsyncGenerator<readonly StoredAccount[]> {
  const detail = { format, hashes: String(hasHashes) }
  audit.record({ type: 'accounts_exported', actor: 'operator', accountId: null, client: null, detail })
  for (let after = 0; ; ) {
    const page = await store.listStoredAccounts({ after, limit: PAGE, source })
    const last = page.at(-1)
    if (last === undefined) return
    yield page
    after = last.account.id
  }
}
