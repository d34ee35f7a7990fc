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

/** The longest name that a letter greets by, in UTF-16 units. */
const NAME_LIMIT = 60

/**
 * How a letter addresses its reader. Whoever signs up somebody else's address chooses the name too, so one that could be
 * an advertisement is left out; line breaks and control characters never come with it.
 */
export function greet({ name }: Letter): string {
  const plain = name.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  return isName(plain) ? `Hello ${plain},` : 'Hello,'
}

/** Short, and nothing that a mail program would make a link of. */
function isName(text: string): boolean {
  return text !== '' && text.length <= NAME_LIMIT && !/[/\\:@<>]|\S[.。．｡]\S/u.test(text)
}

/** Fills the places of a link. What is filled in has nothing that a URL would read as its own. */
export function fillLink(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name]
    return value === undefined ? whole : encodeURIComponent(value)
  })
}
