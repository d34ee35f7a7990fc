import type { Reading } from './setting.ts'

/** A date and a time; a zone must stand there, for whoever wrote it may live in another than the server. */
const MOMENT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/i

/** Reads a moment as people write it, in milliseconds since 1970. */
export function readMoment(text: string): Reading<number> {
  const date = Date.parse(`${text.slice(0, 10)}T00:00Z`)
  // What parses dates takes the 30th of February for the 2nd of March.
  const isDay = !Number.isNaN(date) && new Date(date).toISOString().startsWith(text.slice(0, 10))
  const value = MOMENT.test(text) && isDay ? Date.parse(text.replace(' ', 'T')) : Number.NaN
  if (!Number.isNaN(value)) return { value }
  return { problems: ['must be a date and a time with its zone, such as 2026-11-20T18:00Z or 2026-11-20T19:00+01:00.'] }
}
