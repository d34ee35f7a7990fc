import { UsageError } from './refusals.ts'

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }
/** A date, or a date and time; without a zone it is UTC, as the times are that commands show. */
const DATE = /^\d{4}-\d\d-\d\d(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?)?$/i

/**
 * Reads a time: `2026-11-21`, `2026-11-21T14:30Z`, or how long ago, such as `90s`, `30m`, `2h`, `7d`, `2w`.
 *
 * @returns milliseconds since 1970.
 * @throws {UsageError}
 */
export function readTime(text: string, { name, now }: { name: string; now: number }): number {
  const length = readLength(text)
  if (length !== null) return now - length
  const [, time, zone] = DATE.exec(text) ?? []
  const iso = text.replace(' ', 'T') + (time !== undefined && zone === undefined ? 'Z' : '')
  const at = DATE.test(text) && isDay(text.slice(0, 10)) ? Date.parse(iso) : Number.NaN
  if (!Number.isNaN(at)) return at
  throw new UsageError(`--${name} takes a time like 2026-11-21, 2026-11-21T14:30Z, or 2h or 7d for how long ago.`)
}

/** Reads how long something takes, such as `90s`, `30m` or `2h`, in milliseconds; `null` where it is none. */
export function readLength(text: string): number | null {
  const [, count = '', unit = ''] = /^(\d{1,9})([smhdw])$/i.exec(text) ?? []
  const length = UNITS[unit.toLowerCase()]
  return length === undefined ? null : Number(count) * length
}

/** Whether the calendar has it: what parses dates takes the 30th of February for the 2nd of March. */
function isDay(date: string): boolean {
  const at = Date.parse(date)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date)
}
