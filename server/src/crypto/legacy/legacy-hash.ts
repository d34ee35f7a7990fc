/** A hash that another back end made, read and found to cost no more than we are ready to pay. */
export type LegacyHash = {
  /**
   * Whether this is the password. No spelling but this one is tried: see `spell`.
   *
   * @param password as its bytes went into the hash: UTF-8 of exactly these characters.
   */
  verify(password: string): Promise<boolean>
  /**
   * What the hash is made of besides its last step: the digest that a password comes to. Where it is quick to compute it is
   * hashed again with argon2id at import, and this is what went into that; `null` where the format has no such digest, or
   * is slow enough to be kept.
   */
  readonly quick: { digest(password: string): Promise<Uint8Array>; readonly expected: Uint8Array } | null
  /** Spellings of a password that its back end would have taken as the same: the one typed is tried first anyway. */
  spell(password: string): readonly string[]
}

/** One way of writing hashes. There is a file for each beside this one, and `formats.ts` names them all. */
export type LegacyFormat = {
  /** As operators read it in reports: `django-pbkdf2-sha256`. */
  readonly name: string
  /**
   * Reads a stored hash.
   *
   * @returns `null` where it is written in another way; `problem` where it is of this format but cannot be checked here:
   *   broken, or dearer than the bounds allow. It never throws.
   */
  read(stored: string): LegacyHash | { readonly problem: string } | null
}
