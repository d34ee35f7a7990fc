import assert from 'node:assert/strict'
import { defended, type Hole } from '../hole.ts'
import { onApp, post, signUp, VICTIM, WITH_MAIL } from '../scene.ts'

export const singleUseTokenRace: Hole = {
  name: 'Single-use tokens used twice, Better Auth and others',
  happened:
    'One-time tokens were looked up, used and then deleted: of requests at the same moment several found the token still there. Better Auth closed some twenty such races in one change.',
  stands:
    'A token is used up by deleting it, in the transaction that does what it is good for, and the row count is believed.',
  guards: [
    {
      file: 'store/sql/letters.ts',
      find: `          .deleteFrom('one_time_tokens')
          .where('token_hash', '=', tokenHash)
          .where('purpose', '=', 'password_reset')
          .where('account_id', '=', accountId)
          .where('expires_at', '>', now)
          .returning('email')`,
      replace: `          .selectFrom('one_time_tokens')
          .where('token_hash', '=', tokenHash)
          .where('purpose', '=', 'password_reset')
          .where('account_id', '=', accountId)
          .where('expires_at', '>', now)
          .select('email')`,
    },
    {
      file: 'store/sql/letters.ts',
      find: "        await transaction.deleteFrom('one_time_tokens').where('account_id', '=', accountId).execute()\n",
      replace: '',
    },
  ],
  attack: () =>
    onApp(
      async (test) => {
        await signUp(test)
        await post(test, '/api/users/password/reset/', { email: VICTIM.email })
        await test.core.deliverLetters()
        const letter = test.letters.find(({ purpose }) => purpose === 'password_reset')
        assert.ok(letter)
        const answers = await Promise.all(
          Array.from({ length: 12 }, (_, index) => {
            const password = `Another-Password-${index}`
            const json = { uid: letter.uid, token: letter.token, new_password1: password, new_password2: password }
            return post(test, '/api/users/password/reset/confirm/', json)
          }),
        )
        const won = answers.filter(({ status }) => status === 200).length
        assert.ok(won > 0)
        defended(won === 1, `one token reset the password ${won} times`)
      },
      { config: WITH_MAIL },
    ),
}
