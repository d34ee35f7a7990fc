import type { Config } from '../../config/config.ts'
import { wordLegacySecrets } from '../../config/legacy-secrets.ts'
import { findSharedSecrets, wordSharedSecret } from '../../config/token-settings.ts'
import type { StoredKey } from '../../core/ports.ts'
import { findSigningKey } from '../../core/signing-key.ts'
import { showTime } from '../print.ts'
import type { Finding } from './finding.ts'

const DAY = 86_400_000

/** Looks at what signs tokens, and at who else can. */
export function checkKeys(keys: readonly StoredKey[], config: Config, now: number): readonly Finding[] {
  return [...checkSigningKey(keys, config, now), ...checkSharedSecrets(config), ...checkLegacySecrets(config, now)]
}

function checkSigningKey(keys: readonly StoredKey[], config: Config, now: number): readonly Finding[] {
  const about = 'signing key'
  const signing = findSigningKey(keys, now)
  if (signing === null) return []
  const { kid, algorithm, retiredAt } = signing
  const since = Math.max(signing.activeFrom, signing.createdAt)
  const { signingAlgorithm, keyRotationDays } = config
  if (retiredAt === null && algorithm !== signingAlgorithm) {
    const says = `is for ${algorithm}, and LATCHKEY_SIGNING_ALGORITHM is ${signingAlgorithm}: restart the server, or run: npm run latchkey -- keys rotate`
    return [{ about, level: 'warn', says }]
  }
  if (retiredAt === null && keyRotationDays > 0 && now - since > (keyRotationDays + 1) * DAY) {
    const says = `signs since ${showTime(since)}, longer than LATCHKEY_KEY_ROTATION_DAYS: is a server running? If not, run: npm run latchkey -- keys rotate`
    return [{ about, level: 'warn', says }]
  }
  return [{ about, level: 'ok', says: `${kid} (${algorithm}) signs since ${showTime(since)}` }]
}

function checkLegacySecrets(config: Config, now: number): readonly Finding[] {
  return wordLegacySecrets(config, now).map((says) => ({ about: 'legacy secret', level: 'warn', says }))
}

function checkSharedSecrets(config: Config): readonly Finding[] {
  return findSharedSecrets(config).map((shared) => ({
    about: 'shared secret',
    level: 'warn',
    says: wordSharedSecret(shared),
  }))
}
