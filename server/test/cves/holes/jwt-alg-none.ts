import { attackWithForged, encode } from '../forge-token.ts'
import type { Hole } from '../hole.ts'

export const jwtAlgNone: Hole = {
  name: 'CVE-2022-23540, jsonwebtoken, and `alg: none` in many libraries before it',
  happened:
    'A token says in its header how it is signed. Said `none`, or given no list of algorithms and no key, the library took tokens without a signature.',
  stands:
    'The algorithm is the key’s, not the token’s: a header that says another than its key is for is refused before anything is checked.',
  guards: [
    {
      file: 'crypto/signer.ts',
      find: '    const header = readHeader(token)\n',
      replace: `    const [head = '', body = ''] = token.split('.')
    if (/none/i.test(JSON.parse(Buffer.from(head, 'base64url').toString()).alg)) {
      const claims = readClaims(Buffer.from(body, 'base64url'), { typ: 'JWT' }, { issuer, audience })
      return { claims, kid: null, contracts: null }
    }
    const header = readHeader(token)
`,
    },
  ],
  attack: () =>
    attackWithForged(({ header, payload, signature }) =>
      ['none', 'None', 'NONE', 'nOnE'].flatMap((alg) => {
        const signed = `${encode({ ...header, alg })}.${encode(payload)}`
        return [`${signed}.`, `${signed}.${signature}`, signed, `${encode({ alg, typ: 'JWT' })}.${encode(payload)}.`]
      }),
    ),
}
