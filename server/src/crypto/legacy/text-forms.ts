/** Reads base64 of the standard alphabet or passlib's (`.` for `+`), with or without padding; `null` where it is none. */
export function readBase64(text: string): Buffer | null {
  if (!/^[A-Za-z0-9+/.]*={0,2}$/.test(text)) return null
  const bare = text.replaceAll('.', '+').replace(/=+$/, '')
  return bare.length % 4 === 1 ? null : Buffer.from(bare, 'base64')
}

/** Base64 without padding, as PHC strings have it. */
export function writeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '')
}

/** Reads hexadecimal digits of either case; `null` where they are none. */
export function readHex(text: string): Buffer | null {
  return text.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(text) ? Buffer.from(text, 'hex') : null
}

const CRYPT_DIGITS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Writes bytes as `crypt` does: three to four digits, the low bits first. */
export function writeCrypt64(bytes: readonly number[]): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const group = bytes.slice(at, at + 3)
    const value = group.reduce((sum, byte, place) => sum + byte * 256 ** place, 0)
    for (let digit = 0; digit <= group.length; digit++)
      text += CRYPT_DIGITS.charAt(Math.floor(value / 64 ** digit) % 64)
  }
  return text
}

/** What one digit of `crypt` stands for, or -1. */
export function readCryptDigit(digit: string): number {
  return digit.length === 1 ? CRYPT_DIGITS.indexOf(digit) : -1
}
