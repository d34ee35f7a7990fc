import { createHmac, timingSafeEqual } from 'node:crypto'

/** What HS256 tokens begin with, as PyJWT writes it: no `kid`, and `alg` first. */
const HEADER = { alg: 'HS256', typ: 'JWT' } as const

/** Secrets that contracts share with other services, such as a Django project's `SECRET_KEY`. */
export type SharedSecrets = {
  /** Whether the tokens of a contract are signed with its secret. */
  has(contract: string): boolean
  /**
   * Signs what is claimed with a contract's secret.
   *
   * @throws {Error} when the contract has none.
   */
  sign(claims: object, contract: string): string
  /** The contracts whose secret has signed this token: none, if it was not one of them. */
  findSigners(token: string): readonly string[]
}

/**
 * Signs and checks HMAC-SHA-256 (RFC 7518, 3.2) with shared secrets, and with nothing else: no signing key ever comes
 * here, and no secret ever goes where keys are looked up.
 *
 * @param secrets by the slug of the contract.
 */
export function createSharedSecrets(secrets: Readonly<Record<string, string>>): SharedSecrets {
  const keys = new Map(Object.entries(secrets).map(([contract, secret]) => [contract, Buffer.from(secret, 'utf8')]))
  return {
    has: (contract) => keys.has(contract),

    sign(claims, contract) {
      const key = keys.get(contract)
      if (key === undefined) throw new Error(`The contract ${contract} has no shared secret.`)
      const text = `${encode(HEADER)}.${encode(claims)}`
      return `${text}.${hmac(text, key).toString('base64url')}`
    },

    findSigners(token) {
      const end = token.lastIndexOf('.')
      const text = token.slice(0, end)
      const signature = Buffer.from(token.slice(end + 1), 'base64url')
      return [...keys].filter(([, key]) => isSame(hmac(text, key), signature)).map(([contract]) => contract)
    },
  }
}

function hmac(text: string, key: Buffer): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function isSame(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
