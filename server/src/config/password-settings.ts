import type { Config } from './config.ts'
import { readProductName, readRangeUrl } from './read-screening.ts'
import { readChoice, readList } from './read-values.ts'
import type { Setting } from './setting.ts'

type PasswordSettingKey = 'passwordPolicy' | 'productNames' | 'breachedPasswords' | 'breachedPasswordsUrl'

/** The settings of which passwords may be set. */
export const PASSWORD_SETTINGS: { readonly [Key in PasswordSettingKey]: Setting<Config[Key]> } = {
  passwordPolicy: {
    name: 'LATCHKEY_PASSWORD_POLICY',
    description:
      'documented takes every password that a contract’s document allows, and flags common ones; hardened refuses those, and what is shorter than 15 characters or made of the account’s names or yours (NIST SP 800-63B-4).',
    default: 'documented',
    read: (text) => readChoice(text, ['documented', 'hardened']),
    write: String,
  },
  productNames: {
    name: 'LATCHKEY_PRODUCT_NAMES',
    description:
      'Names of your product and company, a comma list: hardened refuses passwords made of them, of the labels of LATCHKEY_PUBLIC_URL and of "latchkey".',
    default: '',
    defaultInWords: 'none',
    read: (text) => readList(text, readProductName),
    write: (value) => value.join(','),
  },
  breachedPasswords: {
    name: 'LATCHKEY_BREACHED_PASSWORDS',
    description:
      'off, or hibp: new passwords are looked up in Have I Been Pwned, which is told five digits of a hash. After one second without an answer the built-in list alone counts.',
    default: 'off',
    read: (text) => readChoice(text, ['off', 'hibp']),
    write: String,
  },
  breachedPasswordsUrl: {
    name: 'LATCHKEY_BREACHED_PASSWORDS_URL',
    description: 'Where hibp asks: your own mirror of its range API, if you have one; https only, but on loopback.',
    default: 'https://api.pwnedpasswords.com/range/',
    read: readRangeUrl,
    write: String,
  },
}
