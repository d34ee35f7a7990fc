import { LOCAL } from '../../kit/clients.ts'
import { tokenOf } from '../../kit/doors.ts'
import { defended, type Hole } from '../hole.ts'
import { isAlive, onApp, signUp, VICTIM } from '../scene.ts'

export const loginOutrunsReset: Hole = {
  name: 'A credential revoked while it is checked',
  happened:
    'To check a password takes a tenth of a second. A login that began with the old one and ended after a reset got a session that nobody knew to end.',
  stands:
    'A session is opened in a statement that asks once more whether the account is active and its credential the one that was proved, and carries that version: a check of it fails otherwise.',
  guards: [
    {
      file: 'store/sql/sessions.ts',
      find: "          .where('is_active', '=', 1)\n          .where('credential_version', '=', credentialVersion)\n",
      replace: '',
    },
    {
      file: 'store/sql/stored-sessions.ts',
      find: 'isCurrent: Number(row.session_version) === Number(row.account_version)',
      replace: 'isCurrent: true',
    },
  ],
  attack: () =>
    onApp(async (test) => {
      const id = await signUp(test)
      const login = { identifier: VICTIM.email, password: VICTIM.password, client: LOCAL }
      const proved = await test.core.authenticate(login)
      await test.core.administration.setPassword(id, 'Another-Password-1')
      const opening = { client: LOCAL, lifetime: 600, accessLifetime: 600, claims: () => ({}) }
      for (const open of [
        async () => ({ json: await test.core.openKeySession(proved, opening) }),
        async () => ({ json: await test.core.openJwtSession(proved, opening) }),
        async () => ({ json: await test.core.openPairSession(proved, opening) }),
      ]) {
        const opened = await open().catch((error: unknown) => {
          if (error instanceof Error && 'code' in error && error.code === 'wrong_password') return null
          throw error
        })
        const gained = opened !== null && (await isAlive(test, tokenOf(opened)))
        defended(!gained, 'a password that was replaced meanwhile opened a session')
      }
    }),
}
