/**
 * Divides cores among processes, none of which may be without: where there are enough, the shares add up to the cores, so
 * that all processes together hash as many passwords at once as one alone would.
 *
 * @param count from 1 on.
 */
export function shareCores(cores: number, count: number): readonly number[] {
  const least = Math.floor(cores / count)
  return Array.from({ length: count }, (_, index) => Math.max(1, least + (index < cores % count ? 1 : 0)))
}

/** How many threads libuv needs in a process with so many cores: one for each hash, and some over for files and names. */
export function countThreads(cores: number): number {
  return Math.max(4, cores + 2)
}
