import type { Keeper } from './keeper.ts'
import type { Lock } from './lock.ts'
import type { Outcome } from './renew-tokens.ts'
import type { Tokens } from './tokens.ts'

/** Sees to it that requests have tokens that are taken. */
export type Renewal = {
  /** The tokens for a request, renewed ahead of their expiry. @throws what keeps the server from renewing expired ones. */
  current(): Promise<Tokens | null>
  /** Other tokens of the same sign-in, in the place of some that were refused; `null` where there are none. */
  instead(refused: Tokens): Promise<Tokens | null>
  /** Renews them now. */
  force(): Promise<Outcome>
}

type Parts = {
  readonly keeper: Keeper
  readonly lock: Lock
  readonly now: () => number
  /** Asks the server for new ones. */
  readonly renew: (tokens: Tokens) => Promise<Outcome>
  /** Asks the server whether these, for which there can be no new ones, are still good. */
  readonly probe: (tokens: Tokens) => Promise<Outcome>
}

/** How long another tab's change may take to be seen here, in milliseconds, and how often it is looked for. */
const SPREAD = { tries: 10, pause: 20 }

/** Asks the server once for any number of requests, and once for all tabs. */
export function createRenewal({ keeper, lock, now, renew, probe }: Parts): Renewal {
  let flight: { readonly access: string; readonly outcome: Promise<Outcome> } | null = null

  const once = (refused: Tokens, ask: (tokens: Tokens) => Promise<Outcome>): Promise<Outcome> => {
    if (flight?.access === refused.access) return flight.outcome
    const outcome = lock(async (hasWaited) => {
      const tokens = hasWaited ? await lookAgain(keeper, refused) : await keeper.read()
      // Another tab was faster, or somebody has logged out.
      return tokens === null || tokens.access !== refused.access ? { tokens, refusal: null } : ask(tokens)
    }).finally(() => {
      if (flight?.outcome === outcome) flight = null
    })
    flight = { access: refused.access, outcome }
    return outcome
  }

  return {
    async current() {
      const tokens = await keeper.read()
      const isDue = tokens !== null && tokens.refresh !== null && tokens.renewAt !== null && now() >= tokens.renewAt
      if (!isDue) return tokens
      const renewing = once(tokens, renew)
      if (tokens.expiresAt === null || now() >= tokens.expiresAt) return (await renewing).tokens
      // What is still good is used meanwhile: nobody waits for the server, and one that has no time is asked again.
      renewing.catch(() => {})
      return tokens
    },
    async instead(refused) {
      const kept = await keeper.read()
      // A request of one user is not sent again in the name of another.
      if (kept === null || kept.id !== refused.id) return null
      if (kept.access !== refused.access) return kept
      const { tokens } = await once(refused, kept.refresh === null ? probe : renew)
      return tokens?.id === refused.id && tokens.access !== refused.access ? tokens : null
    },
    async force() {
      const tokens = await keeper.read()
      return tokens === null ? { tokens, refusal: null } : once(tokens, renew)
    },
  }
}

/** Browsers tell a tab of another tab's change a moment after they have let it go on. */
async function lookAgain(keeper: Keeper, before: Tokens): Promise<Tokens | null> {
  for (let left = SPREAD.tries; ; left--) {
    const tokens = await keeper.read()
    if (tokens?.access !== before.access || left === 0) return tokens
    await new Promise((resolve) => setTimeout(resolve, SPREAD.pause))
  }
}
