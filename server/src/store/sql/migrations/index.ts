import type { Migration } from 'kysely/migration'
import * as accountsAndSessions from './0001-accounts-and-sessions.ts'
import * as oneTimeTokensAndMail from './0002-one-time-tokens-and-mail.ts'

/** Every migration, in order, by hand. Forward only; one that has been released never changes. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-accounts-and-sessions': accountsAndSessions,
  '0002-one-time-tokens-and-mail': oneTimeTokensAndMail,
}
