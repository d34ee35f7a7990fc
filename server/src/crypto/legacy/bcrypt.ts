import { verify } from '@node-rs/bcrypt'
import { broken, MOST, tooDear } from './bounds.ts'
import { asTypedOnly } from './digest-hash.ts'
import type { HashProblem, LegacyFormat, LegacyHash } from './legacy-hash.ts'

const SHAPE = /^\$2([abxy]?)\$(\d\d)\$[./A-Za-z0-9]{53}$/
const LEAST_COST = 4
const DIGITS = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
/** Where the salt's last digit is, of whose six bits two count; of the digest's last one four do. */
const SALT_END = '$2b$12$'.length + 22

/**
 * `$2a$`, `$2b$` and `$2y$`, which differ in nothing but their makers' old bugs. As there, bytes after the 72nd of a password
 * do not count.
 */
export const BCRYPT: LegacyFormat = {
  name: 'bcrypt',
  read: (stored) => (/^\$2[abxy]?\$/.test(stored) ? bcryptHash(stored) : null),
}

/**
 * Reads a bcrypt string, by itself or out of another format.
 *
 * @param prepare what a stack did to a password before: bcrypt takes no more than 72 bytes.
 */
export function bcryptHash(
  stored: string,
  prepare: (password: string) => string = (password) => password,
): LegacyHash | HashProblem {
  const [, kind, digits] = SHAPE.exec(stored) ?? []
  const cost = Number(digits)
  if (kind === undefined || cost < LEAST_COST) return broken('a bcrypt hash')
  if (kind === '' || kind === 'x') {
    return {
      problem: `a bcrypt hash of the kind $2${kind}$, whose makers read letters beyond ASCII wrongly: it is not checked`,
    }
  }
  if (cost > MOST.bcryptCost) return tooDear('a bcrypt hash', `a cost of ${cost}`, String(MOST.bcryptCost))
  const exact = clearBits(stored.slice(0, SALT_END), 4) + clearBits(stored.slice(SALT_END), 2)
  return { verify: (password) => verify(prepare(password), exact), quick: null, spell: asTypedOnly }
}

/** Clears bits that do not count: some stacks left chance in them, and our library takes such a hash for none. */
function clearBits(text: string, bits: number): string {
  const last = DIGITS.indexOf(text.slice(-1))
  return text.slice(0, -1) + DIGITS.charAt((last >> bits) << bits)
}
