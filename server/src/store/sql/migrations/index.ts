import type { Migration as KyselyMigration } from 'kysely/migration'
import * as accountsAndSessions from './0001-accounts-and-sessions.ts'
import * as oneTimeTokensAndMail from './0002-one-time-tokens-and-mail.ts'
import * as abuseResistance from './0003-abuse-resistance.ts'
import * as keysAndServiceClients from './0004-keys-and-service-clients.ts'
import * as movingIn from './0005-moving-in.ts'
import type { Columns } from './columns.ts'

/** One step of the schema, on every engine. The tables it finds are those of its day, so they have no types. */
export type Migration = { up(db: Parameters<KyselyMigration['up']>[0], columns: Columns): Promise<void> }

/** Every migration, in order, by hand. Forward only; one that has been released never changes. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-accounts-and-sessions': accountsAndSessions,
  '0002-one-time-tokens-and-mail': oneTimeTokensAndMail,
  '0003-abuse-resistance': abuseResistance,
  '0004-keys-and-service-clients': keysAndServiceClients,
  '0005-moving-in': movingIn,
}
