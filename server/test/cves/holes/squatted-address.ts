import assert from 'node:assert/strict'
import { tokenOf } from '../../kit/doors.ts'
import { defended, type Hole } from '../hole.ts'
import { ATTACKER, asOwner, onApp, signIn, signUp, VICTIM } from '../scene.ts'

export const squattedAddress: Hole = {
  name: 'Somebody’s address as somebody else’s username',
  happened:
    'Where names and addresses share a login and only one of them is proved, an attacker who calls themselves by a victim’s address keeps the victim out, or is taken for the victim: the trojan identifier of the pre-hijacking attacks.',
  stands:
    'A username that reads as an email address has to be the account’s own address, at registration and at every change.',
  guards: [
    {
      file: 'core/update-profile.ts',
      find: '  if (rename !== null && isAlienAddress(rename, account)) {',
      replace: '  if (rename === null && isAlienAddress(String(rename), account)) {',
    },
  ],
  attack: () =>
    onApp(async (test) => {
      await signUp(test, ATTACKER)
      const token = tokenOf(await signIn(test, { ...ATTACKER, contract: 'drf-token' }))
      for (const method of ['PATCH', 'PUT']) {
        const json = { username: VICTIM.email, first_name: 'V', last_name: 'V' }
        await asOwner(test, token, { method, path: '/api/users/user/', json })
        const taken = await test.core.administration.findAccount(VICTIM.email)
        defended(taken === null, 'an account that is not the victim’s answers to the victim’s address')
      }
      assert.ok((await signUp(test)) > 0)
    }),
}
