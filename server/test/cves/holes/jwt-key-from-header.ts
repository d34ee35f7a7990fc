import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { attackWithForged, type Sample } from '../forge-token.ts'
import type { Hole } from '../hole.ts'

/** Headers that bring a key along, name where to fetch one, or aim at whoever looks it up. */
const HEADERS: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { jku: 'https://evil.example/jwks.json' },
  { x5u: 'https://evil.example/cert.pem' },
  { kid: '../../../../dev/null' },
  { kid: "' union select 'secret" },
  { kid: '__proto__' },
  { kid: '' },
  { crit: ['exp'], exp: 0 },
]

async function forge({ header, payload }: Sample): Promise<readonly string[]> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(publicKey)
  const sign = (more: Readonly<Record<string, unknown>>) =>
    new SignJWT(payload)
      .setProtectedHeader({ ...header, alg: 'ES256', ...more })
      .sign(privateKey, { crit: { exp: true } })
  return Promise.all([...HEADERS, { jwk }, { jwk, kid: undefined }].map(sign))
}

export const jwtKeyFromHeader: Hole = {
  name: 'CVE-2018-0114, node-jose, and injection through kid, jku and x5u',
  happened:
    'The key to check a token with was taken from the token: from `jwk` in its header, from a URL it named, or from a file or row that its `kid` pointed to.',
  stands:
    'A header holds `alg`, `kid` and `typ` and nothing else. `kid` picks one of the keys that are in our own store; nothing is fetched, and no path or query is made of it.',
  guards: [
    {
      file: 'crypto/signer.ts',
      find: 'import { type CryptoKey,',
      replace: 'import { importJWK, type CryptoKey,',
    },
    {
      file: 'crypto/signer.ts',
      find: `    const header = readHeader(token)
    if (header === null) return null
    const { alg, kid } = header
    if (kid === null) return readShared(token, header)
    const key = await keyring.find(kid)
`,
      replace: `    const header = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())
    const { jwk, kid, alg } = header
    const key =
      jwk === undefined ? await keyring.find(kid) : { algorithm: alg, publicKey: await importJWK(jwk, alg) }
`,
    },
  ],
  attack: () => attackWithForged(forge),
}
