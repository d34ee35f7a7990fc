import { readFileSync } from 'node:fs'

/** Latchkey's version, as its package says. */
export function readVersion(): string {
  const found: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const hasVersion = typeof found === 'object' && found !== null && 'version' in found
  return hasVersion && typeof found.version === 'string' ? found.version : 'unknown'
}
