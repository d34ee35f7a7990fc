/** Python's white space (`str.strip`): what Django strips. Unlike JavaScript's it has U+0085 and U+001C–1F, and not U+FEFF. */
const PYTHON_SPACE =
  '\\t\\n\\v\\f\\r\\u001c-\\u001f \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'
const LEADING = new RegExp(`^[${PYTHON_SPACE}]+`, 'u')
const ALL_SPACE_TO_END = new RegExp(`^[${PYTHON_SPACE}]$`, 'u')

/** Removes outer white space as Python's `str.strip` does. Linear in the length of the text. */
export function stripOuterSpace(text: string): string {
  const start = text.replace(LEADING, '')
  let end = start.length
  while (end > 0 && ALL_SPACE_TO_END.test(start.charAt(end - 1))) end--
  return start.slice(0, end)
}

/** The length of a text in Unicode code points: how Django, and people, count characters. */
export function countCodePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

/** The first surrogate that has no partner, as a code unit, or `null` when the text is well formed. */
export function findLoneSurrogate(text: string): number | null {
  if (text.isWellFormed()) return null
  for (const character of text) {
    const unit = character.codePointAt(0) ?? 0
    if (unit >= 0xd800 && unit <= 0xdfff) return unit
  }
  return null
}

/** Whether every database can keep this text: well formed, and without NUL, which PostgreSQL refuses. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}
