import assert from 'node:assert/strict'
import { writeEmailVerification } from '../../../src/mail/email-verification.ts'
import { writePasswordReset } from '../../../src/mail/password-reset.ts'
import { defended, type Hole } from '../hole.ts'
import { onApp, signUp, VICTIM, WITH_MAIL } from '../scene.ts'

const EVIL = 'evil.example'
const LINKS = {
  resetUrl: 'https://app.example.com/reset/{uid}/{token}',
  verifyUrl: 'https://app.example.com/verify/{key}',
}

export const supabaseLinkPoisoning: Hole = {
  name: 'GHSA-3529-5m8x-rpv3, Supabase Auth',
  happened:
    'Links in letters were made with the request’s `X-Forwarded-Host` and `X-Forwarded-Proto`. An attacker asked for a victim’s letter, and its link brought the code to the attacker’s server.',
  stands:
    'Links and the issuer come from settings alone. A letter is written later, from its row, and knows nothing of the request; no host of a request is ever read.',
  guards: [
    {
      file: 'http/wire-request.ts',
      find: '  return (request, contract) => ({\n',
      replace: `  return (request, contract) => (Object.assign(globalThis, { host: request.headers['x-forwarded-host'] }), {\n`,
    },
    {
      file: 'mail/message.ts',
      find: '  return template.replaceAll(',
      replace: `  const origin = (template) => template.replace('app.example.com', Reflect.get(globalThis, 'host') ?? 'app.example.com')
  return origin(template).replaceAll(`,
    },
  ],
  attack: () =>
    onApp(
      async (test) => {
        await signUp(test)
        await test.app.inject({
          method: 'POST',
          url: '/api/users/password/reset/',
          headers: {
            'content-type': 'application/json',
            host: EVIL,
            'x-forwarded-host': EVIL,
            'x-forwarded-proto': 'http',
            'x-original-host': EVIL,
            forwarded: `host=${EVIL};proto=http`,
            origin: `https://${EVIL}`,
            referer: `https://${EVIL}/`,
          },
          payload: JSON.stringify({ email: VICTIM.email }),
        })
        await test.core.deliverLetters()
        assert.equal(test.letters.length, 2)
        for (const letter of test.letters) {
          const write = letter.purpose === 'password_reset' ? writePasswordReset : writeEmailVerification
          const { text } = write(letter, LINKS)
          assert.ok(text.includes(letter.token))
          defended(!text.includes(EVIL), 'a letter has a link to the attacker’s host')
          defended(text.includes('https://app.example.com/'), 'a letter’s link is not to the page that was set')
        }
      },
      { config: WITH_MAIL },
    ),
}
