import type { Generated } from 'kysely'

/**
 * The tables, as Kysely sees them. Times are milliseconds since 1970, truth values 0 or 1, so that every engine keeps
 * them alike.
 */
export type Schema = {
  accounts: AccountRow
  identifiers: IdentifierRow
  sessions: SessionRow
  attempts: AttemptRow
  one_time_tokens: OneTimeTokenRow
  letters: LetterRow
  counted_names: CountedNameRow
  known_networks: KnownNetworkRow
  revoked_keys: RevokedKeyRow
  audit_log: AuditRow
  audit_ends: AuditEndsRow
  webhook_deliveries: WebhookDeliveryRow
  signing_keys: SigningKeyRow
  service_clients: ServiceClientRow
  legacy_ids: LegacyIdRow
  deleted_legacy_ids: DeletedLegacyIdRow
  imports: ImportRow
  legacy_answers: LegacyAnswerRow
  notes: NoteRow
}

export type AccountRow = {
  id: Generated<number>
  subject: string
  email: string | null
  username: string | null
  email_verified: number
  name: string
  first_name: string
  last_name: string
  phone_number: string
  is_active: number
  is_staff: number
  password_hash: string | null
  credential_version: number
  has_weak_password: number
  legacy_format: Generated<string | null>
  takes_legacy_tokens: Generated<number>
  created_at: number
  updated_at: number
  last_login_at: number | null
}

/** One row a name, of whatever kind: its primary key is what makes names unique across all contracts. */
export type IdentifierRow = {
  value: string
  account_id: number
  kind: string
  /** Registered while an old server was set, and proved by nobody: it goes to whoever proves to be there by that name. */
  is_claimed: Generated<number>
}

export type SessionRow = {
  id: string
  account_id: number
  kind: string
  contract: string
  token_hash: string | null
  credential_version: number
  created_at: number
  expires_at: number
  network: string | null
  user_agent: string
}

export type AttemptRow = {
  key: string
  count: number
  window_started_at: number
  last_at: number
  blocked_until: number
}

/** Which different things a counter has counted since its window began. */
export type CountedNameRow = { key: string; digest: string; counted_at: number }

export type KnownNetworkRow = { account_id: number; digest: string; last_seen_at: number }

/** An opaque key whose session was ended before its time: who uses it now was not told, or stole it. */
export type RevokedKeyRow = { token_hash: string; account_id: number; expires_at: number }

export type AuditRow = {
  seq: number
  at: number
  type: string
  actor: string
  account_id: number | null
  contract: string | null
  request_id: string | null
  network: string | null
  user_agent: string | null
  detail: string
  hash: string
}

/** One row: where the log begins, after what was pruned, and where it ends. */
export type AuditEndsRow = {
  id: number
  anchor_seq: number
  anchor_hash: string
  anchor_seal: string
  head_seq: number
  head_hash: string
  head_seal: string
}

export type WebhookDeliveryRow = { id: Generated<number>; seq: number; tries: number; due_at: number }

export type OneTimeTokenRow = {
  token_hash: string
  purpose: string
  account_id: number
  email: string
  expires_at: number
}

export type LetterRow = {
  id: Generated<number>
  purpose: string
  account_id: number | null
  asked_at: number
  tries: number
  due_at: number
}

export type SigningKeyRow = {
  kid: string
  algorithm: string
  public_jwk: string
  sealed_private_jwk: string
  created_at: number
  active_from: Generated<number>
  retired_at: number | null
  revoked_at: number | null
  longest_lifetime: Generated<number>
}

/** A service that may ask about tokens, by a secret of which only the SHA-256 is kept. */
export type ServiceClientRow = {
  id: string
  name: string
  secret_hash: string
  may_revoke: number
  created_at: number
  rotated_at: number | null
  previous_secret_hash: string | null
  previous_until: number | null
}

/** What another back end called an account, and what an import left of it; `null` where it came in another way. */
export type LegacyIdRow = {
  source: string
  legacy_id: string
  account_id: number
  imported_at: Generated<number | null>
  seen_at: Generated<number | null>
  contested_at: Generated<number | null>
  imported_format: Generated<string | null>
}

/** What another back end called an account that was deleted here. */
export type DeletedLegacyIdRow = { source: string; legacy_id: string }

/** How far an import has come: its next row, and whatever else it needs to go on, in JSON. */
export type ImportRow = { name: string; position: number; state: string; updated_at: number }

/** How often an old server gave which kind of answer. */
export type LegacyAnswerRow = { contract: string; outcome: string; count: number; last_at: number }

export type NoteRow = { name: string; value: string }
