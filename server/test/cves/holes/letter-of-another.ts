import assert from 'node:assert/strict'
import { toUid } from '../../../src/core/mail.ts'
import { defended, type Hole } from '../hole.ts'
import { ATTACKER, onApp, post, signIn, signUp, VICTIM, WITH_MAIL } from '../scene.ts'

export const letterOfAnother: Hole = {
  name: 'A reset with one’s own token and somebody else’s number',
  happened:
    'The token of a letter was checked, and then the password set of whichever account the request named: everybody could reset everybody.',
  stands: 'A token is good for the account and the purpose it was made for, in the statement that uses it up.',
  guards: [
    {
      file: 'store/sql/letters.ts',
      find: `        .where('token_hash', '=', tokenHash)
        .where('purpose', '=', purpose)
        .where('account_id', '=', accountId)
`,
      replace: "        .where('token_hash', '=', tokenHash)\n",
    },
    {
      file: 'store/sql/letters.ts',
      find: `          .where('purpose', '=', 'password_reset')
          .where('account_id', '=', accountId)
          .where('expires_at', '>', now)
          .returning('email')`,
      replace: "          .returning('email')",
    },
    {
      file: 'store/sql/letters.ts',
      find: "          .where('email', '=', token.email)\n          .where('is_active'",
      replace: "          .where('is_active'",
    },
  ],
  attack: () =>
    onApp(
      async (test) => {
        const id = await signUp(test)
        await signUp(test, ATTACKER)
        await post(test, '/api/users/password/reset/', { email: ATTACKER.email })
        await test.core.deliverLetters()
        const own = test.letters.filter(({ to }) => to === ATTACKER.email)
        assert.equal(own.length, 2)
        const chosen = { new_password1: 'Another-Password-1', new_password2: 'Another-Password-1' }
        for (const { token } of own) {
          await post(test, '/api/users/password/reset/confirm/', { uid: toUid(id), token, ...chosen })
          const { status } = await signIn(test, { email: VICTIM.email, password: 'Another-Password-1' })
          defended(status === 401, 'a password was reset with the letter of another account')
        }
        assert.equal((await signIn(test)).status, 200)
      },
      { config: WITH_MAIL },
    ),
}
