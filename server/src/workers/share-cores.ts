/**
 * Divides cores among processes, none of which may be without: the shares add up to the cores, so that all processes
 * together hash as many passwords at once as one alone would.
 *
 * @param count from 1 to `cores`.
 */
export function shareCores(cores: number, count: number): readonly number[] {
  const least = Math.floor(cores / count)
  return Array.from({ length: count }, (_, index) => least + (index < cores % count ? 1 : 0))
}
