import type { Letter } from '../core/mail.ts'

/** A letter in words. */
export type Message = { readonly subject: string; readonly text: string }

/** Where the links of letters lead: pages of the team's own front end. */
export type MailLinks = {
  /** Has `{uid}` and `{token}` in it. */
  readonly resetUrl: string
  /** Has `{key}` in it. */
  readonly verifyUrl: string
}

/** How a letter addresses its reader. A name cannot bring line breaks or control characters with it. */
export function greet({ name }: Letter): string {
  const plain = name.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  return plain === '' ? 'Hello,' : `Hello ${plain},`
}

/** Fills the places of a link. What is filled in has nothing that a URL would read as its own. */
export function fillLink(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name]
    return value === undefined ? whole : encodeURIComponent(value)
  })
}
