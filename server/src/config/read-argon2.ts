import type { Argon2Parameters } from './config.ts'
import type { Reading } from './setting.ts'

/** The floor is OWASP's; the ceiling is what Latchkey would verify in an imported hash, so that its own stay portable. */
const BOUNDS = {
  m: { min: 19_456, max: 262_144, is: 'memory in KiB' },
  t: { min: 2, max: 10, is: 'passes' },
  p: { min: 1, max: 16, is: 'lanes' },
} as const

/** Reads `m=19456,t=2,p=1`: the three in any order. Less than the floor is refused. */
export function readArgon2(text: string): Reading<Argon2Parameters> {
  const given = new Map(text.split(',').map((part): [string, string] => split(part)))
  const isWhole =
    given.size === 3 && text.split(',').length === 3 && [...given.values()].every((n) => /^\d{1,9}$/.test(n))
  if (!isWhole || !['m', 't', 'p'].every((name) => given.has(name))) {
    return { problems: ['must be written as m=19456,t=2,p=1: memory in KiB, passes, lanes.'] }
  }
  const problems = Object.entries(BOUNDS).flatMap(([name, { min, max, is }]) => {
    const value = Number(given.get(name))
    return value >= min && value <= max ? [] : [`needs ${name} (${is}) from ${min} to ${max}.`]
  })
  if (problems.length > 0) return { problems }
  return { value: { memory: Number(given.get('m')), passes: Number(given.get('t')), lanes: Number(given.get('p')) } }
}

/** Writes parameters as `readArgon2` reads them. */
export function writeArgon2({ memory, passes, lanes }: Argon2Parameters): string {
  return `m=${memory},t=${passes},p=${lanes}`
}

function split(part: string): [string, string] {
  const [name = '', value = '', ...rest] = part.trim().split('=')
  return [name, rest.length === 0 ? value : '']
}
