import type { Config, Rate } from './config.ts'
import { readRate, readRates, writeRate } from './read-rates.ts'
import { readSwitch } from './read-values.ts'
import type { Setting } from './setting.ts'

type RateKey = 'networkNames' | 'networkRegistrations' | 'addressLetters' | 'networkLetters'
type LimitSettingKey = 'limits' | 'accountGuesses' | 'networkGuesses' | RateKey

/** After so many failures in a row an account gets one guess a day anyway: a larger count would mean nothing. */
const MOST_GUESSES = 50
/** More from one network than any office, school or mobile carrier could need. */
const MOST = 1_000_000

/** The settings of how often what may be tried. */
export const LIMIT_SETTINGS: { readonly [Key in LimitSettingKey]: Setting<Config[Key]> } = {
  limits: {
    name: 'LATCHKEY_LIMITS',
    description: 'on or off: the budgets for guessing passwords. off only while HOST is loopback.',
    default: 'on',
    read: (text) => readSwitch(text, { yes: 'on', no: 'off' }),
    write: (value) => (value ? 'on' : 'off'),
  },
  accountGuesses: {
    name: 'LATCHKEY_LIMIT_ACCOUNT_GUESSES',
    description:
      'Wrong passwords for one account, by all doors together, as COUNT/TIME; then each further one doubles a wait from 1 s to 15 min. Enough for a person who mistypes, too few to guess. An account with a weak password gets a third.',
    default: '10/5m',
    read: (text) => readRate(text, { max: MOST_GUESSES }),
    write: writeRate,
  },
  networkGuesses: {
    name: 'LATCHKEY_LIMIT_NETWORK_GUESSES',
    description:
      'Wrong passwords from one network (IPv4 address or IPv6 /64) for whatever accounts, a comma list of COUNT/TIME that all hold: it stops one password being tried on many accounts. Raise it if many of your users share one address.',
    default: '60/5m,300/1h',
    read: (text) => readRates(text, { max: MOST }),
    write: (value) => value.map(writeRate).join(','),
  },
  networkNames: rateSetting(
    'LATCHKEY_LIMIT_NETWORK_NAMES',
    '30/1h',
    'Different names that one network may ask about where an answer tells whether somebody has them (express-jwt’s login, registration, a new username), as COUNT/TIME: nobody can find out your users from a list.',
  ),
  networkRegistrations: rateSetting(
    'LATCHKEY_LIMIT_NETWORK_REGISTRATIONS',
    '60/1h',
    'Accounts that one network may make, as COUNT/TIME: each costs a password hash and a row for ever. Raise it for a class that signs up at once.',
  ),
  addressLetters: rateSetting(
    'LATCHKEY_LIMIT_ADDRESS_LETTERS',
    '5/1h',
    'Letters that may be asked for to one address, as COUNT/TIME: nobody can fill somebody’s mailbox through you.',
  ),
  networkLetters: rateSetting(
    'LATCHKEY_LIMIT_NETWORK_LETTERS',
    '30/1h',
    'Letters that one network may ask for, as COUNT/TIME: nobody can spend your mail server’s good name.',
  ),
}

/** How many times looser than the default a budget must be to be worth a warning. */
const FAR = 3

/** The budgets by which core makes its rules. */
export function ratesOf(config: Config): {
  account: Rate
  network: readonly Rate[]
  names: Rate
  registrations: Rate
  lettersTo: Rate
  lettersFrom: Rate
} {
  return {
    account: config.accountGuesses,
    network: config.networkGuesses,
    names: config.networkNames,
    registrations: config.networkRegistrations,
    lettersTo: config.addressLetters,
    lettersFrom: config.networkLetters,
  }
}

/** The names of the budgets that let through, in the long run, several times what their default does. */
export function findLooseLimits(config: Config): readonly string[] {
  const keys = ['accountGuesses', 'networkNames', 'networkRegistrations', 'addressLetters', 'networkLetters'] as const
  const loose = keys.filter((key) => isFarLooser([config[key]], LIMIT_SETTINGS[key].default))
  const names = loose.map((key) => LIMIT_SETTINGS[key].name)
  const { name, default: usual } = LIMIT_SETTINGS.networkGuesses
  return isFarLooser(config.networkGuesses, usual) ? [...names, name] : names
}

function isFarLooser(rates: readonly Rate[], usual: Setting<unknown>['default']): boolean {
  const reading = readRates(typeof usual === 'string' ? usual : '', { max: MOST })
  return 'value' in reading && pace(rates) >= FAR * pace(reading.value)
}

/** Of several that all hold, the narrowest counts. */
function pace(rates: readonly Rate[]): number {
  return Math.min(...rates.map(({ limit, window }) => limit / window))
}

function rateSetting(name: string, usual: string, description: string): Setting<Rate> {
  return { name, description, default: usual, read: (text) => readRate(text, { max: MOST }), write: writeRate }
}
