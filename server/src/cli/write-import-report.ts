import type { ImportNote, ImportReport, SkipReason, Tally } from '../core/import-report.ts'
import { alignRows, makePrintable } from './print.ts'

/** Why rows were left behind. A reason without words does not compile. */
const REASON_WORDS: Record<SkipReason, string> = {
  unreadable_row: 'cannot be read',
  no_name: 'have neither an email address nor a username',
  no_id: 'have no id that can be kept',
  not_text: 'have something else where a text should be',
  not_boolean: 'have something else where yes or no should be',
  too_long: 'have a name that is too long',
  not_storable: 'have a null character or half a character in a text',
  invalid_email: 'have an email address that is none, and no username',
  alien_address: 'have a username that is an email address, and another address',
  email_taken: 'have the email address of another account (in whatever case)',
  username_taken: 'have the username of another account (in whatever case)',
  id_taken: 'have the id of another account',
  repeated: 'have the id of a row before them, or its name where rows have no ids',
  somebody_else:
    'have the id of somebody else who was imported before: if they are of another back end, say --source NAME',
  deleted_here: 'are of accounts that were deleted here',
  unreadable_token: 'are tokens that cannot be taken over',
  expired_token: 'are tokens that have expired; of keys that do not say when they end, --token-seconds does',
  no_account: 'are tokens of accounts that are not here, or are disabled',
}

/** What is worth knowing of rows that are kept. */
const NOTE_WORDS: Record<ImportNote, string> = {
  address_dropped: 'have an email address that is none: they keep their username only',
  staff_dropped: 'were staff: the flag is dropped, unless --keep-staff is said',
  superuser_dropped: 'were superusers: the flag is dropped',
  groups_dropped: 'were in groups: those are dropped',
  disabled: 'are disabled, and stay so',
  no_password: 'have no password: they can set one by a reset',
  unreadable_hash: 'have a hash that cannot be checked: they need a reset, or the old server beside this one',
  wrapped_hash: 'have a hash that is quick to guess: argon2id is put around each, which takes its time',
  unknown_join_time: 'have a time of joining that cannot be read: it is now',
}

/** A report for people. */
export function writeImportReport(
  report: ImportReport,
  { isDryRun, rejects }: { isDryRun: boolean; rejects: string | null },
): string {
  const { rows, imported, updated, unchanged, skipped, tokens } = report
  const counts: [string, number][] = [
    [isDryRun ? 'would be imported' : 'imported', imported],
    [isDryRun ? 'known, would be brought up to date' : 'updated', updated],
    ...(isDryRun ? [] : [['unchanged', unchanged] as [string, number]]),
    ...(tokens.imported > 0 ? [['tokens that stay good', tokens.imported] as [string, number]] : []),
    ...(tokens.known > 0 ? [['tokens known before', tokens.known] as [string, number]] : []),
    ...(tokens.revoked > 0 ? [['tokens that were revoked', tokens.revoked] as [string, number]] : []),
    [isDryRun ? 'would be left behind' : 'left behind', skipped],
    ['rows in all', rows],
  ]
  const parts = [
    `${isDryRun ? 'This is what would happen. Nothing was changed.' : 'Accounted for every row:'}\n`,
    writeNumbers(counts),
    Object.keys(report.formats).length === 0 ? '' : `Password hashes:\n${writeNumbers(Object.entries(report.formats))}`,
    writeTallies('Left behind, because they', report.reasons, REASON_WORDS),
    writeTallies('Of those that are kept', report.notes, NOTE_WORDS),
    rejects === null
      ? ''
      : `The rows that were left behind are in ${makePrintable(rejects)}, without their passwords.\n`,
  ]
  return parts.join('')
}

/** A report for programs. */
export function reportToJson({ formats, reasons, tokens, ...counts }: ImportReport): Readonly<Record<string, unknown>> {
  return { ...counts, tokens, hashes: formats, skipped_because: reasons }
}

function writeNumbers(counts: readonly (readonly [string, number])[]): string {
  const cells = counts.map(([name, count]) => [name, new Intl.NumberFormat('en').format(count)])
  return `${alignRows(cells, '  ').join('\n')}\n`
}

function writeTallies<Name extends string>(
  title: string,
  tallies: Partial<Record<Name, Tally>>,
  words: Readonly<Record<Name, string>>,
): string {
  const lines = Object.entries<Tally | undefined>(tallies).flatMap(([name, tally]) => {
    if (tally === undefined || !isNamed(words, name)) return []
    const { count, examples } = tally
    const shown = examples.map(({ line, what }) => `    ${line}: ${what}`)
    const more = count > examples.length ? ['    …'] : []
    return [`  ${new Intl.NumberFormat('en').format(count)} ${words[name]}`, ...shown, ...more]
  })
  return lines.length === 0 ? '' : `${title}\n${lines.map(makePrintable).join('\n')}\n`
}

function isNamed<Name extends string>(words: Readonly<Record<Name, string>>, name: string): name is Name {
  return Object.hasOwn(words, name)
}
