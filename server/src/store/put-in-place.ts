import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'

/** What a file system without hard links answers. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']

/** Waits until a file's content is on the disk. */
export function syncFile(path: string): void {
  syncHandle(path, 'r+')
}

/** Waits until the names in a directory are on the disk. */
export function syncDirectory(path: string): void {
  // Windows has no such thing.
  if (process.platform !== 'win32') syncHandle(path, 'r')
}

/**
 * Gives a finished file a name that nothing has yet. Nobody ever sees the name with half a file under it.
 *
 * @throws {Error} with the code EEXIST when the name was taken meanwhile.
 */
export function claimName(draft: string, path: string): void {
  if (tryLink(draft, path)) rmSync(draft)
  else {
    if (existsSync(path)) throw Object.assign(new Error(`${path} is there already.`), { code: 'EEXIST' })
    renameSync(draft, path)
  }
  syncDirectory(dirname(path))
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

function syncHandle(path: string, flags: string): void {
  const handle = openSync(path, flags)
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
