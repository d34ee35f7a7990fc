import type { Answer } from './exchange.ts'

/** The members of answers that are tokens in the contracts. */
export const TOKEN_NAMES = ['key', 'access', 'refresh', 'token'] as const

/** Tokens that earlier answers gave, for `{{key}}`, `{{access}}`, `{{refresh}}` and `{{token}}` in later requests. */
export type Tokens = Map<string, string>

/** Notes the tokens of an answer. */
export function noteTokens({ json }: Pick<Answer, 'json'>, tokens: Tokens): void {
  if (typeof json !== 'object' || json === null) return
  const members = new Map<string, unknown>(Object.entries(json))
  for (const name of TOKEN_NAMES) {
    const value = members.get(name)
    if (typeof value === 'string') tokens.set(name, value)
  }
}

/** Puts tokens where a text asks for them. What was never given stays as it is. */
export function fillTokens(text: string, tokens: Tokens): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => tokens.get(name) ?? whole)
}
