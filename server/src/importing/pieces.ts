/** How long a row may be. Accounts have some hundred bytes. */
const LONGEST = 1024 * 1024

/** A part of a file that should be one row; `bytes` is `null` where it is longer than any row. */
export type Piece = {
  /** The line on which it begins, or its number among its like. */
  readonly line: number
  readonly bytes: Uint8Array | null
}

/** Collects the bytes of a piece, which come in parts, and no more than a row may have. */
export type Gathering = {
  /** Takes bytes of a chunk that are the piece's. */
  add(part: Uint8Array): void
  isEmpty(): boolean
  /** Gives the whole, and begins anew. */
  take(): Uint8Array | null
}

/** Begins to collect a piece. */
export function gather(): Gathering {
  let parts: Uint8Array[] = []
  let length = 0
  return {
    add(part) {
      length += part.length
      if (length > LONGEST) parts = []
      else if (part.length > 0) parts.push(part)
    },
    isEmpty: () => length === 0,
    take() {
      const [only] = parts
      const whole = length > LONGEST ? null : parts.length === 1 && only !== undefined ? only : Buffer.concat(parts)
      parts = []
      length = 0
      return whole
    },
  }
}

/** Whether there is nothing but white space in a piece. */
export function isBlank(bytes: Uint8Array | null): boolean {
  return bytes?.every(isSpace) ?? false
}

/** Whether a byte is white space to JSON. */
export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
