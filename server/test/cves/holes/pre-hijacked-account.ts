import assert from 'node:assert/strict'
import { REGISTRATIONS, refreshTokenOf, registrationOf } from '../../kit/doors.ts'
import { send } from '../../kit/wire.ts'
import { defended, type Hole } from '../hole.ts'
import { ATTACKER, idOf, isAlive, onApp, post, signIn, signInEverywhere, VICTIM, WITH_MAIL } from '../scene.ts'

/** The victim's address, and all the rest the attacker's. */
const TRAP = { ...ATTACKER, email: VICTIM.email }

export const preHijackedAccount: Hole = {
  name: 'Accounts hijacked before they are made (Sudhodanan and Paverd, 2022)',
  happened:
    'An attacker signed up with a victim’s address. When the victim came and recovered the account, the attacker’s session, password, pending letter or second name still opened it: 35 of 75 services that were tried.',
  stands:
    'To get into an account one needs its password: the proof of an address opens no session and asks for none. Who did not choose the password has to reset it, and a reset ends every session, every other letter and every remembered network, so nothing of the attacker’s is left.',
  guards: [
    {
      file: 'store/sql/letters.ts',
      find: "        await removeSessions(transaction, ({ eb }) => eb('account_id', '=', accountId))\n",
      replace: '',
    },
    {
      file: 'store/sql/letters.ts',
      find: "            credential_version: eb('credential_version', '+', 1),\n",
      replace: '',
    },
  ],
  attack: () =>
    onApp(
      async (test) => {
        const [door] = REGISTRATIONS
        assert.ok(door)
        assert.equal((await send(test, registrationOf(door, TRAP))).status, door.created)
        await idOf(test, VICTIM.email)
        const tokens = await signInEverywhere(test, TRAP)
        const refresh = refreshTokenOf(await signIn(test, TRAP))
        // A letter of each kind is on its way when the victim comes.
        await post(test, '/api/users/password/reset/', { email: VICTIM.email })
        await test.core.deliverLetters()
        const [proof, early] = test.letters
        assert.ok(proof && early)
        const confirmed = await post(test, '/api/users/registration/verify-email/', { key: proof.token })
        assert.equal(confirmed.text, '{"detail":"ok"}')

        await post(test, '/api/users/password/reset/', { email: VICTIM.email })
        await test.core.deliverLetters()
        const letter = test.letters[2]
        assert.ok(letter)
        const chosen = { new_password1: VICTIM.password, new_password2: VICTIM.password }
        const reset = { uid: letter.uid, token: letter.token, ...chosen }
        assert.equal((await post(test, '/api/users/password/reset/confirm/', reset)).status, 200)

        for (const token of tokens) defended(!(await isAlive(test, token)), 'the attacker’s session is alive')
        const refreshed = await post(test, '/api/users/token/refresh/', { refresh })
        defended(refreshed.status === 401, 'the attacker’s refresh token is good')
        for (const email of [VICTIM.email, ATTACKER.username]) {
          const login = await signIn(test, { contract: 'drf-jwt', email, password: ATTACKER.password })
          defended(login.status === 400, `the attacker’s password is good for ${email}`)
        }
        const again = await post(test, '/api/users/password/reset/confirm/', { ...reset, token: early.token })
        defended(again.status === 400, 'a letter from before resets the password once more')
        assert.equal((await signIn(test)).status, 200)
      },
      { config: WITH_MAIL },
    ),
}
