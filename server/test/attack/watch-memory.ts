import { readResidentMemory } from '../../../bench/processes/read-process.ts'
import type { Memory } from './outcome.ts'

/** How often memory is read, in milliseconds. */
const EVERY = 100

/** The memory that a process has in RAM, in MB; not a number, and so within no bound, once it has ended. */
export function readMemory(pid: number): number {
  try {
    return readResidentMemory(pid)
  } catch {
    return Number.NaN
  }
}

/** Reads a process's memory from now on, until it is stopped. */
export function watchMemory(pid: number): { stop(): Memory } {
  const before = readMemory(pid)
  let peak = before
  const looking = setInterval(() => {
    peak = Math.max(peak, readMemory(pid))
  }, EVERY)
  return {
    stop() {
      clearInterval(looking)
      return { before, peak, after: readMemory(pid) }
    },
  }
}
