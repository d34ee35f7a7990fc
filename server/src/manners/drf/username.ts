/**
 * Django's rule for usernames, with Python's idea of a letter or digit (`\w`): letters and numbers of every script, no
 * combining marks.
 */
export function isUsername(text: string): { rule: 'invalid_username' } | null {
  return /^[\p{L}\p{N}_.@+-]+$/u.test(text) ? null : { rule: 'invalid_username' }
}
