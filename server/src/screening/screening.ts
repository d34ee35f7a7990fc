import type { Screening } from '../core/ports.ts'
import { type BreachedPasswordsOptions, createBreachedPasswords } from './breached-passwords.ts'
import { loadCommonPasswords } from './common-passwords.ts'

/** Who is asked besides the built-in list. */
export type ScreeningConfig = {
  readonly breachedPasswords: 'off' | 'hibp'
  /** The range API that is asked, with its slash. */
  readonly breachedPasswordsUrl: string
}

/** Makes the screening of passwords: by the built-in list and, where that is switched on, by breaches too. */
export async function createScreening(
  { breachedPasswords, breachedPasswordsUrl: url }: ScreeningConfig,
  options: Omit<BreachedPasswordsOptions, 'url'>,
): Promise<Screening> {
  const common = await loadCommonPasswords()
  const isAsked = breachedPasswords === 'hibp'
  return {
    isCommon: common.has,
    isBreached: isAsked ? createBreachedPasswords({ url, ...options }) : async () => false,
  }
}
