import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The memory that a process has in RAM, in MB of a million bytes. */
export function readResidentMemory(pid: number): number {
  return (readKibibytes(pid) * 1024) / 1e6
}

function readKibibytes(pid: number): number {
  if (process.platform === 'linux') {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  }
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }))
}

/** The processor time that a process has used, in milliseconds, or `null` where the system does not tell. */
export function readProcessorTime(pid: number): number | null {
  if (process.platform !== 'linux') return null
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  // Fields 14 and 15 of proc_pid_stat(5), in hundredths of a second.
  return (Number(fields[11]) + Number(fields[12])) * 10
}
