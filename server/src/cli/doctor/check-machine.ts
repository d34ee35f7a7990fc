import { statSync } from 'node:fs'
import type { Config } from '../../config/config.ts'
import { findDatabaseFile } from '../../config/read-database-url.ts'
import type { Finding } from './finding.ts'

/** No clock that is right can be before this. */
const RELEASED = Date.UTC(2026, 0, 1)
const CENTURY_END = Date.UTC(2100, 0, 1)
const TOLERANCE = 60_000

/** Looks at the clock: a wrong one ends tokens early, or never. */
export function checkClock(config: Config, now: number): Finding {
  const shown = new Date(now).toISOString()
  if (now < RELEASED || now > CENTURY_END) {
    return { about: 'clock', level: 'FAIL', says: `it is set to ${shown}: set it right, and keep it so with NTP` }
  }
  const file = findDatabaseFile(config)
  const lastWrite = file === null ? undefined : statSync(file, { throwIfNoEntry: false })?.mtimeMs
  if (lastWrite === undefined || lastWrite <= now + TOLERANCE) return { about: 'clock', level: 'ok', says: shown }
  const behind = Math.round((lastWrite - now) / 1000)
  const says = `it is ${behind} seconds behind the database’s last write: set it right, and keep it so with NTP`
  return { about: 'clock', level: 'FAIL', says }
}
