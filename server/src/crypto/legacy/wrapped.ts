import { verify } from '@node-rs/argon2'
import { canCheckArgon2 } from './argon2.ts'
import { broken } from './bounds.ts'
import type { HashProblem, LegacyFormat, LegacyHash, QuickHash } from './legacy-hash.ts'
import { writeBase64 } from './text-forms.ts'

const SHAPE = /^wrapped:(\$argon2id\$[A-Za-z0-9+/=,$]{1,200}):(.+)$/s

/**
 * What is stored of a hash that is quick to try: `wrapped:$argon2id$…:md5$salt$000…`. The argon2id hash is of the digest's
 * base64, and what follows is the hash as it came, with zeros where the digest was.
 */
export function writeWrapped(argon2Hash: string, { blank }: QuickHash): string {
  return `wrapped:${argon2Hash}:${blank}`
}

/** What goes into argon2id in place of a password. */
export function writeDigest(digest: Uint8Array): string {
  return writeBase64(digest)
}

/** Whether a stored text is the wrapping of this very hash: of its digest, and made in the same way. */
export async function isWrappingOf(stored: string, { blank, expected }: QuickHash): Promise<boolean> {
  const [, argon2Hash, inner] = SHAPE.exec(stored) ?? []
  if (argon2Hash === undefined || inner !== blank || !canCheckArgon2(argon2Hash)) return false
  return verify(argon2Hash, writeDigest(expected))
}

/** The format of hashes that are wrapped, of one whose hashes may be quick. */
export function wrappedFormat(format: LegacyFormat): LegacyFormat {
  return {
    name: `wrapped-${format.name}`,
    read(stored) {
      const [, argon2Hash, inner] = SHAPE.exec(stored) ?? []
      const hash = inner === undefined ? null : format.read(inner)
      if (argon2Hash === undefined || inner === undefined || hash === null) return null
      return 'problem' in hash ? hash : unwrap(argon2Hash, { inner, ...hash })
    },
  }
}

function unwrap(
  argon2Hash: string,
  { inner, quick, spell }: LegacyHash & { readonly inner: string },
): LegacyHash | HashProblem {
  // A digest that is still there could be tried without argon2id.
  if (quick?.blank !== inner || !canCheckArgon2(argon2Hash)) return broken('a wrapped hash')
  return {
    verify: async (password) => verify(argon2Hash, writeDigest(await quick.digest(password))),
    quick: null,
    spell,
  }
}
