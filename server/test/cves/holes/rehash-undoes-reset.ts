import assert from 'node:assert/strict'
import { LOCAL } from '../../kit/clients.ts'
import { defended, type Hole } from '../hole.ts'
import { onApp, signIn, signUp, VICTIM } from '../scene.ts'

export const rehashUndoesReset: Hole = {
  name: 'A stronger hash of the old password, written over the new one',
  happened:
    'Stores that hash a password anew at login, when its parameters are too weak, wrote what they had: a login under way during a reset put the old password back.',
  stands:
    'The stronger hash takes the place of exactly the one that was checked, in one statement; of any other it does not.',
  guards: [
    {
      file: 'store/sql/passwords.ts',
      find: `        .set({ password_hash: replacement, legacy_format: null })
        .where('id', '=', accountId)
        .where('password_hash', '=', expected)`,
      replace: `        .set({ password_hash: replacement, legacy_format: null })
        .where('id', '=', accountId)
        .where('password_hash', '!=', '')`,
    },
  ],
  attack: () =>
    onApp(async (test) => {
      const id = await signUp(test)
      const before = await test.store.findCredentialById(id)
      assert.ok(before?.passwordHash)
      await test.core.administration.setPassword(id, 'Another-Password-1')
      await test.store.upgradePasswordHash(id, before.passwordHash, before.passwordHash)
      const login = { identifier: VICTIM.email, password: VICTIM.password, client: LOCAL }
      const refused = await test.core.authenticate(login).catch((error: unknown) => error)
      defended(refused instanceof Error, 'the password that was replaced is good again')
      assert.equal((await signIn(test, { password: 'Another-Password-1' })).status, 200)
    }),
}
