/** The order of the group of P-256 (SEC 2, 2.4.2). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const HALF = Buffer.from((ORDER >> 1n).toString(16).padStart(64, '0'), 'hex')
/** How long each half of a signature is (RFC 7518, 3.4), in bytes. */
const LENGTH = 32

/**
 * Whether an ES256 signature is the one spelling of two: with (r, s), (r, n − s) is as valid, and anybody can work it out.
 * Of the two, only the one with the smaller s is taken, as Bitcoin does (BIP 146).
 */
export function hasLowS(signature: Uint8Array): boolean {
  return signature.length === 2 * LENGTH && Buffer.compare(signature.subarray(LENGTH), HALF) <= 0
}

/** The spelling with the smaller s of an ES256 signature. */
export function toLowS(signature: Uint8Array): Uint8Array {
  if (hasLowS(signature)) return signature
  const s = BigInt(`0x${Buffer.from(signature.subarray(LENGTH)).toString('hex')}`)
  const low = Buffer.from((ORDER - s).toString(16).padStart(2 * LENGTH, '0'), 'hex')
  return Buffer.concat([signature.subarray(0, LENGTH), low])
}
