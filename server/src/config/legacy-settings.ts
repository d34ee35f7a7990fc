import { resolve } from 'node:path'
import type { Config, LegacySecret } from './config.ts'
import { findSecretWeakness } from './find-secret-weakness.ts'
import { readMoment } from './read-moment.ts'
import { readSecretFile } from './read-secret-file.ts'
import { readChoice, readWholeNumber } from './read-values.ts'
import type { Reading, Setting } from './setting.ts'

type LegacySettingKey =
  | 'legacyDrfJwtSecret'
  | 'legacyExpressJwtSecret'
  | 'legacySimplejwtSecret'
  | 'legacyCutover'
  | 'legacyTokenDays'
  | 'legacyAlgorithm'
  | 'legacyIdClaim'
  | 'legacyIssuer'
  | 'legacyAudience'
  | 'legacyKnoxPrefix'

/** The settings of the back end that was there before. */
export const LEGACY_SETTINGS: { readonly [Key in LegacySettingKey]: Setting<Config[Key]> } = {
  legacyDrfJwtSecret: legacySecretSetting('LATCHKEY_LEGACY_DRF_JWT_SECRET_FILE', 'drf-jwt', 'a Django SECRET_KEY'),
  legacyExpressJwtSecret: legacySecretSetting(
    'LATCHKEY_LEGACY_EXPRESS_JWT_SECRET_FILE',
    'express-jwt',
    'the JWT_SECRET of an Express app',
  ),
  legacySimplejwtSecret: legacySecretSetting(
    'LATCHKEY_LEGACY_SIMPLEJWT_SECRET_FILE',
    'simplejwt',
    'a Django SECRET_KEY, or SimpleJWT’s SIGNING_KEY',
  ),
  legacyCutover: {
    name: 'LATCHKEY_LEGACY_CUTOVER',
    description:
      'When the back end before gave out its last token, such as 2026-11-20T18:00Z: tokens that say they were issued later are refused. Needed with those secrets: else whoever knows one could make tokens for ever.',
    default: '',
    defaultInWords: 'none',
    read: (text) => (text === '' ? { value: null } : readMoment(text)),
    write: (value) => (value === null ? '' : new Date(value).toISOString()),
  },
  legacyTokenDays: {
    name: 'LATCHKEY_LEGACY_TOKEN_DAYS',
    description:
      'Days that the longest token of the back end before lives: none is taken that lives longer, nor any so long after LATCHKEY_LEGACY_CUTOVER.',
    default: '60',
    read: (text) => readWholeNumber(text, { min: 1, max: 365 }),
    write: String,
  },
  legacyAlgorithm: {
    name: 'LATCHKEY_LEGACY_ALGORITHM',
    description: 'What tokens of the back end before are signed with: HS256, HS384 or HS512.',
    default: 'HS256',
    read: (text) => readChoice(text, ['HS256', 'HS384', 'HS512']),
    write: String,
  },
  legacyIdClaim: {
    name: 'LATCHKEY_LEGACY_ID_CLAIM',
    description:
      'The claim of those tokens that says whose they are, such as user_id, or user.id for an object within an object.',
    default: '',
    defaultInWords:
      'simplejwt user_id; drf-jwt id or user_id; express-jwt id, _id, userId, user_id, sub, user.id or user._id',
    read: readClaimPath,
    write: (value) => value ?? '',
  },
  legacyIssuer: {
    name: 'LATCHKEY_LEGACY_ISSUER',
    description: 'The iss that those tokens have; without it, none with an iss is taken.',
    default: '',
    defaultInWords: 'none',
    read: readName,
    write: (value) => value ?? '',
  },
  legacyAudience: {
    name: 'LATCHKEY_LEGACY_AUDIENCE',
    description: 'The aud that those tokens have; without it, none with an aud is taken.',
    default: '',
    defaultInWords: 'none',
    read: readName,
    write: (value) => value ?? '',
  },
  legacyKnoxPrefix: {
    name: 'LATCHKEY_LEGACY_KNOX_PREFIX',
    description: 'What tokens of django-rest-knox begin with, where its TOKEN_PREFIX is set.',
    default: '',
    defaultInWords: 'none',
    read: readKnoxPrefix,
    write: (value) => value ?? '',
  },
}

function legacySecretSetting(name: string, contract: string, example: string): Setting<LegacySecret | null> {
  return {
    name,
    description: `A file holding the secret by which the back end before signed its ${contract} tokens, such as ${example}: tokens from before LATCHKEY_LEGACY_CUTOVER are taken until they expire. Nothing is signed with it.`,
    default: '',
    defaultInWords: 'none',
    read: (text, { directory }) => (text === '' ? { value: null } : readLegacySecret(resolve(directory, text))),
    write: (value) => value?.file ?? '',
  }
}

/** It was chosen long ago: a weak one is taken, for nobody could change it without logging everybody out. */
function readLegacySecret(file: string): Reading<LegacySecret> {
  const reading = readSecretFile(file)
  if ('problems' in reading) {
    return { problems: reading.problems.map((problem) => `names a file that cannot be used: ${problem}`) }
  }
  if (reading.value === '') return { problems: ['names a file that is empty: write the secret into it.'] }
  return { value: { file, secret: reading.value, isWeak: findSecretWeakness(reading.value) !== null } }
}

function readClaimPath(text: string): Reading<string | null> {
  if (text === '') return { value: null }
  if (/^[\w:/-]{1,64}(\.[\w:/-]{1,64})?$/.test(text)) return { value: text }
  return {
    problems: ['must be the name of a claim, such as user_id, or two with a dot between them, such as user.id.'],
  }
}

function readName(text: string): Reading<string | null> {
  if (text === '') return { value: null }
  // RFC 7519, 2: what has a colon in it has to be a URI.
  const isUri = !text.includes(':') || URL.canParse(text)
  if (isUri && /^[!-~]{1,255}$/.test(text)) return { value: text }
  return { problems: ['must be one name without a colon, or one URL, such as https://api.example.com.'] }
}

/** Such a token is never taken for one of ours, which are 40 digits or have dots. */
function readKnoxPrefix(text: string): Reading<string | null> {
  if (text === '') return { value: null }
  if (/^[\w-]{1,10}$/.test(text)) return { value: text }
  return { problems: ['must be what TOKEN_PREFIX is: up to 10 letters, digits, _ and -.'] }
}
