/** The candidate that somebody who typed `text` most likely meant, or `null` when none is near. */
export function findNearest(text: string, candidates: readonly string[]): string | null {
  const typed = text.toLowerCase()
  let nearest: string | null = null
  let least = Math.max(2, Math.floor(text.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = countEdits(typed, candidate.toLowerCase())
    if (distance < least) {
      least = distance
      nearest = candidate
    }
  }
  return nearest
}

/** Levenshtein's distance: how many characters must be added, removed or changed. */
function countEdits(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const change = from[row - 1] === to[column - 1] ? 0 : 1
      current.push(
        Math.min((previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (previous[column - 1] ?? 0) + change),
      )
    }
    previous = current
  }
  return previous[to.length] ?? 0
}
