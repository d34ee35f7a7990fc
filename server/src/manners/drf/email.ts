import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'

// Django's EmailValidator, in its own three parts. Letters are ASCII letters: where Python's IGNORECASE lets the long s
// or the Kelvin sign pass for one, this does not.
const DOT_ATOM = /^[-!#$%&'*+/=?^_`{}|~0-9A-Za-z]+(?:\.[-!#$%&'*+/=?^_`{}|~0-9A-Za-z]+)*$/
const QUOTED = /^"(?:[\x01-\x08\x0b\x0c\x0e-\x1f!#-[\]-\x7f]|\\[\x01-\x09\x0b\x0c\x0e-\x7f])*"$/
const DOMAIN = /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}(?<!-)$/
const LITERAL = /^\[([A-Fa-f0-9:.]+)\]$/

/** Whether Django's email field takes this text as an address: `u@localhost` and IP literals yes, a non-ASCII user no. */
export function isDjangoEmail(text: string): boolean {
  const at = text.lastIndexOf('@')
  if (at === -1 || text.length > 320) return false
  const user = text.slice(0, at)
  const domain = text.slice(at + 1)
  if (!DOT_ATOM.test(user) && !QUOTED.test(user)) return false
  return domain === 'localhost' || isDomain(domain) || (!isAscii(domain) && isDomain(domainToASCII(domain)))
}

function isDomain(domain: string): boolean {
  if (DOMAIN.test(domain)) return true
  const literal = LITERAL.exec(domain)?.[1]
  return literal !== undefined && isIP(literal) !== 0
}

function isAscii(text: string): boolean {
  return /^[\x00-\x7f]*$/.test(text)
}
