import assert from 'node:assert/strict'
import { writeEmailVerification } from '../../../src/mail/email-verification.ts'
import { REGISTRATIONS, registrationOf } from '../../kit/doors.ts'
import { send } from '../../kit/wire.ts'
import { defended, type Hole } from '../hole.ts'
import { onApp, VICTIM, WITH_MAIL } from '../scene.ts'

const NAMES = [
  'You have won! https://evil.example/prize',
  'Ada\r\nBcc: everybody@example.com\r\n\r\nBuy at evil.example',
  'support@evil.example needs your answer',
  'Call 0900-evil, '.repeat(12),
]

export const letterThatAdvertises: Hole = {
  name: 'Letters that carry a stranger’s words',
  happened:
    'Spammers signed strangers up with an advertisement for a name: the letter that confirms the address brought it to them from a sender whom they trust. With line breaks in it a name could add headers.',
  stands: 'A letter greets by name only where that is short and has nothing in it that a mail program makes a link of.',
  guards: [{ file: 'mail/message.ts', find: 'return isName(plain) ? ', replace: "return plain !== '' ? " }],
  attack: () =>
    onApp(
      async (test) => {
        const [door] = REGISTRATIONS
        assert.ok(door)
        for (const [index, name] of NAMES.entries()) {
          const email = `victim-${index}@example.com`
          await send(test, registrationOf(door, { ...VICTIM, email, username: `v${index}`, name }))
          await test.core.deliverLetters()
          const letter = test.letters.at(-1)
          assert.equal(letter?.to, email)
          const { text } = writeEmailVerification(letter, { verifyUrl: 'https://app.example.com/verify/{key}' })
          defended(!text.includes('evil'), `a letter says what a stranger wrote: ${text.slice(0, 80)}`)
        }
      },
      { config: WITH_MAIL },
    ),
}
