import { median } from '../../../bench/tools/statistics.ts'

/** How one kind of answer compares with another. */
export type TimeRow = {
  readonly words: string
  readonly median: number
  readonly comparedWith: number
  /** The medians, one by the other. */
  readonly ratio: number
  /** How often an answer of this kind takes longer than one of the other, of all pairs; 0.5 tells nothing. */
  readonly auc: number
  readonly isKept: boolean
}

/** Compares times with others: medians within 5 %, and the area under the curve from 0.45 to 0.55. */
export function compareTimes(words: string, times: readonly number[], others: readonly number[]): TimeRow {
  const ratio = median(times) / median(others)
  const auc = areaUnderCurve(times, others)
  const isKept = Math.abs(ratio - 1) <= 0.05 && auc >= 0.45 && auc <= 0.55
  return { words, median: median(times), comparedWith: median(others), ratio, auc, isKept }
}

/** How the times of one crowd of names compare with those of another, where the times of either are of several kinds. */
export type SpreadRow = Omit<TimeRow, 'ratio'> & {
  /** The most by which the shares of those who were answered within some time differ: 0 where they are spread alike. */
  readonly distance: number
}

/** Compares spreads of times: the area under the curve from 0.45 to 0.55, and shares never more than 0.1 apart. */
export function compareSpreads(words: string, times: readonly number[], others: readonly number[]): SpreadRow {
  const auc = areaUnderCurve(times, others)
  const distance = farthest(times, others)
  const isKept = auc >= 0.45 && auc <= 0.55 && distance <= 0.1
  return { words, median: median(times), comparedWith: median(others), auc, distance, isKept }
}

function farthest(times: readonly number[], others: readonly number[]): number {
  const shareWithin = (list: readonly number[], bound: number) =>
    list.filter((time) => time <= bound).length / list.length
  return Math.max(
    ...[...times, ...others].map((bound) => Math.abs(shareWithin(times, bound) - shareWithin(others, bound))),
  )
}

/** The chance that one of `times` is longer than one of `others`; ties count half. */
function areaUnderCurve(times: readonly number[], others: readonly number[]): number {
  const longer = times.reduce(
    (sum, time) => sum + others.reduce((wins, other) => wins + (time > other ? 1 : time === other ? 0.5 : 0), 0),
    0,
  )
  return longer / (times.length * others.length)
}
