import type { Difference } from './compare.ts'
import { HIDDEN, isSecretName } from './mask.ts'
import { membersOf, parseJson } from './recorded.ts'

/** Shorter texts are everywhere, and hiding them would hide everything. */
const SHORTEST = 4

/** Every secret that a request carries: passwords and tokens of its body, its credentials, its cookies, its query. */
export function listSecrets(request: {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}): readonly string[] {
  const { path, headers, body = '' } = request
  const found = new Set<string>()
  for (const [, value] of new URLSearchParams(path.split(/\?(.*)/s)[1] ?? '')) found.add(value)
  for (const word of (headers.authorization ?? '').split(/\s+/).slice(1)) found.add(word)
  for (const cookie of (headers.cookie ?? '').split(/;\s*/)) found.add(cookie.slice(cookie.indexOf('=') + 1))
  const json = parseJson(body)
  if (json !== undefined) collect(json, '', found)
  else for (const [name, value] of new URLSearchParams(body)) if (isSecretName(name)) found.add(value)
  return [...found].filter((secret) => secret.length >= SHORTEST).sort((one, other) => other.length - one.length)
}

/** Differences in which none of some secrets can be read, wherever a server has put it. */
export function hideSecrets(differences: readonly Difference[], secrets: readonly string[]): readonly Difference[] {
  const hide = (text: string) =>
    secrets.reduce((left, secret) => {
      return left.replaceAll(secret, HIDDEN).replaceAll(JSON.stringify(secret).slice(1, -1), HIDDEN)
    }, text)
  return differences.map(({ at, expected, got }) => ({ at: hide(at), expected: hide(expected), got: hide(got) }))
}

function collect(value: unknown, name: string, found: Set<string>): void {
  if ((typeof value === 'string' || typeof value === 'number') && isSecretName(name)) found.add(String(value))
  else if (Array.isArray(value)) for (const item of value) collect(item, name, found)
  else for (const [member, inner] of membersOf(value) ?? []) collect(inner, member, found)
}
