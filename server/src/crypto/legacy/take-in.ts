import { hash as hashArgon2 } from '@node-rs/argon2'
import type { HashHints, LegacyHashes } from '../../core/legacy-port.ts'
import { isStorable } from '../../core/text.ts'
import { type Argon2Parameters, readArgon2Hash } from '../argon2-hash.ts'
import { canCheckArgon2 } from './argon2.ts'
import { spellAuth0 } from './auth0.ts'
import { MOST } from './bounds.ts'
import { readJsonFields } from './fields.ts'
import { isFirebaseText, spellFirebase } from './firebase-scrypt.ts'
import { spellKeycloak } from './keycloak.ts'
import { spellLdap } from './ldap.ts'
import type { HashProblem, QuickHash } from './legacy-hash.ts'
import { isDigestText, spellPlain } from './plain.ts'
import { readLegacyHash } from './read-legacy-hash.ts'
import { isWrappingOf, writeDigest, writeWrapped } from './wrapped.ts'

/** What is to become of a hash: `quick` where argon2id is to be put around it first. */
type Plan = { readonly stored: string | null; readonly format: string | null; readonly quick: QuickHash | null }

/** No password: there is none, or one that its stack had made unusable. */
const NONE: Plan = { stored: null, format: null, quick: null }

/**
 * Takes in hashes of other back ends, beside the queue of those who sign in: whoever imports says how many at once.
 *
 * @param parameters with which our own hashes are made, and quick ones are wrapped.
 */
export function createLegacyHashes(parameters: Argon2Parameters): LegacyHashes {
  const { memory, passes, lanes } = parameters
  const wrap = (digest: Uint8Array): Promise<string> =>
    hashArgon2(writeDigest(digest), { memoryCost: memory, timeCost: passes, parallelism: lanes, outputLen: 32 })

  return {
    judge(kept, hints = {}) {
      const plan = planFor(kept, { hints, parameters })
      if ('problem' in plan) return plan
      const { stored, format, quick } = plan
      return { format, isWrapped: quick !== null, hasPassword: stored !== null }
    },

    async takeIn(kept, hints = {}) {
      const plan = planFor(kept, { hints, parameters })
      if ('problem' in plan) return plan
      const { stored, format, quick } = plan
      if (quick === null) return { stored, legacyFormat: format }
      return { stored: writeWrapped(await wrap(quick.expected), quick), legacyFormat: format }
    },

    async isTakenIn(stored, kept, hints = {}) {
      const plan = planFor(kept, { hints, parameters })
      if ('problem' in plan || stored === null) return !('problem' in plan) && plan.stored === null
      return plan.quick === null ? plan.stored === stored : isWrappingOf(stored, plan.quick)
    },
  }
}

function planFor(
  kept: unknown,
  { hints, parameters }: { hints: HashHints; parameters: Argon2Parameters },
): Plan | HashProblem {
  const spelled = spell(kept, hints)
  if (spelled === null) return NONE
  if ('problem' in spelled) return spelled
  const { text } = spelled
  if (!isStorable(text)) return { problem: 'a text with characters that no database keeps: no hash of a password' }
  if (isOurs(text, parameters)) return { stored: text, format: null, quick: null }
  const read = readLegacyHash(text)
  if (read === null) return { problem: describeUnknown(text) }
  if ('problem' in read) return read
  const { quick } = read.hash
  return { stored: text, format: quick === null ? read.format : `wrapped-${read.format}`, quick }
}

/** What a source kept, as one string that says all of itself; `null` where there is no password. */
function spell(kept: unknown, { firebase, plain, salt }: HashHints): { readonly text: string } | HashProblem | null {
  if (kept === null || kept === undefined) return null
  if (typeof kept === 'string') {
    // Django marks a password that nobody has with an exclamation mark, and crypt's files with that or an asterisk.
    if (kept === '' || kept === '*' || kept.startsWith('!')) return null
    // What a format says of itself goes before what was said of all.
    const isBare = !kept.startsWith('$') && !kept.startsWith('{')
    if (firebase !== undefined && salt !== undefined && isFirebaseText(kept))
      return spellFirebase(kept, { firebase, salt })
    if (plain !== undefined && isBare && isDigestText(kept, plain.algorithm)) return spellPlain(kept, { plain, salt })
    if (!/^\s*\{\s*"/.test(kept)) return spellLdap(kept) ?? { text: kept }
  }
  const fields = readJsonFields(kept)
  if (fields === null) return { problem: 'neither a text nor an object: no hash of a password' }
  return (
    spellKeycloak(fields) ?? spellAuth0(fields) ?? { problem: 'an object that is no credential of Keycloak or Auth0' }
  )
}

/** Whether a hash is what we would have made, or better: it is told apart from ours by nothing. */
function isOurs(text: string, { memory, passes, lanes }: Argon2Parameters): boolean {
  if (!text.startsWith('$argon2id$v=19$') || !canCheckArgon2(text)) return false
  const found = readArgon2Hash(text)
  return found !== null && found.memory >= memory && found.passes >= passes && found.lanes >= lanes
}

/** Says what a hash looks like that is of no known format, and shows nothing of it. */
function describeUnknown(text: string): string {
  if (text.length > MOST.characters) return 'a text too long to be the hash of a password'
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/i.test(text)) {
    return 'hexadecimal digits, as SHA-1, SHA-256 or SHA-512 write them: say how they were made'
  }
  return 'a hash of no format that is known'
}
