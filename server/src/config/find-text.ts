import type { Dotenv } from './read-dotenv.ts'

/** Where settings are looked for: the environment first, then `.env`. */
export type TextSources = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly dotenv?: Dotenv
}

/** A variable's text and where it was found. */
export type FoundText = { readonly text: string; readonly origin: 'environment' | '.env' }

/** Looks a variable up. The environment wins over `.env`, even when it is empty there. */
export function findText(name: string, { env, dotenv }: TextSources): FoundText | null {
  const own = env[name]
  if (own !== undefined) return { text: own, origin: 'environment' }
  const written = dotenv?.values[name]
  return written === undefined ? null : { text: written, origin: '.env' }
}

/** Looks a variable up whose emptiness means that it is not set. */
export function findFilledText(name: string, sources: TextSources): FoundText | null {
  const found = findText(name, sources)
  const text = found?.text.trim() ?? ''
  return found === null || text === '' ? null : { text, origin: found.origin }
}
