import { closeSync, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs'
import { quoteForShell } from './quote-for-shell.ts'
import type { Reading } from './setting.ts'

const MAX_BYTES = 4096

/** Whether group or others can read or write a file. Windows has no such modes. */
export function isOpenToOthers({ mode }: Pick<Stats, 'mode'>): boolean {
  return process.platform !== 'win32' && (mode & 0o066) !== 0
}

/**
 * Whether others than those whom root chose can get at a secret's file. What root owns and a group may only read was
 * handed out so: Kubernetes gives a pod's secrets to its `fsGroup`, and systemd's access lists show as that mode. It is
 * PostgreSQL's rule for its keys. Root itself can own a file alone, and must.
 *
 * @param user the numeric id of whoever asks; `undefined` where there are none.
 */
export function isSecretOpen(
  { mode, uid }: Pick<Stats, 'mode' | 'uid'>,
  user: number | undefined = process.geteuid?.(),
): boolean {
  const isHandedOut = uid === 0 && user !== 0 && (mode & 0o037) === 0
  return !isHandedOut && isOpenToOthers({ mode })
}

/**
 * Reads what a file holds on its only line. The file must be its owner's alone, or root's and handed out to a group.
 * Problems are sentences.
 */
export function readSecretFile(path: string): Reading<string> {
  const where = quoteForShell(path)
  let handle: number | null = null
  try {
    if (!statSync(path).isFile()) return { problems: [`${where} is not a file.`] }
    handle = openSync(path, 'r')
    const facts = fstatSync(handle)
    if (isSecretOpen(facts)) return { problems: [`others can read or write ${where}. Run: chmod 600 ${where}`] }
    if (facts.size > MAX_BYTES) return { problems: [`${where} has more than ${MAX_BYTES} bytes: that is no secret.`] }
    return { value: readFileSync(handle, 'utf8').replace(/\r?\n$/, '') }
  } catch (error) {
    return { problems: [`${where} cannot be read (${describe(error)}).`] }
  } finally {
    if (handle !== null) closeSync(handle)
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}
