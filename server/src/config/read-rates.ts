import type { Rate } from './config.ts'
import type { Reading } from './setting.ts'

const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 } as const

/** Counters that nothing has touched for two days are removed: a window must be well within that. */
const LONGEST = UNITS.d
const SHORTEST = UNITS.s
/** How many windows a list may have: each is a row for every client, written at every attempt. */
const MOST_WINDOWS = 4

const FORM = 'must be written as COUNT/TIME, such as 10/5m; units are s, m, h and d.'

/** Reads `10/5m`: so many in so long a time. */
export function readRate(text: string, { max }: { max: number }): Reading<Rate> {
  const [, countText = '', lengthText = '', unit = ''] = /^(\d{1,9})\/(\d{0,6})([smhd])$/.exec(text.trim()) ?? []
  const scale = Object.entries(UNITS).find(([name]) => name === unit)?.[1]
  if (scale === undefined) return { problems: [FORM] }
  const limit = Number(countText)
  const window = (lengthText === '' ? 1 : Number(lengthText)) * scale
  const problems = [
    ...(limit >= 1 && limit <= max ? [] : [`needs a count from 1 to ${max}.`]),
    ...(window >= SHORTEST && window <= LONGEST ? [] : ['needs a time from 1s to 1d.']),
  ]
  return problems.length === 0 ? { value: { limit, window } } : { problems }
}

/** Reads `60/5m,300/1h`: several that all hold. */
export function readRates(text: string, bounds: { max: number }): Reading<readonly Rate[]> {
  const entries = text.split(',').filter((entry) => entry.trim() !== '')
  if (entries.length === 0 || entries.length > MOST_WINDOWS) {
    return { problems: [`must have one to ${MOST_WINDOWS} entries, such as 60/5m,300/1h.`] }
  }
  const readings = entries.map((entry) => readRate(entry, bounds))
  const problems = readings.flatMap((reading, index) =>
    'value' in reading ? [] : reading.problems.map((words) => `(entry ${index + 1} of ${entries.length}) ${words}`),
  )
  const rates = readings.flatMap((reading) => ('value' in reading ? [reading.value] : []))
  if (new Set(rates.map(({ window }) => window)).size < rates.length) {
    problems.push('has two entries for the same time: keep the smaller one.')
  }
  return problems.length === 0 ? { value: rates } : { problems }
}

/** Writes a rate as `readRate` reads it. */
export function writeRate({ limit, window }: Rate): string {
  const [name, scale] = Object.entries(UNITS).find(([, unit]) => window % unit === 0) ?? ['s', UNITS.s]
  return `${limit}/${window / scale}${name}`
}
