import Type from 'typebox'

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
