/** A hash that another back end made, read and found to cost no more than we are ready to pay. */
export type LegacyHash = {
  /** Whether this is the password, as UTF-8 of exactly these characters. No other spelling is tried: see `spell`. */
  verify(password: string): Promise<boolean>
  /** What takes part in wrapping, where the hash is quick to try; `null` where it is slow enough to be kept as it is. */
  readonly quick: QuickHash | null
  /** Spellings besides the one typed that its back end took for the same password: without the white space around it. */
  spell(password: string): readonly string[]
}

/** A hash so quick to try that argon2id is put around its digest at import. */
export type QuickHash = {
  /** The digest that a password comes to. */
  digest(password: string): Promise<Uint8Array>
  /** The digest that was stored. */
  readonly expected: Uint8Array
  /** What was stored, with nothing in the place of the digest: enough to compute it again from a password. */
  readonly blank: string
}

/** Why a hash that is of a format cannot be checked here: broken, or dearer than the bounds allow. */
export type HashProblem = { readonly problem: string }

/** One way of writing hashes. There is a file for each beside this one, and `formats.ts` names them all. */
export type LegacyFormat = {
  /** As operators read it in reports: `django-pbkdf2-sha256`. */
  readonly name: string
  /**
   * Reads a stored hash, at no cost worth speaking of.
   *
   * @returns `null` where it is written in another way. It never throws.
   */
  read(stored: string): LegacyHash | HashProblem | null
}
