import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { Config } from './config.ts'
import { ConfigError } from './config-error.ts'
import { findSecretWeakness } from './find-secret-weakness.ts'
import { quoteForShell } from './quote-for-shell.ts'
import { findDatabaseFile } from './read-database-url.ts'
import { readSecretFile } from './read-secret-file.ts'
import type { Reading } from './setting.ts'

/** Where the secret is kept when none is given: beside the database; `null` when it is given, or nothing is kept. */
export function findMadeSecretFile(config: Pick<Config, 'databaseUrl' | 'secret'>): string | null {
  const databaseFile = findDatabaseFile(config)
  return config.secret !== null || databaseFile === null ? null : `${databaseFile}.secret`
}

/**
 * The secret in force: the configured one, or one made at first start and kept beside the database for its owner alone.
 * Of processes that start at once one makes it and all get the same. A database in memory gets one for this call only.
 *
 * @param options.mayMake false where a database is sealed under a secret already: a new one would open nothing.
 * @throws {ConfigError} when the kept file is missing, cannot be used, or is open to others.
 */
export function ensureSecret(
  config: Pick<Config, 'databaseUrl' | 'secret'>,
  { mayMake = true }: { mayMake?: boolean } = {},
): string {
  if (config.secret !== null) return config.secret
  const path = findMadeSecretFile(config)
  if (path === null) return makeSecret()
  if (!existsSync(path)) {
    if (!mayMake)
      throw new ConfigError([`${path} is missing, and the database is sealed under what it held: put it back.`])
    keepSecret(path, makeSecret())
  }
  awaitSecret(path)
  const reading = readMadeSecret(path)
  if ('value' in reading) return reading.value
  throw new ConfigError(reading.problems.map((problem) => `The secret kept beside the database: ${problem}`))
}

/** The secret in force without making one: `null` where none is given and none has been made, or it cannot be used. */
export function findSecret(config: Pick<Config, 'databaseUrl' | 'secret'>): string | null {
  if (config.secret !== null) return config.secret
  const path = findMadeSecretFile(config)
  if (path === null || !existsSync(path)) return null
  const reading = readMadeSecret(path)
  return 'value' in reading ? reading.value : null
}

/** What the file beside the database holds, if it is still a secret. Problems are sentences. */
export function readMadeSecret(path: string): Reading<string> {
  const reading = readSecretFile(path)
  if ('problems' in reading) return reading
  const weakness = findSecretWeakness(reading.value)
  return weakness === null ? reading : { problems: [`the secret in ${quoteForShell(path)} ${weakness}`] }
}

/** 384 random bits. */
function makeSecret(): string {
  return randomBytes(48).toString('base64url')
}

/**
 * Puts a complete file in place, or leaves the one that another process has put there meanwhile. The name must never
 * show half a secret, so it is given to a finished, synced file; losing it in a power cut would lose the signing keys.
 */
function keepSecret(path: string, secret: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`
  try {
    const handle = openSync(draft, 'wx', 0o600)
    try {
      writeSync(handle, `${secret}\n`)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    claimName(draft, path)
    syncDirectory(dirname(path))
  } finally {
    rmSync(draft, { force: true })
  }
}

/** How long whoever makes a secret may take between claiming its name and giving it, in milliseconds. */
const LONGEST_CLAIM = 1000

/** Where names cannot be given in one step (see `claimName`), an empty file tells that somebody is about to. */
function awaitSecret(path: string): void {
  const deadline = performance.now() + LONGEST_CLAIM
  while (statSync(path, { throwIfNoEntry: false })?.size === 0 && performance.now() < deadline) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
  }
}

/** The store has the same for its files; the settings stand by themselves, and read what they need without it. */
function claimName(draft: string, path: string): void {
  try {
    linkSync(draft, path)
  } catch (error) {
    if (hasCode(error, ['EEXIST'])) return
    // Some network and container file systems have no hard links.
    if (!hasCode(error, ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])) throw error
    claimWithoutLinks(draft, path)
  }
}

/**
 * An empty file takes the name, which one alone can do, and gives it to the finished file in one step.
 *
 * @returns whether it was this one that took it.
 */
export function claimWithoutLinks(draft: string, path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (hasCode(error, ['EEXIST'])) return false
    throw error
  }
  try {
    renameSync(draft, path)
    return true
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  }
}

function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(directory, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function hasCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
}
