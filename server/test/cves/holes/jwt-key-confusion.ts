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
  stands:
    'The algorithm is the key’s own. HS256 is taken only where a contract was given a secret for it, and with that secret alone: no key ever comes to where it is checked.',
  guards: [
    {
      file: 'crypto/signer.ts',
      find: 'import { type CryptoKey,',
      replace: "import { createHmac } from 'node:crypto'\nimport { type CryptoKey,",
    },
    {
      file: 'crypto/signer.ts',
      find: '    const header = readHeader(token)\n',
      replace: `    const [head = '', body = '', mark] = token.split('.')
    if (JSON.parse(Buffer.from(head, 'base64url').toString()).alg === 'HS256') {
      const { all } = await keyring.current()
      const hmac = createHmac('sha256', all[0]?.publicJwk ?? '').update(head + '.' + body).digest('base64url')
      const claims = readClaims(Buffer.from(body, 'base64url'), { typ: 'JWT' }, { issuer, audience })
      return hmac === mark ? { claims, kid: null, contracts: null } : null
    }
    const header = readHeader(token)
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
