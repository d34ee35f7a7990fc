import type { ExportRequest, Tally } from './export-writer.ts'
import { makePrintable, showCount } from './print.ts'

/** Says what was exported, and what could not be as it was. */
export function wordTally(
  { accounts, withoutPassword, losses }: Tally,
  { request, file }: { request: ExportRequest; file: string | undefined },
): string {
  const { unusable, renamed, shortened } = losses
  const place = file === undefined ? '' : ` to ${makePrintable(file)}`
  const formats = [...unusable].map(([format, count]) => `${format} ${count}`).join(', ')
  const lost = [...unusable.values()].reduce((sum, count) => sum + count, 0)
  return [
    `Exported ${showCount(accounts, 'account')}${place}${request.hasHashes ? '' : ', without the hashes of passwords'}.`,
    ...(withoutPassword === 0 ? [] : [`${showCount(withoutPassword, 'account')} without a password.`]),
    ...(lost === 0
      ? []
      : [`${showCount(lost, 'account')} whose hash Django cannot check (${formats}): they need a new password there.`]),
    ...(renamed === 0
      ? []
      : [`${showCount(renamed, 'account')} without a name of at most 150 characters: called account-… there.`]),
    ...(shortened === 0
      ? []
      : [`${showCount(shortened, 'account')} of whose first or last name 150 characters are kept.`]),
  ].join('\n')
}

/** The same for programs. */
export function tallyToJson(
  { accounts, withoutPassword, losses }: Tally,
  { format, hasHashes }: ExportRequest,
): unknown {
  const { unusable, renamed, shortened } = losses
  return {
    format,
    has_hashes: hasHashes,
    accounts,
    without_password: withoutPassword,
    unusable_hashes: Object.fromEntries(unusable),
    renamed,
    shortened,
  }
}
