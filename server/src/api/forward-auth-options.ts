import type { Access } from '../core/session.ts'

/** What a proxy may ask of a token besides that it is alive, by the words of the query. */
const REQUIREMENTS = {
  staff: ({ account }) => account.isStaff,
  'verified-email': ({ account }) => account.emailVerified,
} satisfies Readonly<Record<string, (access: Access) => boolean>>

/** A word that asks for no more, where something has to be written. */
const NOTHING_MORE = 'session'

/** What a token can lack. */
export type Requirement = keyof typeof REQUIREMENTS

/** What a proxy asks of a token. */
export type ForwardAuthOptions = {
  readonly require: readonly Requirement[]
  /** The doors of which one has to have opened the session; `null` for any. */
  readonly contracts: readonly string[] | null
}

/**
 * Reads what a proxy asks, as its operator wrote it: `require=staff,verified-email&contract=simplejwt,v1`. Whatever is
 * not understood as a whole is refused: an option that was ignored would leave a door open that somebody meant to close.
 *
 * @param known the doors there are.
 * @returns the options, or what is wrong with them.
 */
export function readForwardAuthOptions(
  text: string,
  known: readonly string[],
): ForwardAuthOptions | { readonly fault: string } {
  const options = new URLSearchParams(text)
  const names = [...options.keys()]
  const stranger = names.find((name) => name !== 'require' && name !== 'contract')
  if (stranger !== undefined) return { fault: 'only `require` and `contract` are options' }
  if (new Set(names).size < names.length) return { fault: 'an option is there twice: write its values as a comma list' }
  const required = (options.get('require')?.split(',') ?? []).filter((word) => word !== NOTHING_MORE)
  const contracts = options.get('contract')?.split(',') ?? null
  if (!required.every(isRequirement)) {
    return { fault: `\`require\` takes a comma list of ${[NOTHING_MORE, ...Object.keys(REQUIREMENTS)].join(', ')}` }
  }
  if (contracts?.some((name) => !known.includes(name))) {
    return { fault: `\`contract\` takes a comma list of ${known.join(', ')}` }
  }
  return { require: required, contracts }
}

/** What a live token lacks of what is asked of it, or `null`. */
export function findLack(access: Access, options: ForwardAuthOptions): Requirement | 'contract' | null {
  if (options.contracts !== null && !options.contracts.includes(access.session.contract)) return 'contract'
  return options.require.find((word) => !REQUIREMENTS[word](access)) ?? null
}

function isRequirement(word: string): word is Requirement {
  return Object.hasOwn(REQUIREMENTS, word)
}
