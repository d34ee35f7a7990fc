import type { Updateable } from 'kysely'
import type { ImportedAccount, ImportOutcome } from '../../core/ports.ts'
import type { Into } from './import-batch.ts'
import { isUntouched, type KnownRow, takesPassword } from './imported-rows.ts'
import { removeSessions } from './remove-sessions.ts'
import type { AccountRow } from './schema.ts'

/** Whether the source calls an account something else than we do. */
export function isNameChanged(row: KnownRow, { email, username }: ImportedAccount): boolean {
  return row.email !== email || row.username !== username
}

/**
 * Makes a known account what its source says that it is now; what was changed here since it was imported stays.
 *
 * @param change.claim gives the account its names.
 */
export async function bringUpToDate(
  into: Into,
  row: KnownRow,
  {
    account,
    now,
    claim,
  }: {
    account: ImportedAccount
    now: number
    claim: (into: Into, names: readonly (readonly [string, number, string])[]) => Promise<void>
  },
): Promise<ImportOutcome> {
  const id = Number(row.id)
  const change = findChange(row, account)
  if (change === null) return { did: 'unchanged', accountId: id }
  const { numUpdatedRows } = await into.db
    .updateTable('accounts')
    .set({ ...change, updated_at: now })
    .where('id', '=', id)
    // Whoever changed it in this very moment was first.
    .where('updated_at', '=', row.updated_at)
    .where(({ eb }) =>
      row.password_hash === null ? eb('password_hash', 'is', null) : eb('password_hash', '=', row.password_hash),
    )
    .executeTakeFirst()
  if (numUpdatedRows !== 1n) return { did: 'unchanged', accountId: id }
  if (isNameChanged(row, account)) {
    await into.db.deleteFrom('identifiers').where('account_id', '=', id).execute()
    await claim(
      into,
      account.identifiers.map(({ value, kind }) => [value, id, kind]),
    )
  }
  // What disabling has ended stays ended.
  if (row.is_active === 0 && change.is_active === 1) {
    await removeSessions(into.db, ({ eb, and }) =>
      and([eb('account_id', '=', id), eb('credential_version', '!=', row.credential_version)]),
    )
  }
  const imported_format = change.legacy_format === undefined ? row.imported_format : change.legacy_format
  await into.db
    .updateTable('legacy_ids')
    .set({ imported_at: now, imported_format })
    .where('account_id', '=', id)
    .where('legacy_id', '=', row.legacy_id)
    .execute()
  return { did: 'updated', accountId: id }
}

/** What a source says otherwise; `null` where that is nothing, or what is here is the owner's own. */
function findChange(row: KnownRow, account: ImportedAccount): Updateable<AccountRow> | null {
  if (!isUntouched(row)) return null
  const { profile } = account
  const told = {
    email: account.email,
    username: account.username,
    email_verified: account.emailVerified ? 1 : 0,
    name: profile.name,
    first_name: profile.firstName,
    last_name: profile.lastName,
    phone_number: profile.phoneNumber,
    is_active: account.isActive ? 1 : 0,
    is_staff: account.isStaff ? 1 : 0,
  }
  const isProfileSame =
    row.email === told.email &&
    row.username === told.username &&
    row.email_verified === told.email_verified &&
    row.name === told.name &&
    row.first_name === told.first_name &&
    row.last_name === told.last_name &&
    row.phone_number === told.phone_number &&
    row.is_active === told.is_active &&
    row.is_staff === told.is_staff
  const isPasswordOther = takesPassword(row) && row.password_hash !== account.passwordHash
  if (isProfileSame && !isPasswordOther) return null
  return {
    ...told,
    ...(isPasswordOther ? { password_hash: account.passwordHash, legacy_format: account.legacyFormat } : {}),
    ...(row.is_active === told.is_active ? {} : findActivityChange(row, account)),
  }
}

/**
 * As where an operator does it: disabling ends all sessions for good. Legacy tokens are not taken again when a source enables
 * an account: whoever ended its sessions here meanwhile meant them too.
 */
function findActivityChange({ credential_version }: KnownRow, { isActive }: ImportedAccount): Updateable<AccountRow> {
  return isActive ? {} : { takes_legacy_tokens: 0, credential_version: Number(credential_version) + 1 }
}
