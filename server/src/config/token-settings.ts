import { resolve } from 'node:path'
import type { Config, SharedSecret } from './config.ts'
import { findSecretWeakness } from './find-secret-weakness.ts'
import { readSecretFile } from './read-secret-file.ts'
import { readChoice, readWholeNumber } from './read-values.ts'
import type { Reading, Setting } from './setting.ts'

type TokenSettingKey =
  | 'signingAlgorithm'
  | 'keyRotationDays'
  | 'audience'
  | 'simplejwtHs256Secret'
  | 'drfJwtHs256Secret'

/** The settings of how tokens are signed, and for whom they are. */
export const TOKEN_SETTINGS: { readonly [Key in TokenSettingKey]: Setting<Config[Key]> } = {
  signingAlgorithm: {
    name: 'LATCHKEY_SIGNING_ALGORITHM',
    description:
      'What new signing keys are for: ES256, EdDSA or RS256. Changed, the next key is published at the next start and signs ten minutes later; tokens that are out stay good.',
    default: 'ES256',
    read: (text) => readChoice(text, ['ES256', 'EdDSA', 'RS256']),
    write: String,
  },
  keyRotationDays: {
    name: 'LATCHKEY_KEY_ROTATION_DAYS',
    description: 'Days after which a new key signs; 0 leaves that to latchkey keys rotate.',
    default: '0',
    read: (text) => readWholeNumber(text, { min: 0, max: 3650 }),
    write: String,
  },
  audience: {
    name: 'LATCHKEY_AUDIENCE',
    description:
      'The aud of every token, such as https://api.example.com: your services then take only what is meant for them. Tokens that say another audience are not taken any more.',
    default: '',
    defaultInWords: 'none; tokens of /v1 have the issuer’s',
    read: readAudience,
    write: (value) => value ?? '',
  },
  simplejwtHs256Secret: sharedSecretSetting('LATCHKEY_SIMPLEJWT_HS256_SECRET_FILE', 'simplejwt'),
  drfJwtHs256Secret: sharedSecretSetting('LATCHKEY_DRF_JWT_HS256_SECRET_FILE', 'drf-jwt'),
}

/** What is shared, for whoever starts a server with such a secret. */
export function findSharedSecrets(config: Pick<Config, 'simplejwtHs256Secret' | 'drfJwtHs256Secret'>): readonly {
  readonly contract: string
  readonly setting: string
  readonly file: string
  readonly secret: string
}[] {
  return (['simplejwtHs256Secret', 'drfJwtHs256Secret'] as const).flatMap((key) => {
    const shared = config[key]
    if (shared === null) return []
    const contract = key === 'simplejwtHs256Secret' ? 'simplejwt' : 'drf-jwt'
    return [{ contract, setting: TOKEN_SETTINGS[key].name, ...shared }]
  })
}

/** Says what it means to share a secret. */
export function wordSharedSecret({
  contract,
  setting,
  file,
}: {
  contract: string
  setting: string
  file: string
}): string {
  return (
    `tokens of ${contract} are signed HS256 with the secret in ${file}: whoever has it can make tokens that your other services believe. ` +
    `Latchkey itself takes them only for a live session. Once your services check by /.well-known/jwks.json, remove ${setting}.`
  )
}

/** How long the longest token is set to live, in seconds. */
export function findLongestLifetime(config: Config): number {
  const { drfJwtSeconds, expressJwtSeconds, simplejwtRefreshSeconds, v1RefreshSeconds } = config
  return Math.max(drfJwtSeconds, expressJwtSeconds, simplejwtRefreshSeconds, v1RefreshSeconds)
}

/** PyJWT refuses an audience that is no text, and a space or a comma would be a list by mistake. */
function readAudience(text: string): Reading<string | null> {
  if (text === '') return { value: null }
  // RFC 7519, 2: what has a colon in it has to be a URI.
  const isUri = !text.includes(':') || URL.canParse(text)
  if (isUri && /^[!#-+\--[\]-~]{1,255}$/.test(text)) return { value: text }
  return { problems: ['must be one name without a colon, or one URL, such as https://api.example.com.'] }
}

function sharedSecretSetting(name: string, contract: string): Setting<SharedSecret | null> {
  return {
    name,
    description: `A file holding the secret by which your services check ${contract} tokens, such as a Django SECRET_KEY; it is theirs too. With it those tokens are signed HS256 instead of with the signing key.`,
    default: '',
    defaultInWords: 'none',
    read: (text, { directory }) => (text === '' ? { value: null } : readSharedSecret(resolve(directory, text))),
    write: (value) => value?.file ?? '',
  }
}

function readSharedSecret(file: string): Reading<SharedSecret> {
  const reading = readSecretFile(file)
  if ('problems' in reading) {
    return { problems: reading.problems.map((problem) => `names a file that cannot be used: ${problem}`) }
  }
  const weakness = findSecretWeakness(reading.value)
  if (weakness !== null) return { problems: [`names a file whose secret ${weakness}`] }
  return { value: { file, secret: reading.value } }
}
