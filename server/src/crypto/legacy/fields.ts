/** The fields of an object out of somebody's export: what is not there, or is inherited, is `undefined`. */
export type Fields = (name: string) => unknown

/** Reads an object's own fields by their names; `null` for what is none. */
export function readFields(value: unknown): Fields | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const fields = new Map<string, unknown>(Object.entries(value))
  return (name) => fields.get(name)
}

/** The same for an object that may be written as JSON inside a text. */
export function readJsonFields(value: unknown): Fields | null {
  if (typeof value !== 'string') return readFields(value)
  try {
    return readFields(JSON.parse(value))
  } catch {
    return null
  }
}

/** A whole number that may be written as text. */
export function readNumber(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null
}
