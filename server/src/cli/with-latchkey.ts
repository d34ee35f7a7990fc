import { existsSync } from 'node:fs'
import { findDatabaseFile } from '../config/read-database-url.ts'
import { type Latchkey, openLatchkey } from '../open-latchkey.ts'
import { readConfig } from '../read-config.ts'
import type { CommandContext } from './command.ts'
import { CommandFailure } from './refusals.ts'

/**
 * Does something with the database open, and closes it whatever happens.
 *
 * @param options with `makesDatabase` a database that is not there is made; else a mistyped path would look like an
 *   empty database. With `mustMigrate` the schema is brought up to date whatever LATCHKEY_MIGRATE says.
 *   With `isBulk` it is made ready for millions of rows.
 * @throws {ConfigError} when the settings cannot be used.
 * @throws {CommandFailure} when there is no database.
 */
export async function withLatchkey<Result>(
  { env, stderr }: Pick<CommandContext, 'env' | 'stderr'>,
  action: (latchkey: Latchkey) => Promise<Result>,
  {
    makesDatabase = false,
    mustMigrate = false,
    isBulk = false,
  }: { makesDatabase?: boolean; mustMigrate?: boolean; isBulk?: boolean } = {},
): Promise<Result> {
  const config = readConfig(env)
  const file = findDatabaseFile(config)
  if (!makesDatabase && file !== null && !existsSync(file)) throw new CommandFailure(wordNoDatabase(file))
  const latchkey = await openLatchkey(config, { stderr, mustMigrate, isBulk })
  try {
    return await action(latchkey)
  } finally {
    await latchkey.close()
  }
}

/** What is said where a database is needed and there is none. */
export function wordNoDatabase(file: string): string {
  return `There is no database at ${file}: check DATABASE_URL, or make one with npm run latchkey -- migrate`
}
