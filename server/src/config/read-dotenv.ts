import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { ConfigError } from './config-error.ts'
import { quoteForShell } from './quote-for-shell.ts'
import { isOpenToOthers } from './read-secret-file.ts'

/** What a `.env` file says. */
export type Dotenv = {
  readonly path: string
  readonly values: Readonly<Record<string, string | undefined>>
  /** Whether group or others can read or write it: then no secret may stand in it. */
  readonly isOpenToOthers: boolean
}

/**
 * Reads `.env` in a directory; one that is not there says nothing.
 *
 * @throws {ConfigError} when there is one and it cannot be read.
 */
export function readDotenv(directory: string): Dotenv {
  const path = join(directory, '.env')
  const facts = statSync(path, { throwIfNoEntry: false })
  if (facts === undefined || facts.isDirectory()) return { path, values: {}, isOpenToOthers: false }
  try {
    const values = parseEnv(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''))
    return { path, values, isOpenToOthers: isOpenToOthers(facts) }
  } catch (cause) {
    throw new ConfigError([`${quoteForShell(path)} cannot be read: make it readable for this user, or remove it.`], {
      cause,
    })
  }
}
