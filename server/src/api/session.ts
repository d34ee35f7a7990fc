import type { Static } from 'typebox'
import type { Access } from '../core/session.ts'
import type { SessionReply } from './session-schema.ts'

/** Writes an account and its session in the modern API's words. */
export function writeSession({ account, session }: Access): Static<typeof SessionReply> {
  return {
    account: {
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
    },
    session: {
      id: session.id,
      kind: session.kind,
      contract: session.contract,
      created_at: toTime(session.createdAt),
      expires_at: toTime(session.expiresAt),
    },
  }
}

function toTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
