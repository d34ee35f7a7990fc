import assert from 'node:assert/strict'
import { loginOf } from '../../kit/doors.ts'
import { defended, type Hole } from '../hole.ts'
import { loginDoor, onApp, postFrom, signUp, VICTIM } from '../scene.ts'

export const keycloakLockoutOfOwner: Hole = {
  name: 'GHSA-cq42-vhv7-xr7p, Keycloak',
  happened:
    'Who knows a name can have its account locked by guessing wrongly: the lock that keeps guessers out keeps the owner out.',
  stands:
    'Networks from which an account has signed in have a budget of their own, so strangers elsewhere do not use up the owner’s; and a reset by letter forgives all.',
  guards: [
    {
      file: 'core/attempts.ts',
      find: '  const isKnownNetwork = await isKnown(ports, target, client)\n',
      replace: '  const isKnownNetwork = false\n',
    },
  ],
  attack: () =>
    onApp(async (test) => {
      await signUp(test)
      const right = loginOf(loginDoor('simplejwt'), VICTIM.email, VICTIM.password)
      const wrong = loginOf(loginDoor('simplejwt'), VICTIM.email, 'A-wrong-guess')
      const home = { peer: '198.51.100.7' }
      assert.equal(await postFrom(test, home, right), 200)
      for (let guess = 0; guess < 20; guess++) await postFrom(test, { peer: `203.0.113.${guess}` }, wrong)
      assert.equal(await postFrom(test, { peer: '203.0.113.77' }, right), 429)
      defended((await postFrom(test, home, right)) === 200, 'strangers keep the owner out')
    }),
}
