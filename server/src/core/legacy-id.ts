import { isStorable } from './text.ts'

const LONGEST = 255

/**
 * What a source calls an account, as text: a number, a UUID, an ObjectId. A UUID is written with hyphens, as tokens have
 * it, also where a database has it without.
 *
 * @returns `null` where it is no id.
 */
export function readLegacyId(value: unknown): string | null {
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))) return String(value)
  if (typeof value !== 'string' || value.trim() === '' || value.length > LONGEST || !isStorable(value)) return null
  const [, ...parts] = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i.exec(value) ?? []
  return parts.length === 0 ? value : parts.join('-').toLowerCase()
}
