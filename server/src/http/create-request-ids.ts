import { randomBytes } from 'node:crypto'

/**
 * Makes names for requests that no other process has and none had before: 48 random bits of this process, and a count.
 * The log and the audit log tell of a request under this name; no client chooses it.
 */
export function createRequestIds(): () => string {
  const prefix = randomBytes(6).toString('hex')
  let count = 0
  return () => `${prefix}-${(++count).toString(36)}`
}
