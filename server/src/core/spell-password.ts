import { stripOuterSpace } from './text.ts'

/**
 * The spellings of a password that are tried, in order: NFC and as it was typed, where that is another, each also stripped,
 * since DRF's doors strip what is set through them. Our own hashes are of NFC; back ends before hashed what was typed.
 *
 * @param legacy how the back end that made the hash would have spelled it besides, or `null` for a hash that is written as
 *   our own are; it may have been made elsewhere all the same.
 */
export function spellPassword(typed: string, legacy: readonly string[] | null): readonly string[] {
  const normal = typed.normalize('NFC')
  const forms = legacy === null ? [normal, typed] : [typed, normal]
  return distinct([...forms, ...(legacy ?? []), ...forms.map(stripOuterSpace)])
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}
