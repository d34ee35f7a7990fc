/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5)
}

/** The number that a share of the others is not above; between two of them, in proportion. */
export function quantile(numbers: readonly number[], share: number): number {
  if (numbers.length === 0) throw new Error('There is nothing to take a quantile of.')
  const sorted = numbers.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)] ?? 0
  const above = sorted[Math.ceil(place)] ?? 0
  return below + (above - below) * (place - Math.floor(place))
}
