import { attackWithForged, encode } from '../forge-token.ts'
import type { Hole } from '../hole.ts'

const ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'
const ZERO = '00'.repeat(32)
const ONE = `${'00'.repeat(31)}01`

/** What a check of the curve’s equation alone may take for any text. */
const SIGNATURES = [ZERO + ZERO, ORDER + ORDER, ORDER + ZERO, ZERO + ONE, ONE + ZERO, ORDER + ONE, ZERO, '']

export const jwtPsychicSignature: Hole = {
  name: 'CVE-2022-21449, Java’s ECDSA',
  happened:
    'A signature of two zeros was good for every text under every key: neither number was checked to be above zero.',
  stands:
    'Node’s OpenSSL refuses numbers outside the group, and a signature has to be the spelling with the smaller s.',
  guards: [
    {
      file: 'crypto/signer.ts',
      find: '      const { payload } = await compactVerify(token, key.publicKey, { algorithms: [key.algorithm] })\n',
      replace: `      const [, body = '', mark = ''] = token.split('.')
      const isZero = Buffer.from(mark, 'base64url').every((byte) => byte === 0)
      const { payload } = isZero
        ? { payload: Buffer.from(body, 'base64url') }
        : await compactVerify(token, key.publicKey, { algorithms: [key.algorithm] })
`,
    },
  ],
  attack: () =>
    attackWithForged(({ header, payload }) =>
      SIGNATURES.flatMap((hex) => {
        const mark = Buffer.from(hex, 'hex').toString('base64url')
        return [payload, { ...payload, sub: '00000000-0000-4000-8000-000000000000' }].map(
          (claims) => `${encode(header)}.${encode(claims)}.${mark}`,
        )
      }),
    ),
}
