/**
 * An email address or username in the one form by which it is compared: compatibility-normalised, case-folded, its
 * email domain as A-labels. Two texts that a person would call the same name have the same identifier.
 */
export type Identifier = string & { readonly __identifier: true }

/** Which names an identifier may match: documents 002 and 003 take the email only. */
export type IdentifierKind = 'email' | 'username'

/**
 * Brings an email address or username into the form in which it is unique: NFKC, full case folding, and the domain of
 * an address as A-labels (IDNA, UTS #46), so that `ADA@BÜCHER.example` and `ada@xn--bcher-kva.example` are one name.
 * Outer white space is kept: whether a door strips it is the door's own manner.
 */
export function normaliseIdentifier(text: string): Identifier {
  // Of these letters all that is said below is their lower case, and nearly every name has no others.
  if (isAscii(text)) return text.toLowerCase() as Identifier
  const folded = foldCase(text.normalize('NFKC')).normalize('NFKC')
  const at = folded.lastIndexOf('@')
  const whole = at === -1 ? folded : `${folded.slice(0, at + 1)}${toALabels(folded.slice(at + 1))}`
  return whole as Identifier
}

/** Whether a username is to be read as an email address too: one `@`, and a dot in its domain. */
export function isEmailAddress(text: string): boolean {
  return text.length <= 254 && /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/u.test(text)
}

/**
 * Full case folding by Unicode's own mappings. Lower, upper, lower reaches every folded pair (`ẞ` → `ss`); the dotless
 * i is set aside because its upper case is the plain `I`, which folding keeps apart; final sigma is an ordinary one.
 */
function foldCase(text: string): string {
  return text
    .split('ı')
    .map((part) => part.toLowerCase().toUpperCase().toLowerCase())
    .join('ı')
    .replaceAll('ς', 'σ')
}

/** The URL parser is the platform's own UTS #46; it is asked only where it can do nothing else than IDNA. */
function toALabels(domain: string): string {
  if (isAscii(domain) || /[\s%/?#@:[\]\\<>^|]/u.test(domain)) return domain
  const hostname = URL.parse(`http://${domain}/`)?.hostname ?? domain
  // To a URL, numbers in any spelling are the address of a machine; in a name they are just letters.
  return /^[\d.]+$/.test(hostname) ? domain : hostname
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 0x7f) return false
  }
  return true
}
