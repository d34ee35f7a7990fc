import assert from 'node:assert/strict'
import { createPasswords } from '../../../src/crypto/passwords.ts'
import { defended, type Hole } from '../hole.ts'
import { onApp, signIn, signUp, VICTIM } from '../scene.ts'

export const hostileImportedHash: Hole = {
  name: 'Hashes that cost what their writer likes',
  happened:
    'A stored hash says itself what it costs to check. Whoever can put one into an import, or a row, can have each login take gigabytes and minutes.',
  stands:
    'Of argon2 at most m=256 MiB, t=10 and p=16 are checked. Anything else is no password’s hash: its owner needs a reset, and the server does no work for it.',
  guards: [
    { file: 'crypto/argon2-hash.ts', find: '  return isWithin && isPossible ? ', replace: '  return isPossible ? ' },
  ],
  attack: () =>
    onApp(async (test) => {
      const id = await signUp(test)
      const credential = await test.store.findCredentialById(id)
      assert.ok(credential?.passwordHash)
      // Within what this test can afford, and beyond what is checked.
      const costly = await createPasswords({ memory: 8, passes: 11, lanes: 1 })
      const hash = await costly.hash(VICTIM.password)
      assert.ok(await test.store.upgradePasswordHash(id, credential.passwordHash, hash))
      const { status } = await signIn(test)
      defended(status === 401, 'a hash beyond all bounds was checked')
    }),
}
