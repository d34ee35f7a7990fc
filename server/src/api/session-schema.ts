import Type from 'typebox'
import { Account, Time } from './account-schema.ts'

/** One login. */
export const Session = Type.Object(
  {
    id: Type.String({ format: 'uuid', description: 'The `sid` of the session’s tokens.' }),
    kind: Type.Union([Type.Literal('key'), Type.Literal('jwt'), Type.Literal('pair')]),
    contract: Type.String({ description: 'The door through which it was opened.' }),
    created_at: Time,
    expires_at: Time,
  },
  { title: 'Session', description: 'One login. When it ends, every token of it is dead.' },
)

/** What `GET /v1/session` answers. */
export const SessionReply = Type.Object(
  { account: Account, session: Session },
  { title: 'SessionReply', description: 'Whose token it is, and of which login.' },
)

/** What `POST /v1/sessions` takes. */
export const NewSession = Type.Object(
  {
    identifier: Type.String({ minLength: 1, description: 'An email address or a username, in whatever case.' }),
    password: Type.String({ minLength: 1, maxLength: 1024 }),
  },
  { title: 'NewSession', additionalProperties: false, description: 'A name and its password.' },
)

/** What is said of an access token wherever one is given (RFC 6749, 5.1). */
const ACCESS_TOKEN = {
  access_token: Type.String({ description: 'A JWT (RFC 9068): send it as `Authorization: Bearer …`.' }),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ description: 'Seconds for which the access token is good.' }),
}

/** What `POST /v1/sessions` answers. */
export const TokensReply = Type.Object(
  {
    ...ACCESS_TOKEN,
    refresh_token: Type.String({
      description: 'Makes new access tokens, and stays the same as long as the session is.',
    }),
    refresh_expires_in: Type.Integer({
      description: 'Seconds for which the refresh token, and the session, are good.',
    }),
    session: Session,
    account: Account,
  },
  { title: 'TokensReply', description: 'The tokens of a new session, and whose it is.' },
)

/** What `POST /v1/session/refresh` takes. */
export const Refresh = Type.Object(
  { refresh_token: Type.String({ minLength: 1 }) },
  { title: 'Refresh', additionalProperties: false, description: 'The refresh token of a session.' },
)

/** What `POST /v1/session/refresh` answers. */
export const RefreshReply = Type.Object(ACCESS_TOKEN, {
  title: 'RefreshReply',
  description: 'A new access token. The refresh token is still the one you have.',
})
