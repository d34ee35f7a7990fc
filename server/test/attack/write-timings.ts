import type { LegacyTiming } from './scenarios/legacy-timing.ts'
import type { Timing } from './scenarios/timing.ts'
import { writeTable } from './write-outcomes.ts'

const TITLES = ['a failing login', 'median', 'against', 'ratio', 'AUC', 'verdict']
const SPREAD_TITLES = ['failing logins', 'median', 'against', 'AUC', 'farthest', 'verdict']

/** Every measure of what the clock tells, as tables; one that was out of bounds is not hidden by the next. */
export function writeTimings(timings: readonly Timing[]): string {
  return timings
    .flatMap(({ rows, measure }) => {
      const heading = writeHeading('timing', { measure, isLast: measure === timings.length })
      const cells = rows.map(({ words, median, comparedWith, ratio, auc, isKept }) => [
        words,
        `${median.toFixed(2)} ms`,
        `${comparedWith.toFixed(2)} ms`,
        ratio.toFixed(3),
        auc.toFixed(3),
        isKept ? 'kept' : 'BROKEN',
      ])
      return [heading, '', ...writeTable(TITLES, cells), '']
    })
    .join('\n')
}

/** The same of the measures among hashes of other back ends. */
export function writeLegacyTimings(timings: readonly LegacyTiming[]): string {
  return timings
    .flatMap(({ rows, measure }) => {
      const heading = writeHeading('legacy-timing', { measure, isLast: measure === timings.length })
      const cells = rows.map(({ words, median, comparedWith, auc, distance, isKept }) => [
        words,
        `${median.toFixed(2)} ms`,
        `${comparedWith.toFixed(2)} ms`,
        auc.toFixed(3),
        distance.toFixed(3),
        isKept ? 'kept' : 'BROKEN',
      ])
      return [heading, '', ...writeTable(SPREAD_TITLES, cells), '']
    })
    .join('\n')
}

function writeHeading(name: string, { measure, isLast }: { measure: number; isLast: boolean }): string {
  return `${name}, measure ${measure}${isLast ? '' : ': out of bounds, measured again'}`
}
