import Type from 'typebox'
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '../core/password-rules.ts'

/** Times are RFC 3339, in UTC. */
export const Time = Type.String({ format: 'date-time', description: 'RFC 3339, in UTC.' })

/** An account, as its owner sees it. */
export const Account = Type.Object(
  {
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
    is_staff: Type.Boolean({ description: 'A flag for your own services; the operator alone sets it.' }),
    created_at: Time,
  },
  { title: 'Account', description: 'An account, as its owner sees it.' },
)

/**
 * An address as people have them: ASCII, no quotes, a dot in its domain. An international domain is written in A-labels,
 * as mail carries it.
 */
const EMAIL =
  "^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$"

/** What `POST /v1/accounts` takes: every member by its name, and no other. */
export const NewAccount = Type.Object(
  {
    email: Type.Optional(
      Type.String({
        pattern: EMAIL,
        maxLength: 254,
        description: 'ASCII, with a dot in its domain. Left out, there has to be a username.',
      }),
    ),
    username: Type.Optional(
      Type.String({
        pattern: '^[\\p{L}\\p{N}_.@+-]+$',
        minLength: 1,
        maxLength: 150,
        description: 'Letters and digits of any script, and `_.@+-`. Left out, there has to be an email address.',
      }),
    ),
    password: Type.String({
      minLength: MIN_PASSWORD_LENGTH,
      maxLength: MAX_PASSWORD_LENGTH,
      description: 'Taken as it is: nothing is trimmed, folded or cut. A hardened server wants more of it.',
    }),
    name: Type.Optional(
      Type.String({ maxLength: 255, description: 'The whole name; split where the parts are not sent.' }),
    ),
    first_name: Type.Optional(Type.String({ maxLength: 150 })),
    last_name: Type.Optional(Type.String({ maxLength: 150 })),
    phone_number: Type.Optional(
      Type.String({ pattern: '^(?:\\+?1?[0-9]{9,15})?$', description: '9 to 15 digits, with or without a `+`.' }),
    ),
  },
  {
    title: 'NewAccount',
    additionalProperties: false,
    description: 'Somebody who signs up, by an email address, a username, or both.',
  },
)

/** What `POST /v1/accounts` answers. */
export const AccountReply = Type.Object(
  { account: Account },
  { title: 'AccountReply', description: 'The account that was made.' },
)
