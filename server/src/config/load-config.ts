import { resolve } from 'node:path'
import type { Config, SettingKey } from './config.ts'
import { ConfigError } from './config-error.ts'
import { findConflicts } from './find-conflicts.ts'
import { findFilledText, findText, type TextSources } from './find-text.ts'
import { findUnknownNames } from './find-unknown-names.ts'
import { quoteForShell } from './quote-for-shell.ts'
import { readSecretFile } from './read-secret-file.ts'
import type { Reading, SecretSource, Setting, SettingContext } from './setting.ts'
import { SETTINGS } from './settings.ts'

/** Everything that a configuration is made from. */
export type ConfigSources = TextSources & {
  /** Every contract that can be served. */
  readonly contractNames: readonly string[]
  /** What relative paths are relative to: the working directory unless told. */
  readonly directory?: string
}

/**
 * Reads and checks every setting, and freezes what it found.
 *
 * @throws {ConfigError} with every problem at once, none of which shows a value.
 */
export function loadConfig(sources: ConfigSources): Config {
  const directory = sources.directory ?? process.cwd()
  const known: { -readonly [Key in keyof Config]?: Config[Key] } = {}
  const context: SettingContext = { directory, contractNames: sources.contractNames, known }
  const problems = findUnknownNames(sources)

  const config: Config = {
    port: read('port'),
    host: read('host'),
    databaseUrl: read('databaseUrl'),
    databasePassword: read('databasePassword'),
    migrate: read('migrate'),
    publicUrl: read('publicUrl'),
    isPublicUrlSet: findFilledText(SETTINGS.publicUrl.name, sources) !== null,
    secret: read('secret'),
    contracts: read('contracts'),
    sharedPathsDefault: read('sharedPathsDefault'),
    drfTokenSeconds: read('drfTokenSeconds'),
    drfJwtSeconds: read('drfJwtSeconds'),
    expressJwtSeconds: read('expressJwtSeconds'),
    simplejwtRefreshSeconds: read('simplejwtRefreshSeconds'),
    simplejwtAccessSeconds: read('simplejwtAccessSeconds'),
    simplejwtCodes: read('simplejwtCodes'),
    signingAlgorithm: read('signingAlgorithm'),
    keyRotationDays: read('keyRotationDays'),
    audience: read('audience'),
    simplejwtHs256Secret: read('simplejwtHs256Secret'),
    drfJwtHs256Secret: read('drfJwtHs256Secret'),
    legacyDrfJwtSecret: read('legacyDrfJwtSecret'),
    legacyExpressJwtSecret: read('legacyExpressJwtSecret'),
    legacySimplejwtSecret: read('legacySimplejwtSecret'),
    legacyCutover: read('legacyCutover'),
    legacyTokenDays: read('legacyTokenDays'),
    legacyAlgorithm: read('legacyAlgorithm'),
    legacyIdClaim: read('legacyIdClaim'),
    legacyIssuer: read('legacyIssuer'),
    legacyAudience: read('legacyAudience'),
    legacyKnoxPrefix: read('legacyKnoxPrefix'),
    legacyDrfJwtUrl: read('legacyDrfJwtUrl'),
    legacyDrfTokenUrl: read('legacyDrfTokenUrl'),
    legacyExpressJwtUrl: read('legacyExpressJwtUrl'),
    legacySimplejwtUrl: read('legacySimplejwtUrl'),
    v1RefreshSeconds: read('v1RefreshSeconds'),
    v1AccessSeconds: read('v1AccessSeconds'),
    enumeration: read('enumeration'),
    docs: read('docs'),
    corsOrigins: read('corsOrigins'),
    trustedProxies: read('trustedProxies'),
    maxConnections: read('maxConnections'),
    sessionStaleness: read('sessionStaleness'),
    argon2: read('argon2'),
    limits: read('limits'),
    accountGuesses: read('accountGuesses'),
    networkGuesses: read('networkGuesses'),
    networkNames: read('networkNames'),
    networkRegistrations: read('networkRegistrations'),
    addressLetters: read('addressLetters'),
    networkLetters: read('networkLetters'),
    passwordPolicy: read('passwordPolicy'),
    productNames: read('productNames'),
    breachedPasswords: read('breachedPasswords'),
    breachedPasswordsUrl: read('breachedPasswordsUrl'),
    mailUrl: read('mailUrl'),
    mailFrom: read('mailFrom'),
    resetUrl: read('resetUrl'),
    verifyUrl: read('verifyUrl'),
    webhookUrl: read('webhookUrl'),
    webhookSecrets: read('webhookSecrets'),
    webhookEvents: read('webhookEvents'),
    webhookAllowPrivate: read('webhookAllowPrivate'),
    auditRetentionDays: read('auditRetentionDays'),
    auditAddresses: read('auditAddresses'),
    logLevel: read('logLevel'),
  }
  problems.push(...findConflicts(known))
  if (problems.length > 0) throw new ConfigError(problems)
  return deepFreeze(config)

  /** One setting; where it is wrong, the problem is noted and the reading goes on with the default. */
  function read<Key extends SettingKey>(key: Key): Config[Key] {
    const setting: Setting<Config[Key]> = SETTINGS[key]
    const reading = setting.secret === undefined ? readText(setting) : readSecretText(setting, setting.secret)
    if ('value' in reading) {
      known[key] = reading.value
      return reading.value
    }
    problems.push(...reading.problems)
    return readDefault(setting)
  }

  function readText<Value>(setting: Setting<Value>): Reading<Value> {
    const found = findFilledText(setting.name, sources)
    if (found === null) return { value: readDefault(setting) }
    const reading = setting.read(found.text, context)
    if ('value' in reading && setting.holdsSecret?.(reading.value) === true && found.origin === '.env') {
      const problem = findOpenDotenv(setting.name)
      if (problem !== null) return { problems: [problem] }
    }
    return named(setting.name, reading)
  }

  function findOpenDotenv(name: string): string | null {
    if (sources.dotenv?.isOpenToOthers !== true) return null
    const where = quoteForShell(sources.dotenv.path)
    return `${name} stands in a .env that others can read or write. Run: chmod 600 ${where}`
  }

  function readSecretText<Value>(setting: Setting<Value>, { fileName }: SecretSource): Reading<Value> {
    const found = findText(setting.name, sources)
    const file = findText(fileName, sources)
    if (found !== null && file !== null) {
      return { problems: [`${setting.name} and ${fileName} are both set: keep one of them.`] }
    }
    const given = found ?? file
    if (given === null) return { value: readDefault(setting) }
    const name = found === null ? fileName : setting.name
    if (given.text.trim() === '') return { problems: [`${name} is set but empty: give it a value, or remove it.`] }
    if (found === null) {
      const path = resolve(directory, given.text.trim())
      const reading = named(`${name}:`, readSecretFile(path))
      if ('problems' in reading) return reading
      return named(`${name}: the secret in ${quoteForShell(path)}`, setting.read(reading.value, context))
    }
    const problem = found.origin === '.env' ? findOpenDotenv(name) : null
    if (problem !== null) return { problems: [problem] }
    return named(name, setting.read(found.text, context))
  }

  function readDefault<Value>(setting: Setting<Value>): Value {
    const text = typeof setting.default === 'string' ? setting.default : setting.default(context)
    const reading = setting.read(text, context)
    if ('value' in reading) return reading.value
    throw new Error(`The default of ${setting.name} does not pass its own check`)
  }
}

function named<Value>(name: string, reading: Reading<Value>): Reading<Value> {
  return 'value' in reading ? reading : { problems: reading.problems.map((problem) => `${name} ${problem}`) }
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const part of Object.values(value)) {
    if (typeof part === 'object' && part !== null) deepFreeze(part)
  }
  return Object.freeze(value)
}
