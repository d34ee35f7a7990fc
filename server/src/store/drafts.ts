import { readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** What SQLite may leave beside a database. */
export const COMPANIONS = ['-wal', '-shm', '-journal'] as const

/** The name of an unfinished file beside the one that it is to become; it tells which process is at work on it. */
export function nameDraft(path: string): string {
  return `${path}.${process.pid}.draft`
}

/** Removes a draft and what SQLite left beside it, if they are there. */
export function removeDraft(draft: string): void {
  for (const suffix of ['', ...COMPANIONS]) rmSync(`${draft}${suffix}`, { force: true })
}

/** Removes the drafts of a file whose processes are gone, and gives their names. */
export function sweepDrafts(path: string): readonly string[] {
  const beginning = `${basename(path)}.`
  const left = new Set<string>()
  for (const name of readdirSync(dirname(path))) {
    const found = name.startsWith(beginning)
      ? /^(?<pid>\d+)\.draft(?:-wal|-shm|-journal)?$/.exec(name.slice(beginning.length))
      : null
    const pid = found?.groups?.pid
    if (pid !== undefined && !isAtWork(Number(pid))) left.add(join(dirname(path), `${beginning}${pid}.draft`))
  }
  for (const draft of left) removeDraft(draft)
  return [...left]
}

/** A draft with our own number is of a process before us: a container's first is always number 1. */
function isAtWork(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
