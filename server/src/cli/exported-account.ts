import { UNREADABLE_FORMAT } from '../core/legacy-port.ts'
import type { StoredAccount } from '../core/ports.ts'

/** What is told of an account in JSON lines and CSV, in names that an import knows. */
export const EXPORT_FIELDS = [
  'id',
  'legacy_id',
  'subject',
  'email',
  'email_verified',
  'username',
  'name',
  'first_name',
  'last_name',
  'phone_number',
  'is_active',
  'is_staff',
  'date_joined',
  'last_login',
  'password',
  'password_format',
] as const

/** One of `EXPORT_FIELDS`. */
export type ExportField = (typeof EXPORT_FIELDS)[number]

/** The fields that are told only to who asks for them. */
export const HASH_FIELDS: ReadonlySet<ExportField> = new Set(['password', 'password_format'])

/** Whether there is such a field. */
export function isExportField(text: string): text is ExportField {
  return EXPORT_FIELDS.some((field) => field === text)
}

/** An account as it is exported; `undefined` is what we do not have, though somebody else may. */
export type ExportedAccount = Readonly<Record<ExportField, string | number | boolean | null | undefined>>

/** An account in the names and forms in which it is exported. Hashes are as they are stored. */
export function toExportedAccount({ account, passwordHash, legacyFormat, legacyId }: StoredAccount): ExportedAccount {
  const { profile } = account
  return {
    id: account.id,
    legacy_id: legacyId,
    subject: account.subject,
    email: account.email,
    email_verified: account.emailVerified,
    username: account.username,
    name: profile.name,
    first_name: profile.firstName,
    last_name: profile.lastName,
    phone_number: profile.phoneNumber,
    is_active: account.isActive,
    is_staff: account.isStaff,
    date_joined: new Date(account.createdAt).toISOString(),
    last_login: account.lastLoginAt === null ? null : new Date(account.lastLoginAt).toISOString(),
    ...(legacyFormat === UNREADABLE_FORMAT
      ? // Whoever merges this into the back end before must not lose the hash there.
        { password: undefined, password_format: legacyFormat }
      : { password: passwordHash, password_format: passwordHash === null ? null : (legacyFormat ?? 'argon2id') }),
  }
}
