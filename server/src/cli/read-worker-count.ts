import { UsageError } from './refusals.ts'

/** How many processes each core may get: more is a slip of the finger. */
const MOST_PER_CORE = 4

/**
 * How many processes are to serve. More than there are cores are slower and taken all the same, so that a server still
 * starts after its machine became smaller.
 *
 * @param text what was given with the option, if it was.
 * @throws {UsageError} when it is no number, or more than four for each core.
 */
export function readWorkerCount(text: string | undefined, { cores }: { cores: number }): number {
  if (text === undefined) return 1
  if (text === 'auto') return cores
  const count = /^\d{1,15}$/.test(text) ? Number(text) : 0
  if (count < 1) throw new UsageError('--workers takes a whole number from 1 on, or auto.')
  if (count <= MOST_PER_CORE * cores) return count
  throw new UsageError(
    `--workers may be ${MOST_PER_CORE * cores} at most, ${MOST_PER_CORE} for each core that this process may use: ` +
      'say auto for one on each core.',
  )
}
