import { createHmac, hkdfSync } from 'node:crypto'
import type { AuditChain } from '../core/ports.ts'

/**
 * Links entries of the audit log by HMAC-SHA-256 under a key derived from the operator's secret (HKDF-SHA-256,
 * RFC 5869): whoever can write to the database and has not the secret can make no entry that fits.
 */
export function createAuditChain({ secret }: { secret: string }): AuditChain {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'latchkey audit chain v1', 32))
  return {
    link: (previousHash, { seq, at, type, actor, accountId, contract, requestId, network, userAgent, detail }) =>
      mark([
        'entry',
        previousHash,
        seq,
        at,
        type,
        actor,
        accountId,
        contract,
        requestId,
        network,
        userAgent,
        JSON.stringify(detail),
      ]),
    sealAnchor: ({ seq, hash }) => mark(['anchor', seq, hash]),
    sealHead: ({ seq, hash }) => mark(['head', seq, hash]),
  }

  /** As a JSON array: where a field ends is beyond doubt, and nothing is not the empty text. */
  function mark(fields: readonly (string | number | null)[]): string {
    const text = JSON.stringify(fields.map((field) => (field === null ? null : String(field))))
    return createHmac('sha256', key).update(text).digest('hex')
  }
}
