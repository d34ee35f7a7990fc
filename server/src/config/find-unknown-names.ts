import { findNearest } from './find-nearest.ts'
import type { TextSources } from './find-text.ts'
import { listSettings } from './list-settings.ts'

const PREFIX = 'LATCHKEY_'

/** A problem for each `LATCHKEY_` name that is no setting: a typing error must not leave a default in force unnoticed. */
export function findUnknownNames({ env, dotenv }: TextSources): string[] {
  const known = listSettings().map(({ name }) => name)
  const given = new Set([...Object.keys(env), ...Object.keys(dotenv?.values ?? {})])
  return [...given]
    .filter((name) => name.toUpperCase().startsWith(PREFIX) && !known.includes(name))
    .sort()
    .map((name) => {
      const bare = name.slice(PREFIX.length)
      const nearest = known.find((other) => other === bare.toUpperCase()) ?? findNearest(name, known)
      const hint = nearest === null ? 'Remove it; `latchkey config --help` lists them all.' : `Did you mean ${nearest}?`
      return `${name} is not a setting. ${hint}`
    })
}
