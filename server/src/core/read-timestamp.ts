/** A date with a time or without, in any zone; without one it is UTC. As Python, PostgreSQL and JavaScript write them. */
const TEXT =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s?(?:Z|UTC|([+-])(\d\d):?(\d\d)?(?::?\d\d)?)?$/i
/** A number above this counts milliseconds, one below it seconds: in seconds it is the year 5138, in milliseconds 1973. */
const LARGEST_IN_SECONDS = 1e11
/** The last moment that JavaScript knows. */
const LATEST = 8.64e15

/**
 * Reads a moment as another program wrote it: a text, or a number of seconds or milliseconds since 1970.
 *
 * @returns milliseconds since 1970; `null` where there is none, or it cannot be told.
 */
export function readTimestamp(value: unknown): number | null {
  if (typeof value === 'number') return readNumber(value)
  if (typeof value !== 'string') return null
  const text = value.trim()
  if (/^-?\d{1,16}(\.\d+)?$/.test(text)) return readNumber(Number(text))
  const match = TEXT.exec(text)
  if (match === null) return null
  const [
    ,
    year,
    month,
    day,
    hour = '0',
    minute = '0',
    second = '0',
    fraction = '0',
    sign,
    zoneHour = '0',
    zoneMinute = '0',
  ] = match
  const date = { year: Number(year), month: Number(month), day: Number(day) }
  if (!isDay(date) || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return null
  const offset = (sign === '-' ? -1 : 1) * (Number(zoneHour) * 60 + Number(zoneMinute))
  const minutes = countDays(date) * 1440 + Number(hour) * 60 + Number(minute) - offset
  return (minutes * 60 + Number(second)) * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3))
}

function readNumber(value: number): number | null {
  const milliseconds = Math.floor(Math.abs(value) < LARGEST_IN_SECONDS ? value * 1000 : value)
  return Math.abs(milliseconds) <= LATEST ? milliseconds : null
}

type CalendarDay = { readonly year: number; readonly month: number; readonly day: number }

function isDay({ year, month, day }: CalendarDay): boolean {
  if (month < 1 || month > 12 || day < 1) return false
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const longest = month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31
  return day <= longest
}

/** Days since 1970-01-01 in the Gregorian calendar; years are counted from March, so that leap days come last. */
function countDays({ year, month, day }: CalendarDay): number {
  const shifted = month > 2 ? year : year - 1
  const monthFromMarch = (month + 9) % 12
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1
  const leaps = Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400)
  return shifted * 365 + leaps + dayOfYear - 719_468
}
