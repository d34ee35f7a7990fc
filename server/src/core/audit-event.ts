import type { Ports } from './ports.ts'
import type { Client } from './session.ts'

/** Everything that the audit log tells of, as a closed list. A type's meaning never changes. */
export const AUDIT_EVENT_TYPES = [
  'account_registered',
  'account_adopted',
  'name_handed_over',
  'account_enabled',
  'account_disabled',
  'account_deleted',
  'accounts_imported',
  'login_succeeded',
  'login_failed',
  'throttled',
  'legacy_session_adopted',
  'session_ended',
  'sessions_ended',
  'revoked_token_used',
  'password_changed',
  'password_change_failed',
  'password_reset_requested',
  'password_reset_failed',
  'email_verified',
  'profile_changed',
  'weak_password_found',
  'privileged_field_ignored',
  'throttle_cleared',
  'signing_key_added',
  'signing_key_revoked',
  'signing_key_removed',
  'service_client_created',
  'service_client_deleted',
  'service_client_secret_rotated',
  'service_client_refused',
  'accounts_exported',
  'database_restored',
  'audit_pruned',
  'audit_events_lost',
] as const

/** What happened; see `AUDIT_EVENT_TYPES`. */
export type AuditEventType = (typeof AUDIT_EVENT_TYPES)[number]

/**
 * Who did it: nobody proved to be anybody, the operator at the command line, the server itself, an account, or a service
 * that may revoke tokens.
 */
export type AuditActor =
  | 'anonymous'
  | 'operator'
  | 'server'
  | { readonly accountId: number }
  | { readonly serviceId: string }

/** Something an operator may want to know later. Never a secret, never a password, never a token. */
export type AuditEvent = {
  readonly type: AuditEventType
  readonly actor: AuditActor
  /** Whom it happened to; `null` where no account is concerned. */
  readonly accountId: number | null
  /** The request it happened in; `null` at the command line and for what the server does by itself. */
  readonly client: Client | null
  /** What else there is to say. A name that nobody has is told as a pseudonym only: it may be a mistyped password. */
  readonly detail?: Readonly<Record<string, string>>
}

/** Records that a budget was used up: `budget` is its kind, such as `account` or `network`. */
export function recordThrottle(
  { audit }: Pick<Ports, 'audit'>,
  { budget, client, accountId }: { budget: string; client: Client; accountId: number | null },
): void {
  audit.record({ type: 'throttled', actor: 'anonymous', accountId, client, detail: { budget } })
}
