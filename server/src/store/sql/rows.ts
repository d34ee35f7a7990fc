import type { Selectable } from 'kysely'
import type { Account } from '../../core/account.ts'
import type { StoredKey } from '../../core/ports.ts'
import type { Session, SessionKind } from '../../core/session.ts'
import type { AccountRow, SessionRow, SigningKeyRow } from './schema.ts'

/** The columns of an account that leave the store: all but the password's hash. */
export const ACCOUNT_COLUMNS = [
  'accounts.id',
  'accounts.subject',
  'accounts.email',
  'accounts.username',
  'accounts.email_verified',
  'accounts.name',
  'accounts.first_name',
  'accounts.last_name',
  'accounts.phone_number',
  'accounts.is_active',
  'accounts.is_staff',
  'accounts.has_weak_password',
  'accounts.created_at',
  'accounts.updated_at',
  'accounts.last_login_at',
] as const

type AccountColumns = Omit<
  Selectable<AccountRow>,
  'password_hash' | 'credential_version' | 'legacy_format' | 'takes_legacy_tokens'
>

/** A row in core's words. */
export function toAccount(row: AccountColumns): Account {
  return {
    id: Number(row.id),
    subject: row.subject,
    email: row.email,
    username: row.username,
    emailVerified: Number(row.email_verified) === 1,
    profile: {
      name: row.name,
      firstName: row.first_name,
      lastName: row.last_name,
      phoneNumber: row.phone_number,
    },
    isActive: Number(row.is_active) === 1,
    isStaff: Number(row.is_staff) === 1,
    hasWeakPassword: Number(row.has_weak_password) === 1,
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
    lastLoginAt: row.last_login_at === null ? null : Number(row.last_login_at),
  }
}

type SessionColumns = Omit<SessionRow, 'token_hash' | 'credential_version'>

/** A row in core's words. */
export function toSession(row: SessionColumns): Session {
  return {
    id: row.id,
    accountId: Number(row.account_id),
    kind: toSessionKind(row.kind),
    contract: row.contract,
    createdAt: Number(row.created_at),
    expiresAt: Number(row.expires_at),
    client: { network: row.network, userAgent: row.user_agent },
  }
}

type KeyColumns = Partial<Selectable<SigningKeyRow>> &
  Pick<SigningKeyRow, 'kid' | 'algorithm' | 'public_jwk' | 'sealed_private_jwk' | 'created_at'>

function toTime(column: number | null | undefined): number | null {
  return column === null || column === undefined ? null : Number(column)
}

function toSessionKind(text: string): SessionKind {
  if (text === 'key' || text === 'jwt' || text === 'pair') return text
  throw new Error(`A session of unknown kind ${text} is in the database.`)
}

/** A row in core's words. Before its table was brought up to date, it has not said anything of the key's life. */
export function toStoredKey(row: KeyColumns): StoredKey {
  return {
    kid: row.kid,
    algorithm: row.algorithm,
    publicJwk: row.public_jwk,
    sealedPrivateJwk: row.sealed_private_jwk,
    createdAt: Number(row.created_at),
    activeFrom: Number(row.active_from ?? 0),
    retiredAt: toTime(row.retired_at),
    revokedAt: toTime(row.revoked_at),
    longestLifetime: Number(row.longest_lifetime ?? 0),
  }
}
