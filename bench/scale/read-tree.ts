import { readdirSync, readFileSync } from 'node:fs'
import { readProcessorTime, readResidentMemory } from '../processes/read-process.ts'

/** The processor time that a process and all below it have used, in milliseconds; `null` where the system does not tell. */
export function readTreeTime(pid: number): number | null {
  const times = listTree(pid).map(readOrNothing(readProcessorTime))
  return process.platform === 'linux' ? times.reduce((sum: number, time) => sum + (time ?? 0), 0) : null
}

/** The memory that each of a process and those below it has in RAM, in MB of a million bytes. */
export function readTreeMemory(pid: number): readonly number[] {
  return listTree(pid).map(readResidentMemory)
}

/** A process and all that come from it; only itself where the system does not tell. */
function listTree(pid: number): readonly number[] {
  if (process.platform !== 'linux') return [pid]
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const status = readOrNothing((one: number) => readFileSync(`/proc/${one}/stat`, 'utf8'))(Number(name))
    // Field 4 of proc_pid_stat(5); the name before it may hold spaces.
    if (status !== null) parents.set(Number(name), Number(status.split(') ').at(-1)?.split(' ')[1]))
  }
  const tree = [pid]
  for (const one of tree) tree.push(...[...parents].flatMap(([child, parent]) => (parent === one ? [child] : [])))
  return tree
}

/** A process may end between being listed and being read. */
function readOrNothing<Result>(read: (pid: number) => Result): (pid: number) => Result | null {
  return (pid) => {
    try {
      return read(pid)
    } catch {
      return null
    }
  }
}
