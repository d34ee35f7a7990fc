import type { Identity } from './identity.ts'
import { introspect } from './introspect.ts'
import type { Settings } from './options.ts'
import { TokenError } from './token-error.ts'

type IntrospectionSettings = Parameters<typeof introspect>[0]
type Client = NonNullable<Settings['introspection']>

/** The most answers that are remembered at once. */
const MOST_ANSWERS = 10_000

/** The most questions that are under way at once: what is more is refused, so that none pile up while nobody answers. */
const MOST_ASKED = 200

/** Both times in milliseconds since 1970; a clock that was set back is before the first. */
type Answer = { readonly identity: Identity; readonly asked: number; readonly until: number }

/**
 * Makes what asks Latchkey about a token, and believes an answer for as long as the options allow: by default not at
 * all. What is remembered is the digest of a token, and only of one that is alive.
 *
 * @param locate finds where to ask.
 */
export function createIntrospection(
  settings: IntrospectionSettings,
  client: Client,
  locate: () => Promise<string>,
): (token: string) => Promise<Identity> {
  const { now } = settings
  const lifetime = client.cacheSeconds * 1000
  const answers = new Map<string, Answer>()

  let underWay = 0
  const ask = async (token: string) => {
    if (underWay >= MOST_ASKED) {
      throw new TokenError('unavailable', `${MOST_ASKED} questions are under way: Latchkey is slow, or away.`)
    }
    underWay++
    try {
      return await introspect(settings, { ...client, url: await locate() }, token)
    } finally {
      underWay--
    }
  }
  if (lifetime === 0) return ask

  return async (token) => {
    const name = await digest(token)
    const known = answers.get(name)
    if (known !== undefined && known.asked <= now() && now() < known.until) return known.identity
    answers.delete(name)
    // The answer is as old as the question.
    const asked = now()
    const identity = await ask(token)
    const oldest = answers.keys().next()
    if (answers.size >= MOST_ANSWERS && !oldest.done) answers.delete(oldest.value)
    answers.set(name, { identity, asked, until: Math.min(asked + lifetime, identity.expiresAt) })
    return identity
  }
}

async function digest(token: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token)))
  return String.fromCharCode(...bytes)
}
