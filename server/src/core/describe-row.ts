import type { ImportRow } from './prepare-rows.ts'

/** What nobody should find in a list of rows that were left behind. */
const SECRETS = new Set(['password', 'salt', 'key', 'token', 'digest', 'token_key', 'jti'])

/** How much is shown of a text, and how long a rejected row may be, in code units: what is longer is nobody's name. */
const LONGEST_TEXT = 1000
const LONGEST_ROW = 16_384

/** What an operator knows an account by. */
export function describeFields(fields: Readonly<Record<string, unknown>>): string {
  for (const field of ['email', 'username', 'id', 'user']) {
    const value = fields[field]
    if ((typeof value === 'string' && value !== '') || typeof value === 'number') return shorten(String(value))
  }
  return 'without a name'
}

/** A rejected row as a line of JSON, without its password or any other secret; texts that are too long for any name are cut. */
export function writeReject(row: ImportRow, { reason, what }: { reason: string; what: string }): string {
  const { line } = row
  if ('problem' in row) return `${JSON.stringify({ line, reason, problem: row.problem })}\n`
  const whole = JSON.stringify({ line, reason, what, row: withoutSecrets(row.fields) }, writeValue)
  return `${whole.length > LONGEST_ROW ? JSON.stringify({ line, reason, what }) : whole}\n`
}

function withoutSecrets(fields: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(Object.entries(fields).filter(([field]) => !SECRETS.has(field)))
}

function writeValue(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  return typeof value === 'string' ? shorten(value) : value
}

function shorten(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text
}
