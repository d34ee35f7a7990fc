import type { Outcome, Verdict } from '../proving/conform.ts'
import { makePrintable, showCount } from './print.ts'
import { shorten, wrapBeside, wrapText } from './wrap-text.ts'

/** What results are called in the table. */
const RESULTS: Readonly<Record<Outcome['result'], string>> = {
  agrees: 'agrees',
  explained: 'known',
  differs: 'DIFFERS',
  untried: 'not tried',
}

/** How a case is marked whose promise is not the document's. */
const KINDS: Readonly<Record<Outcome['case']['kind'], string>> = {
  document: 'document',
  contract: 'contract',
  companion: 'contract',
  manner: 'framework',
}

const COLUMNS = { result: 11, kind: 11 }
const INDENT = '  '
/** How much of one value is shown. */
const MOST = 400

/** How often each result came. */
export function countResults({ outcomes }: Verdict): Record<'agree' | 'known' | 'differ' | 'not_tried', number> {
  const count = (result: Outcome['result']) => outcomes.filter((outcome) => outcome.result === result).length
  return { agree: count('agrees'), known: count('explained'), differ: count('differs'), not_tried: count('untried') }
}

/** The table of a trial, then every difference in full, and how it stands at the end, where a terminal shows it. */
export function writeConformity(
  verdict: Verdict,
  { url, contract, digits }: { readonly url: string; readonly contract: string; readonly digits: string },
): string[] {
  const { outcomes, stopped } = verdict
  return [
    ...wrapText(`${url} as ${contract}`, ''),
    '',
    ...writeTable(outcomes),
    ...writeSection('Not tried:', outcomes, 'untried'),
    ...writeSection('Known differences:', outcomes, 'explained'),
    ...writeSection('Differences:', outcomes, 'differs'),
    '',
    ...writeSummary(verdict),
    ...(stopped === null ? [] : wrapText(`It ended early: ${stopped}. ${adviseOn(stopped)}`, '')),
    ...wrapText(`Every account that it made has ${digits} in its name.`, ''),
  ]
}

function writeTable(outcomes: readonly Outcome[]): string[] {
  const width = COLUMNS.result + COLUMNS.kind
  const rows = outcomes.flatMap(({ case: tried, result }) => {
    const label = RESULTS[result].padEnd(COLUMNS.result) + KINDS[tried.kind]
    return wrapBeside(label, tried.name, { width, indent: '' })
  })
  return [`${'RESULT'.padEnd(COLUMNS.result)}${'PROMISE'.padEnd(COLUMNS.kind)}CASE`, ...rows]
}

/** The cases with one result, put together by why they have it. */
function writeSection(heading: string, outcomes: readonly Outcome[], result: Outcome['result']): string[] {
  const reasons = Map.groupBy(
    outcomes.filter((outcome) => outcome.result === result),
    ({ reason }) => reason ?? '',
  )
  if (reasons.size === 0) return []
  const parts = [...reasons].flatMap(([reason, own]) => [
    ...(reason === '' ? [] : ['', ...wrapText(`${reason.slice(0, 1).toUpperCase()}${reason.slice(1)}`, INDENT)]),
    ...own.flatMap((outcome) => [...(reason === '' ? [''] : []), ...writeCase(outcome)]),
  ])
  return ['', heading, ...parts]
}

function writeCase({ case: tried, differences }: Outcome): string[] {
  const deeper = INDENT.repeat(3)
  const values = differences.flatMap(({ at, expected, got }) => [
    ...wrapText(at, deeper),
    ...wrapBeside('promised', shorten(expected, MOST), { width: 10, indent: `${deeper}${INDENT}` }),
    ...wrapBeside('came', shorten(got, MOST), { width: 10, indent: `${deeper}${INDENT}` }),
  ])
  const request = differences.length === 0 ? '' : ` (${tried.request.method} ${tried.request.path})`
  return [...wrapBeside('-', `${tried.name}${request}`, { width: 2, indent: INDENT.repeat(2) }), ...values]
}

function writeSummary(verdict: Verdict): string[] {
  const { agree, known, differ, not_tried } = countResults(verdict)
  const total = showCount(verdict.outcomes.length, 'case')
  const words = `${total}: ${agree} agree, ${known} differ for a known reason, ${differ} differ, ${not_tried} not tried.`
  return wrapText(makePrintable(words), '')
}

function adviseOn(stopped: string): string {
  if (!/ 429/.test(stopped)) return 'Once it answers again, run this again.'
  return 'Lift the limit for this address, name the header that lifts it with --header, or ask more slowly with --per-second; then run this again. At a Latchkey for rehearsals, LATCHKEY_LIMITS=off does it.'
}
