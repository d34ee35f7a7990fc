import { defended, type Hole } from '../hole.ts'
import { BEHIND_PROXY, onApp, PROXY, postFrom } from '../scene.ts'

const LOGIN = '/api/auth/login/'

/** The hosts of one /64, and every other spelling of one of them. */
const INSIDE = ['2001:db8:1:2::1', '2001:0DB8:0001:0002:0:0:0:1', '[2001:db8:1:2::1]:4711', '2001:db8:1:2::1%eth0']

export const betterAuthIpv6Rotation: Hole = {
  name: 'CVE-2026-45364, Better Auth',
  happened:
    'Rate limits were kept for each spelling of each IPv6 address: whoever has a /64, and everybody has, could guess from 2⁶⁴ addresses, or write one address in many ways.',
  stands: 'A network is an IPv4 address or the /64 of an IPv6 address, in one spelling; both have one budget.',
  guards: [{ file: 'core/network.ts', find: '    .slice(0, 4)\n', replace: '    .slice(0, 8)\n' }],
  attack: () =>
    onApp(
      async (test) => {
        let checked = 0
        for (let guess = 0; guess < 80; guess++) {
          const forwarded = INSIDE[guess] ?? `2001:db8:1:2:${guess.toString(16)}:a:b:c`
          const json = { email: `somebody-${guess}@example.com`, password: 'Password-1' }
          if ((await postFrom(test, { peer: PROXY, forwarded }, { path: LOGIN, json })) !== 429) checked++
        }
        defended(checked <= 60, `${checked} guesses in a budget of 60, from addresses of one /64`)
      },
      { config: BEHIND_PROXY },
    ),
}
