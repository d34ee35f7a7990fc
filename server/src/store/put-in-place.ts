import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'

/** What a file system without hard links answers. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']

/** Waits until a file's content is on the disk. */
export function syncFile(path: string): void {
  syncHandle(path, 'r+')
}

/**
 * Gives a finished file a name, in place of what has it now, and waits until that is on the disk.
 *
 * @throws {Error} the system's when the name was not given; one sentence for the operator when it was, but may be lost.
 */
export function takeName(draft: string, path: string): void {
  renameSync(draft, path)
  confirmName(path)
}

/**
 * Gives a finished file a name that nothing has yet. Nobody ever sees the name with half a file under it.
 *
 * @throws {Error} with the code EEXIST when the name was taken meanwhile; otherwise as `takeName`.
 */
export function claimName(draft: string, path: string): void {
  if (tryLink(draft, path)) {
    rmSync(draft)
    confirmName(path)
  } else claimWithoutLinks(draft, path)
}

/**
 * What `claimName` does where a file can have one name only: an empty file takes the name, which one alone can do, and
 * gives it to the finished file in one step.
 */
export function claimWithoutLinks(draft: string, path: string): void {
  closeSync(openSync(path, 'wx', 0o600))
  try {
    renameSync(draft, path)
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  }
  confirmName(path)
}

/** Gives a file a second name; says whether the file system knows such a thing. */
export function tryLink(path: string, second: string): boolean {
  try {
    linkSync(path, second)
    return true
  } catch (error) {
    if (NO_LINKS.includes(codeOf(error))) return false
    throw error
  }
}

/** The system's code of an error, or nothing. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** Waits until the names in a file's directory are on the disk. What was done until now is done, and must be told. */
function confirmName(path: string): void {
  // Windows has no such thing.
  if (process.platform === 'win32') return
  try {
    syncHandle(dirname(path), 'r')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(
      `${path} is the new file now, but the disk did not confirm that it stays (${reason}): look to the disk, and do it again.`,
      { cause },
    )
  }
}

function syncHandle(path: string, flags: string): void {
  const handle = openSync(path, flags)
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
