import type { Finding, RehearsalReport } from '../proving/rehearse.ts'
import { showCount } from './print.ts'
import { shorten, wrapBeside, wrapText } from './wrap-text.ts'

const INDENT = '  '
/** How much of one value is shown. */
const MOST = 400

/** Every difference of a rehearsal, what was not sent and why, and how it stands at the end. */
export function writeRehearsal(
  report: RehearsalReport,
  { old, fresh, format }: { readonly old: string; readonly fresh: string; readonly format: string },
): string[] {
  const { findings, unlisted, unreadable, unreadableCount, leftOut, stopped, foreignTokens } = report
  return [
    ...wrapBeside('old', old, { width: 5, indent: '' }),
    ...wrapBeside('new', fresh, { width: 5, indent: '' }),
    ...findings.flatMap((finding) => ['', ...writeFinding(finding, format)]),
    ...(unlisted === 0 ? [] : ['', ...wrapText(`${showCount(unlisted, 'request')} more differ in other ways.`, '')]),
    '',
    ...[...leftOut].flatMap(([why, count]) => wrapText(`Not sent: ${showCount(count, 'request')}. Each ${why}.`, '')),
    ...writeUnreadable(unreadable, unreadableCount, format),
    ...(foreignTokens === 0 ? [] : wrapText(wordForeign(foreignTokens), '')),
    ...(stopped === null ? [] : wrapText(`It ended early: ${stopped}. ${adviseOn(stopped)}`.trimEnd(), '')),
    ...wrapText(wordSummary(report), ''),
  ]
}

function writeFinding({ line, request, count, differences }: Finding, format: string): string[] {
  const often = count === 1 ? '' : `, and ${showCount(count - 1, 'request')} like it`
  return [
    ...wrapText(`${nameLine(line, format)}: ${request}${often}`, ''),
    ...differences.flatMap(({ at, expected, got }) => [
      ...wrapText(at, INDENT),
      ...wrapBeside('old', shorten(expected, MOST), { width: 5, indent: INDENT.repeat(2) }),
      ...wrapBeside('new', shorten(got, MOST), { width: 5, indent: INDENT.repeat(2) }),
    ]),
  ]
}

function writeUnreadable(unreadable: RehearsalReport['unreadable'], count: number, format: string): string[] {
  if (count === 0) return []
  const shown = unreadable.flatMap(({ line, problem }) => wrapText(`${nameLine(line, format)} ${problem}.`, INDENT))
  return [...wrapText(`Not understood: ${showCount(count, 'place')} of the recording.`, ''), ...shown]
}

function nameLine(line: number, format: string): string {
  return format === 'har' ? `Entry ${line}` : `Line ${line}`
}

function wordForeign(count: number): string {
  return `${showCount(count, 'request')} had a token that no login of this recording gave: sent as recorded, to both.`
}

function wordSummary({ sent, agreeing }: RehearsalReport): string {
  if (sent === 0) return 'Nothing was sent: no request of the recording could be.'
  return `${showCount(sent, 'request')} sent to both: ${agreeing} agree, ${sent - agreeing} differ.`
}

function adviseOn(stopped: string): string {
  if (!/ 429/.test(stopped)) return ''
  return 'Lift the limit for this address, or ask more slowly with --per-second. At a Latchkey for rehearsals, LATCHKEY_LIMITS=off does it.'
}
