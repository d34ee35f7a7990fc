import assert from 'node:assert/strict'
import { CONTRACT_LOGINS, tokenOf } from '../../kit/doors.ts'
import { defended, type Hole } from '../hole.ts'
import { asOwner, countChecks, onApp, signIn, signUp, VICTIM } from '../scene.ts'

export const keycloakOtherDoor: Hole = {
  name: 'CVE-2026-9798, Keycloak',
  happened:
    'An account that was locked after wrong guesses could still be signed in to by another flow, which did not ask about the lock.',
  stands:
    'Every place that judges a password, the change of a password included, is charged to the one budget of the account, whatever the door.',
  guards: [
    {
      file: 'core/attempts.ts',
      find: '    key: targetKey(target, { isKnownNetwork, pseudonym: tokens.pseudonym }),\n',
      replace: '    key: targetKey(target, { isKnownNetwork, pseudonym: tokens.pseudonym }) + client.contract,\n',
    },
  ],
  attack: () =>
    onApp(async (test) => {
      await signUp(test)
      const token = tokenOf(await signIn(test))
      for (let guess = 0; guess < 10; guess++) await signIn(test, { contract: 'express-jwt', password: `No-${guess}` })
      assert.equal((await signIn(test, { contract: 'express-jwt' })).status, 429)
      for (const { contract } of CONTRACT_LOGINS) {
        const checks = await countChecks(test, () => signIn(test, { contract }))
        defended(checks === 0, `${contract} judges passwords of an account that is out of guesses at another door`)
      }
      const json = {
        old_password: VICTIM.password,
        new_password1: 'Another-Password-1',
        new_password2: 'Another-Password-1',
      }
      const path = '/api/users/password/change/'
      const { status } = await asOwner(test, token, { method: 'POST', path, json })
      defended(status === 429, 'a password can be guessed at by changing it')
    }),
}
