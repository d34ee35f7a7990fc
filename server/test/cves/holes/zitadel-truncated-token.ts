import assert from 'node:assert/strict'
import { tokenOf } from '../../kit/doors.ts'
import { defended, type Hole } from '../hole.ts'
import { isAlive, onApp, signIn, signUp } from '../scene.ts'

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The other valid signature of the same text, which anybody can work out. */
function withOtherS(token: string): string {
  const start = token.lastIndexOf('.') + 1
  const mark = Buffer.from(token.slice(start), 'base64url')
  const s = ORDER - BigInt(`0x${mark.subarray(32).toString('hex')}`)
  mark.write(s.toString(16).padStart(64, '0'), 32, 'hex')
  return token.slice(0, start) + mark.toString('base64url')
}

/** Texts that decode to the same bytes, or nearly. */
function spellingsOf(token: string): readonly string[] {
  const last = LETTERS.indexOf(token.at(-1) ?? '')
  const spare = [1, 2, 3].map((bits) => token.slice(0, -1) + (LETTERS[last ^ bits] ?? ''))
  return [...spare, token.slice(0, -1), `${token}=`, `${token}A`, `${token}.`, token.toUpperCase(), `${token}%00`]
}

export const zitadelTruncatedToken: Hole = {
  name: 'GHSA-6mq3-xmgp-pjm5, Zitadel',
  happened: 'Opaque tokens cut to 80 characters were still taken: of one token there were several spellings.',
  stands:
    'Of a token there is one spelling: an opaque key is 40 small hexadecimal digits looked up by their hash, a JWT is canonical base64url and JSON, and of the two signatures that are valid for a text only one is.',
  guards: [
    {
      file: 'crypto/token-text.ts',
      find: "  if (decoded.some((bytes, index) => bytes.toString('base64url') !== parts[index])) return null\n",
      replace: '',
    },
    {
      file: 'crypto/token-text.ts',
      find: '    return isOld || hasLowS(signature) ? { alg, typ, kid } : null\n',
      replace: '    return { alg, typ, kid }\n',
    },
  ],
  attack: () =>
    onApp(async (test) => {
      await signUp(test)
      for (const contract of ['drf-token', 'drf-jwt']) {
        const token = tokenOf(await signIn(test, { contract }))
        assert.ok(await isAlive(test, token))
        for (const other of contract === 'drf-jwt' ? [withOtherS(token), ...spellingsOf(token)] : spellingsOf(token)) {
          if (other === token) continue
          defended(!(await isAlive(test, other)), `another spelling of a token is taken: ${other}`)
        }
      }
    }),
}
