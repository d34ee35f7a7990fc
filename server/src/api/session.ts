import type { Static } from 'typebox'
import type { Account } from '../core/account.ts'
import type { Access, Session, SignedIn } from '../core/session.ts'
import type { WireReply } from '../http/contract.ts'
import { writeOnce } from '../http/write-once.ts'
import type { Account as WrittenAccount } from './account-schema.ts'
import { json } from './reply.ts'
import type { SessionReply, Session as WrittenSession } from './session-schema.ts'

/** The answer to `GET /v1/session`. */
export function writeReply(access: Access): WireReply {
  return json(200, writeSession(access))
}

/** The same, written once for as long as the token is remembered. */
export const recallReply = writeOnce(writeReply)

/** Writes an account and its session in the modern API's words. */
export function writeSession({ account, session }: SignedIn): Static<typeof SessionReply> {
  return { account: writeAccount(account), session: writeLogin(session) }
}

/** Writes an account as its owner sees it. */
export function writeAccount(account: Account): Static<typeof WrittenAccount> {
  return {
    id: account.id,
    subject: account.subject,
    email: account.email ?? '',
    email_verified: account.emailVerified,
    username: account.username ?? '',
    name: account.profile.name,
    first_name: account.profile.firstName,
    last_name: account.profile.lastName,
    phone_number: account.profile.phoneNumber,
    is_active: account.isActive,
    is_staff: account.isStaff,
    created_at: toTime(account.createdAt),
  }
}

function writeLogin(session: Session): Static<typeof WrittenSession> {
  return {
    id: session.id,
    kind: session.kind,
    contract: session.contract,
    created_at: toTime(session.createdAt),
    expires_at: toTime(session.expiresAt),
  }
}

function toTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
