import Type, { type Static } from 'typebox'
import type { Access } from '../core/session.ts'

/** Times are RFC 3339, in UTC. */
const Time = Type.String({ format: 'date-time' })

/** What `GET /v1/session` answers. */
export const SessionReply = Type.Object({
  account: Type.Object({
    id: Type.Integer({ description: 'Given once and never again.' }),
    subject: Type.String({ format: 'uuid', description: 'The `sub` of every token of this account.' }),
    email: Type.String({ description: 'Empty when the account has none.' }),
    email_verified: Type.Boolean(),
    username: Type.String({ description: 'Empty when the account has none.' }),
    name: Type.String(),
    first_name: Type.String(),
    last_name: Type.String(),
    phone_number: Type.String(),
    is_active: Type.Boolean(),
    is_staff: Type.Boolean(),
    created_at: Time,
  }),
  session: Type.Object({
    id: Type.String({ format: 'uuid', description: 'The `sid` of the session’s tokens.' }),
    kind: Type.Union([Type.Literal('key'), Type.Literal('jwt'), Type.Literal('pair')]),
    contract: Type.String({ description: 'The door through which it was opened.' }),
    created_at: Time,
    expires_at: Time,
  }),
})

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
