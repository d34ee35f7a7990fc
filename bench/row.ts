/** What a measured figure should reach. The other kind is for information only. */
export type Reach = { readonly atLeast: number } | { readonly below: number } | null

/** One line of the table. */
export type Row = {
  readonly measure: string
  /** The figure itself, with its unit: it belongs to this machine and this hour. */
  readonly value: string
  /** The figure by what it was measured against in the same run, or `null`. */
  readonly ratio: number | null
  /** What it was measured against. */
  readonly against: string
  /** What is judged, where it is not the ratio: in the unit of `reach`. */
  readonly judged?: number
  readonly reach: Reach
  /** The reach in words. */
  readonly reachInWords: string
  /** Every round, as it was measured. */
  readonly rounds: readonly Readonly<Record<string, number>>[]
}

/** Whether a row reaches what it should. Being below is a finding, not an error. */
export function judge({ judged, ratio, reach }: Row): 'reached' | 'below' | 'for information' {
  const figure = judged ?? ratio
  if (reach === null || figure === null) return 'for information'
  const isReached = 'atLeast' in reach ? figure >= reach.atLeast : figure < reach.below
  return isReached ? 'reached' : 'below'
}
