import type { Kysely } from 'kysely'
import { UNREADABLE_FORMAT } from '../../core/legacy-port.ts'
import type { LegacyHashStore } from '../../core/ports.ts'
import type { Engine } from './dialect.ts'
import { prepare } from './prepared.ts'
import type { Schema } from './schema.ts'

/** How many accounts are looked at where none has a password: so few that nobody waits for it. */
const LOOKED_AT = 32
/** How many hashes are given: the first that can be checked is taken, and nearly all can. */
const GIVEN = 2

/** Hashes of other back ends among our own. */
export function createLegacyHashStore(db: Kysely<Schema>, engine: Pick<Engine, 'readNow'>): LegacyHashStore {
  // No row is read after the last that is given: every engine takes the rows of such a query one by one, in their order.
  const selectFrom = prepare({ db, engine }, (db) =>
    db
      .selectFrom(
        db
          .selectFrom('accounts')
          .where('subject', '>=', '')
          .orderBy('subject')
          .limit(LOOKED_AT)
          .select(['password_hash', 'legacy_format'])
          .as('next'),
      )
      .where('password_hash', 'is not', null)
      .where(({ eb, or }) => or([eb('legacy_format', 'is', null), eb('legacy_format', '!=', UNREADABLE_FORMAT)]))
      .limit(GIVEN)
      .select('password_hash'),
  )

  return {
    async findNeighbours(point) {
      const next = await selectFrom(point, LOOKED_AT, UNREADABLE_FORMAT, GIVEN)
      const rows = next.length > 0 ? next : await selectFrom('', LOOKED_AT, UNREADABLE_FORMAT, GIVEN)
      return rows.flatMap(({ password_hash: hash }) => (hash === null ? [] : [hash]))
    },

    async countLegacyFormats() {
      const { accounts } = await db
        .selectFrom('accounts')
        .select(({ fn }) => fn.countAll().as('accounts'))
        .executeTakeFirstOrThrow()
      const rows = await db
        .selectFrom('accounts')
        .select(({ fn }) => ['legacy_format', fn.countAll().as('count')])
        .where('legacy_format', 'is not', null)
        .groupBy('legacy_format')
        .orderBy('legacy_format')
        .execute()
      const formats = rows.map(({ legacy_format: name, count }): [string, number] => [name ?? '', Number(count)])
      return { accounts: Number(accounts), formats: Object.fromEntries(formats) }
    },
  }
}
