import { defended, type Hole } from '../hole.ts'
import { onApp, post, signUp, VICTIM, WITH_MAIL } from '../scene.ts'

export const mailFlood: Hole = {
  name: 'Letters without end',
  happened:
    'Forms that send a letter to whoever is named have been used to bury mailboxes, and to run up the bills of those who send.',
  stands:
    'An address gets five letters an hour and a network may ask for thirty, whether anybody has the address or not.',
  guards: [
    {
      file: 'core/ask-for-letter.ts',
      find: '  if (budgets.length > 0) await takeOrRefuse(ports, budgets, { client, accountId: account?.id ?? null })\n',
      replace: '',
    },
  ],
  attack: () =>
    onApp(
      async (test) => {
        await signUp(test)
        for (let letter = 0; letter < 20; letter++) {
          const path = letter % 2 === 0 ? 'password/reset/' : 'registration/resend-email/'
          const email = letter % 3 === 0 ? VICTIM.email.toUpperCase() : VICTIM.email
          await post(test, `/api/users/${path}`, { email })
        }
        while ((await test.core.deliverLetters()).sent > 0);
        // One came with the registration.
        defended(test.letters.length <= 6, `one address got ${test.letters.length} letters within the hour`)
      },
      { config: WITH_MAIL },
    ),
}
