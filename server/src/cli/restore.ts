import { resolve } from 'node:path'
import { findDatabaseFile, isOnServer } from '../config/read-database-url.ts'
import { readConfig } from '../read-config.ts'
import { holdSqlite } from '../store/sql/sqlite/restore.ts'
import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { confirm } from './confirm.ts'
import { makePrintable, printJson, showCount } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { CommandFailure, UsageError } from './refusals.ts'
import { type CheckedBackup, checkBackup } from './restore/check-backup.ts'
import { type FinishedDraft, finishDraft } from './restore/finish-draft.ts'
import { createProgress, type Progress } from './show-progress.ts'
import { wordPostgresRestore } from './word-postgres.ts'

const OPERANDS = [{ name: 'FILE' }] as const
const OPTIONS = {
  yes: { type: 'boolean', help: 'Does not ask before it replaces a database that has accounts.' },
  json: JSON_OPTION,
} as const

/** `latchkey restore`. */
export const restore: Command = {
  name: 'restore',
  summary: 'puts a backup in the place of the database, and ends every session',
  operands: OPERANDS,
  options: OPTIONS,
  notes: [
    'Stop the server first. The database that was there is kept beside the new one.',
    'Passwords, and which accounts are disabled, are again as they were when the backup was made.',
  ],
  run,
}

const WORD_UNKNOWN_IDS =
  'Which ids accounts were given since cannot be told, as the database that was there is damaged: the next is 100,000 higher.'

/** What was done. */
type Outcome = FinishedDraft & {
  readonly sessions: number
  readonly oneTimeTokens: number
  readonly file: string
  readonly database: string
  /** Where the database is that was replaced; `null` where there was none. */
  readonly kept: string | null
  /** Where the log of a lost database is now that had lain there without it. */
  readonly aside: readonly string[]
  readonly isLastIdKnown: boolean
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: OPERANDS, options: OPTIONS })
  const config = readConfig(context.env)
  if (isOnServer(config)) throw new CommandFailure(wordPostgresRestore(config.databaseUrl, args.operands[0] ?? ''))
  const database = findDatabaseFile(config)
  if (database === null) throw new CommandFailure('The database is in memory: set DATABASE_URL to where it is to be.')
  const file = resolve(args.operands[0] ?? '')
  const progress = createProgress(context.stderr)
  try {
    progress.show('Checking')
    const backup = await checkBackup(file, database, config)
    const held = holdSqlite(database)
    try {
      tellOfLeftovers(context, held.swept, progress)
      if (held.accounts !== 0 && !args.flag('yes')) await agree(context, held.accounts, backup, progress)
      const draft = await held.draft(file, (done, total) => progress.show('Copying', { done, total }))
      const draftConfig = { ...config, databaseUrl: `sqlite:${draft.path}`, secret: backup.secret }
      const finished = await finishDraft(draftConfig, { stderr: context.stderr, progress })
      const { path: _, ...ended } = draft
      const { aside } = held
      const outcome = { ...finished, ...ended, file, database, aside, kept: held.replace(draft.path) }
      progress.clear()
      return args.flag('json') ? showJson(context, outcome) : show(context, outcome)
    } finally {
      held.release()
    }
  } finally {
    progress.clear()
  }
}

function tellOfLeftovers({ stderr }: CommandContext, swept: readonly string[], progress: Progress): void {
  progress.clear()
  for (const draft of swept) stderr.write(`Removed ${makePrintable(draft)}, which was left unfinished.\n`)
}

async function agree(
  context: CommandContext,
  present: number | null,
  { accounts }: CheckedBackup,
  progress: Progress,
): Promise<void> {
  progress.clear()
  if (context.stdin.isTTY !== true) {
    const found = present === null ? 'is too damaged to count its accounts' : `has ${showCount(present, 'account')}`
    throw new UsageError(`The database ${found}: add --yes, as there is no terminal to ask on.`)
  }
  const replaced = present === null ? 'a database that is too damaged to be counted' : showCount(present, 'account')
  const replacement = accounts === null ? 'those of an older version' : showCount(accounts, 'account')
  if (!(await confirm(context, `Replace ${replaced} by ${replacement}, and end every session?`))) {
    throw new CommandFailure('Nothing was restored.')
  }
}

function show(
  { stdout }: CommandContext,
  { file, kept, aside, isLastIdKnown, madeAt, migrated, ...counts }: Outcome,
): ExitCode {
  const when = madeAt === null ? 'at a time that it does not tell' : `at ${makePrintable(madeAt)}`
  const ended = `${showCount(counts.sessions, 'session')} and ${showCount(counts.oneTimeTokens, 'one-time token')}`
  const lines = [
    `Restored ${showCount(counts.accounts, 'account')} from ${makePrintable(file)}, made ${when}.`,
    `${ended} were ended: everybody signs in again.`,
    'What was done since then is undone: see to passwords that were changed and accounts that were disabled or deleted.',
    ...(isLastIdKnown ? [] : [WORD_UNKNOWN_IDS]),
    ...migrated.map((name) => `Applied ${name}`),
    ...aside.map((path) => `What lay there without its database is ${makePrintable(path)} now.`),
    ...(kept === null ? [] : [`The database that was there is ${makePrintable(kept)}: delete it when all is well.`]),
  ]
  stdout.write(`${lines.join('\n')}\n`)
  return 0
}

function showJson(
  { stdout }: CommandContext,
  { file, database, kept, aside, isLastIdKnown, madeAt, migrated, ...counts }: Outcome,
): ExitCode {
  return printJson(stdout, {
    file,
    database,
    accounts: counts.accounts,
    made_at: madeAt,
    sessions_ended: counts.sessions,
    one_time_tokens_ended: counts.oneTimeTokens,
    last_id_known: isLastIdKnown,
    migrated,
    kept,
    aside,
  })
}
