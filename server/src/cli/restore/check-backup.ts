import { statSync } from 'node:fs'
import type { Config } from '../../config/config.ts'
import { findSecret } from '../../config/ensure-secret.ts'
import { inspectDatabase } from '../../inspect-database.ts'
import { nameSecret } from '../name-secret.ts'
import { CommandFailure } from '../refusals.ts'
import { wordReason } from './word-reason.ts'

/** A backup that can be restored. */
export type CheckedBackup = {
  /** `null` where it is older than this version, and is counted only once it has been migrated. */
  readonly accounts: number | null
  /** The secret that it was sealed under. */
  readonly secret: string
}

/**
 * Looks whether a file is a whole Latchkey database, not newer than this version, and sealed under the secret in force.
 *
 * @throws {CommandFailure} one sentence for the operator.
 */
export async function checkBackup(file: string, database: string, config: Config): Promise<CheckedBackup> {
  checkFile(file, database)
  const secret = findSecret(config)
  if (secret === null) throw new CommandFailure(wordNoSecret(config))
  const inspection = inspectDatabase({ ...config, databaseUrl: `sqlite:${file}`, secret })
  const { facts, isSecretRight } = await inspection.catch((cause) => {
    throw new CommandFailure(`${file} cannot be restored: ${wordReason(cause)} Nothing was changed.`, { cause })
  })
  if (facts.integrity !== 'ok') {
    throw new CommandFailure(
      `${file} is damaged (${facts.integrity.replaceAll('\n', ' ')}): restore another backup. Nothing was changed.`,
    )
  }
  if (facts.appliedMigrations.length === 0) {
    throw new CommandFailure(`${file} is no database of Latchkey’s: name a backup. Nothing was changed.`)
  }
  if (!isSecretRight) throw new CommandFailure(wordWrongSecret(file, config))
  return { accounts: facts.pendingMigrations.length === 0 ? facts.accounts : null, secret }
}

function checkFile(file: string, database: string): void {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined) throw new CommandFailure(`There is no file ${file}: name a backup.`)
  if (!found.isFile()) throw new CommandFailure(`${file} is no ordinary file: name a backup.`)
  const present = statSync(database, { throwIfNoEntry: false })
  if (present?.ino === found.ino && present.dev === found.dev) {
    throw new CommandFailure(`${file} is the database itself: name a backup.`)
  }
}

function wordNoSecret(config: Config): string {
  return `There is no usable secret to open the backup’s signing keys: put ${nameSecret(config)} back, mode 600, or set LATCHKEY_SECRET to what was in it. Nothing was changed.`
}

function wordWrongSecret(file: string, config: Config): string {
  return `${file} was sealed under another secret than ${nameSecret(config)}: put the one that was kept with the backup in its place. Nothing was changed.`
}
