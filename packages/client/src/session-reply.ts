import { type Check, isFlag, isNumber, isText, shape } from './check.ts'

/** An account, as its owner sees it. */
export type Account = {
  readonly id: number
  /** The `sub` of every token of this account. */
  readonly subject: string
  /** Empty when the account has none, as every text here. */
  readonly email: string
  readonly email_verified: boolean
  readonly username: string
  readonly name: string
  readonly first_name: string
  readonly last_name: string
  readonly phone_number: string
  readonly is_active: boolean
  readonly is_staff: boolean
  readonly created_at: string
}

/** One login. */
export type Session = {
  /** The `sid` of the session's tokens. */
  readonly id: string
  readonly kind: 'key' | 'jwt' | 'pair'
  /** The contract through which it was opened. */
  readonly contract: string
  readonly created_at: string
  readonly expires_at: string
}

/** What `GET /v1/session` answers. */
export type SessionReply = { readonly account: Account; readonly session: Session }

export const isAccount: Check<Account> = shape({
  id: isNumber,
  subject: isText,
  email: isText,
  email_verified: isFlag,
  username: isText,
  name: isText,
  first_name: isText,
  last_name: isText,
  phone_number: isText,
  is_active: isFlag,
  is_staff: isFlag,
  created_at: isText,
})

export const isSession: Check<Session> = shape({
  id: isText,
  kind: (value): value is Session['kind'] => value === 'key' || value === 'jwt' || value === 'pair',
  contract: isText,
  created_at: isText,
  expires_at: isText,
})

export const isSessionReply: Check<SessionReply> = shape({ account: isAccount, session: isSession })
