import type { Config } from './config.ts'
import { LEGACY_SETTINGS } from './legacy-settings.ts'
import { findSharedSecrets } from './token-settings.ts'

const DAY = 86_400_000

/** Which secret of the back end before is for which contract's tokens. SimpleJWT's say best what they are: they come first. */
const SECRETS = [
  ['legacySimplejwtSecret', 'simplejwt'],
  ['legacyDrfJwtSecret', 'drf-jwt'],
  ['legacyExpressJwtSecret', 'express-jwt'],
] as const

/** By what the back end before signed tokens that are still taken. */
export function findLegacySecrets(config: Pick<Config, (typeof SECRETS)[number][0]>): readonly {
  readonly contract: string
  readonly setting: string
  readonly file: string
  readonly secret: string
  readonly isWeak: boolean
}[] {
  return SECRETS.flatMap(([key, contract]) => {
    const secret = config[key]
    return secret === null ? [] : [{ contract, setting: LEGACY_SETTINGS[key].name, ...secret }]
  })
}

/** When the last token of the back end before is over, in milliseconds since 1970; `null` where none is taken. */
export function findLegacyEnd({
  legacyCutover,
  legacyTokenDays,
}: Pick<Config, 'legacyCutover' | 'legacyTokenDays'>): number | null {
  return legacyCutover === null ? null : legacyCutover + legacyTokenDays * DAY
}

/** What is wrong between the settings of the back end before; those that are not sound are left out of `known`. */
export function findLegacyConflicts(known: Partial<Config>): readonly string[] {
  const cutover = LEGACY_SETTINGS.legacyCutover.name
  const set = SECRETS.filter(([key]) => known[key] !== undefined && known[key] !== null)
  const settings = set.map(([key]) => LEGACY_SETTINGS[key].name)
  const [first] = settings
  if (first !== undefined && known.legacyCutover === null) {
    return [
      `${cutover} is missing: ${first} is set, and whoever knows that secret could make tokens for ever. ` +
        'Set it to when the back end before stopped, such as 2026-11-20T18:00Z.',
    ]
  }
  const isAlone = SECRETS.every(([key]) => known[key] === null)
  if (typeof known.legacyCutover === 'number' && isAlone) {
    const names = SECRETS.map(([key]) => LEGACY_SETTINGS[key].name)
    return [`${cutover} is set, but none of ${names.join(', ')}: set the one that is meant, or remove it.`]
  }
  return []
}

/** Says what it means that tokens of the back end before are taken, a sentence or two for each of its secrets. */
export function wordLegacySecrets(config: Config, now: number): readonly string[] {
  const end = findLegacyEnd(config)
  if (end === null) return []
  return findLegacySecrets(config).map(({ contract, setting, file, secret, isWeak }) => {
    if (end <= now) {
      const isInUse = findSharedSecrets(config).some((shared) => shared.secret === secret)
      const rest = isInUse
        ? '; the secret signs tokens of ours, so keep its file'
        : `, and the secret in ${file} with it`
      return `the last token that the back end before signed for ${contract} was over at ${show(end)}: remove ${setting}${rest}.`
    }
    const weakness = isWeak
      ? ' That secret is weak: somebody could guess it from any one token, so let this be short.'
      : ''
    const early =
      (config.legacyCutover ?? 0) > now
        ? ` ${LEGACY_SETTINGS.legacyCutover.name} is still to come: once that back end gives out no more, set it to that time.`
        : ''
    return (
      `tokens that the back end before signed for ${contract} until ${show(config.legacyCutover ?? 0)} are taken until ${show(end)}: ` +
      `whoever has the secret in ${file} can make one for any account that was moved in.${weakness}${early} After that time, remove ${setting}.`
    )
  })
}

function show(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ').concat(' UTC')
}
