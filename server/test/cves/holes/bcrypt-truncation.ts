import assert from 'node:assert/strict'
import { defended, type Hole } from '../hole.ts'
import { onApp, signIn, signUp, VICTIM } from '../scene.ts'

const STEM = 'Correct-horse-1'.padEnd(72, 'x')

export const bcryptTruncation: Hole = {
  name: 'Passwords cut at 72 bytes or at NUL (Okta, 2024; bcrypt)',
  happened:
    'bcrypt looks at 72 bytes and stops at a NUL. Okta hashed id, name and password together: with a long name the password was not among the bytes that count.',
  stands:
    'argon2id takes all of a password, which is hashed alone and whole: nothing is cut, and NUL is a character like others.',
  guards: [
    {
      file: 'core/password-rules.ts',
      find: "  return password.normalize('NFC')\n",
      replace: "  return password.normalize('NFC').split('\\0')[0]?.slice(0, 72) ?? ''\n",
    },
  ],
  attack: () =>
    onApp(
      async (test) => {
        const id = await signUp(test)
        for (const [password, others] of [
          [`${STEM}the rest`, [STEM, `${STEM}the other`, `${STEM}the rest!`]],
          ['Before-1\0after', ['Before-1', 'Before-1\0', 'Before-1\0other']],
        ] as const) {
          await test.core.administration.setPassword(id, password)
          for (const other of others) {
            const { status } = await signIn(test, { contract: 'express-jwt', email: VICTIM.email, password: other })
            defended(status === 400, 'a password is good that only begins as the right one')
          }
          assert.equal((await signIn(test, { contract: 'express-jwt', password })).status, 200)
        }
      },
      { limits: null },
    ),
}
