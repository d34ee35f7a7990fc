import { existsSync } from 'node:fs'
import { findMadeSecretFile } from '../config/ensure-secret.ts'
import { findDatabaseFile, isOnServer } from '../config/read-database-url.ts'
import { readConfig } from '../read-config.ts'
import { backUpSqlite } from '../store/sql/sqlite/backup.ts'
import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { nameSecret } from './name-secret.ts'
import { makePrintable, printJson, showBytes, showCount } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { CommandFailure } from './refusals.ts'
import { createProgress } from './show-progress.ts'
import { wordNoDatabase } from './with-latchkey.ts'
import { wordPostgresBackup } from './word-postgres.ts'

const OPERANDS = [{ name: 'FILE' }] as const
const OPTIONS = {
  force: { type: 'boolean', help: 'Replaces FILE if it is there.' },
  json: JSON_OPTION,
} as const

/** `latchkey backup`. */
export const backup: Command = {
  name: 'backup',
  summary: 'copies the database into one file while the server goes on, and checks the copy',
  operands: OPERANDS,
  options: OPTIONS,
  notes: [
    'Never copy the database file yourself: the newest data is not in it. See docs/backup.md.',
    'FILE gets its name only when it is whole. PostgreSQL is backed up with its own tools; this says how.',
  ],
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const { stdout, stderr, env } = context
  const args = readArguments(context.args, { operands: OPERANDS, options: OPTIONS })
  const file = args.operands[0] ?? ''
  const config = readConfig(env)
  if (isOnServer(config)) throw new CommandFailure(wordPostgresBackup(config.databaseUrl, file))
  const database = findDatabaseFile(config)
  if (database === null) throw new CommandFailure('The database is in memory: there is nothing to back up.')
  if (!existsSync(database)) throw new CommandFailure(wordNoDatabase(database))

  const progress = createProgress(stderr)
  const [started, now] = [performance.now(), Date.now()]
  try {
    const made = await backUpSqlite(database, file, {
      mayReplace: args.flag('force'),
      now,
      onProgress: (done, total) => progress.show('Copying', { done, total }),
      onCheck: () => progress.show('Checking the copy'),
    })
    progress.clear()
    const seconds = Number(((performance.now() - started) / 1000).toFixed(1))
    for (const draft of made.swept) stderr.write(`Removed ${makePrintable(draft)}, which was left unfinished.\n`)
    if (args.flag('json')) {
      const { swept, ...facts } = made
      const secret = findMadeSecretFile(config)
      return printJson(stdout, { ...facts, seconds, made_at: new Date(now).toISOString(), integrity: 'ok', secret })
    }
    const counts = `${showCount(made.accounts, 'account')} and ${showCount(made.sessions, 'session')}`
    const size = showBytes(made.bytes)
    stdout.write(
      `Backed up ${counts} to ${makePrintable(made.file)} (${size}) in ${seconds.toFixed(1)} s; integrity ok.\n` +
        `The signing keys in it are sealed: keep ${nameSecret(config)} too, apart from it.\n`,
    )
    return 0
  } finally {
    progress.clear()
  }
}
