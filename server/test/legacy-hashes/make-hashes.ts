import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { meetNeed, NEEDS } from '../kit/needs.ts'

/** A hash, and who made it of which password. */
export type MadeHash = {
  readonly made_by: string
  readonly kind: string
  readonly password: string
  readonly hash: string
}

const SCRIPT = fileURLToPath(new URL('make-hashes.py', import.meta.url))

/**
 * Has passwords hashed by the real libraries.
 *
 * @param costs `usual` for what each takes by itself, `low` for quick tests.
 */
export async function makeHashes(passwords: readonly string[], costs: 'usual' | 'low'): Promise<readonly MadeHash[]> {
  const env = { PATH: process.env.PATH, PYTHONUTF8: '1', ASKED: JSON.stringify({ passwords, costs }) }
  const options = { env, timeout: 300_000, maxBuffer: 2 ** 24 }
  const { stdout } = await promisify(execFile)(meetNeed(NEEDS.hashLibraries), [SCRIPT], options)
  return JSON.parse(stdout)
}
