import type { Timing } from './scenarios/timing.ts'
import { writeTable } from './write-outcomes.ts'

const TITLES = ['a failing login', 'median', 'against', 'ratio', 'AUC', 'verdict']

/** Every measure of what the clock tells, as tables; one that was out of bounds is not hidden by the next. */
export function writeTimings(timings: readonly Timing[]): string {
  return timings
    .flatMap(({ rows, measure }) => {
      const isLast = measure === timings.length
      const heading = isLast
        ? `timing, measure ${measure}`
        : `timing, measure ${measure}: out of bounds, measured again`
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
