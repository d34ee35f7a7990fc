import { defended, type Hole } from '../hole.ts'
import { BEHIND_PROXY, onApp, PROXY, postFrom } from '../scene.ts'

const LOGIN = '/api/auth/login/'

async function guessWith(
  send: (forwarded: string, json: unknown) => Promise<number>,
  writes: (guess: number) => string,
): Promise<number> {
  let checked = 0
  for (let guess = 0; guess < 70; guess++) {
    const json = { email: `somebody-${guess}@example.com`, password: 'Password-1' }
    if ((await send(writes(guess), json)) !== 429) checked++
  }
  return checked
}

export const forwardedForMadeUp: Hole = {
  name: 'X-Forwarded-For that the client makes up',
  happened:
    'Servers that take a client’s address from `X-Forwarded-For` whoever sent it gave a new budget to each address that an attacker cared to write.',
  stands:
    'The header is read only when the peer is one of `LATCHKEY_TRUSTED_PROXIES`; from everybody else it is noise.',
  guards: [
    {
      file: 'app.ts',
      find: 'trustProxy: config.trustedProxies.length === 0 ? false : [...config.trustedProxies]',
      replace: 'trustProxy: true',
    },
  ],
  attack: () =>
    onApp(async (test) => {
      const peer = '203.0.113.5'
      const checked = await guessWith(
        (forwarded, json) => postFrom(test, { peer, forwarded }, { path: LOGIN, json }),
        (guess) => `198.51.100.${guess}`,
      )
      defended(checked <= 60, `${checked} guesses in a budget of 60, with an address made up for each`)
    }),
}

export const forwardedForLeftmost: Hole = {
  name: 'The left-most address of X-Forwarded-For',
  happened:
    'A proxy appends the address it sees to what its client sent. Servers that read the list from the left believed the client (CVE-2026-45364 and many rate limiters before it).',
  stands: 'The list is read from the right, up to the first address that is no trusted proxy.',
  guards: [
    {
      file: 'app.ts',
      find: 'trustProxy: config.trustedProxies.length === 0 ? false : [...config.trustedProxies]',
      replace: 'trustProxy: (_peer: string, hops: number) => hops < 2',
    },
  ],
  attack: () =>
    onApp(
      async (test) => {
        const checked = await guessWith(
          (forwarded, json) => postFrom(test, { peer: PROXY, forwarded }, { path: LOGIN, json }),
          (guess) => `198.51.100.${guess}, 203.0.113.5`,
        )
        defended(checked <= 60, `${checked} guesses in a budget of 60, behind a proxy that told the truth`)
      },
      { config: BEHIND_PROXY },
    ),
}
