const MIN_LENGTH = 32
const MIN_DISTINCT = 8
const MIN_PERIOD = 12

/** What the made secret looks like, for whoever has to make one. */
const ADVICE = 'Make one with: openssl rand -base64 48'

/** Why a secret is too weak to seal anything, continuing a sentence that begins with its name; or `null`. */
export function findSecretWeakness(secret: string): string | null {
  if (secret.trim().length < MIN_LENGTH) return `must have at least ${MIN_LENGTH} characters. ${ADVICE}`
  if (new Set(secret).size < MIN_DISTINCT || findPeriod(secret) < MIN_PERIOD || isMostlySequence(secret)) {
    return `is a repetition or a sequence, which is easy to guess. ${ADVICE}`
  }
  if (/change.?(me|this|it)|replace.?(me|this|it)|your.?secret|placeholder|password|example/i.test(secret)) {
    return `looks like a placeholder out of a guide. ${ADVICE}`
  }
  return null
}

/** The length of the shortest beginning that, repeated, is the whole text. */
function findPeriod(text: string): number {
  for (let period = 1; period < text.length; period++) {
    if (text.startsWith(text.slice(period))) return period
  }
  return text.length
}

/** Whether most characters follow from the one before, as in `aaaa`, `abcd` and `9876`. */
function isMostlySequence(text: string): boolean {
  let steps = 0
  for (let index = 1; index < text.length; index++) {
    if (Math.abs(text.charCodeAt(index) - text.charCodeAt(index - 1)) <= 1) steps++
  }
  return steps > text.length / 2
}
