import { UsageError } from './refusals.ts'

/**
 * How many processes are to serve.
 *
 * @param text what was given with the option, if it was.
 * @throws {UsageError} when it is no number, or there would be more processes than cores.
 */
export function readWorkerCount(text: string | undefined, { cores }: { cores: number }): number {
  if (text === undefined) return 1
  if (text === 'auto') return cores
  const count = /^\d{1,15}$/.test(text) ? Number(text) : 0
  if (count < 1) throw new UsageError('--workers takes a whole number from 1 on, or auto.')
  if (count <= cores) return count
  throw new UsageError(
    `--workers may be ${cores} at most, one for each core that this process may use: more would hash more passwords ` +
      'at once than there are cores, each of them slower.',
  )
}
