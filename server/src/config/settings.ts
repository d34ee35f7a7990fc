import type { Config, SettingKey } from './config.ts'
import { findSecretWeakness } from './find-secret-weakness.ts'
import { LEGACY_URL_SETTINGS } from './legacy-servers.ts'
import { LEGACY_SETTINGS } from './legacy-settings.ts'
import { lifetimeSetting } from './lifetime-setting.ts'
import { LIMIT_SETTINGS } from './limit-settings.ts'
import { MAIL_SETTINGS } from './mail-settings.ts'
import { PASSWORD_SETTINGS } from './password-settings.ts'
import { readHost, readTrustedProxy } from './read-addresses.ts'
import { readArgon2, writeArgon2 } from './read-argon2.ts'
import { chooseSharedPathsDefault, readContract, readContracts } from './read-contracts.ts'
import { describeDatabase, readDatabaseUrl } from './read-database-url.ts'
import { readCorsOrigin, readPublicUrl } from './read-origins.ts'
import { readChoice, readList, readSwitch, readWholeNumber } from './read-values.ts'
import {
  DEFAULT_WEBHOOK_EVENTS,
  describeWebhook,
  readWebhookEvents,
  readWebhookSecrets,
  readWebhookUrl,
} from './read-webhook.ts'
import type { Reading, Setting } from './setting.ts'
import { TOKEN_SETTINGS } from './token-settings.ts'

/** Every setting, in the order in which they are read and shown. Loading, `latchkey config` and help all come from it. */
export const SETTINGS: { readonly [Key in SettingKey]: Setting<Config[Key]> } = {
  port: {
    name: 'PORT',
    description: 'TCP port to listen on; 0 takes any free one.',
    default: '8000',
    read: (text) => readWholeNumber(text, { min: 0, max: 65_535 }),
    write: String,
  },
  host: {
    name: 'HOST',
    description: 'Address to listen on. Loopback by default: put a TLS proxy in front before you open it.',
    default: '127.0.0.1',
    read: readHost,
    write: String,
  },
  databaseUrl: {
    name: 'DATABASE_URL',
    description:
      'sqlite:PATH, relative to the working directory, or postgres://USER@HOST1,HOST2/DATABASE?sslmode=verify-full; sqlite::memory: forgets everything at exit.',
    default: 'sqlite:./data/latchkey.db',
    read: (text, { directory }) => readDatabaseUrl(text, directory),
    holdsSecret: (databaseUrl) => describeDatabase({ databaseUrl }) !== databaseUrl,
    write: (databaseUrl) => describeDatabase({ databaseUrl }),
  },
  databasePassword: {
    name: 'LATCHKEY_DATABASE_PASSWORD',
    description: 'The password for PostgreSQL, where it does not stand in DATABASE_URL.',
    default: '',
    defaultInWords: 'none',
    secret: {
      fileName: 'LATCHKEY_DATABASE_PASSWORD_FILE',
      fileDescription:
        'A file holding that password, readable by its owner only, or root’s and readable by a group. Instead of LATCHKEY_DATABASE_PASSWORD.',
    },
    read: (text) => ({ value: text === '' ? null : text }),
    write: (value) => (value === null ? '' : '********'),
  },
  migrate: {
    name: 'LATCHKEY_MIGRATE',
    description: 'auto brings the schema up to date at start; manual refuses to start until latchkey migrate was run.',
    default: 'auto',
    read: (text) => readChoice(text, ['auto', 'manual']),
    write: String,
  },
  publicUrl: {
    name: 'LATCHKEY_PUBLIC_URL',
    description: 'Origin at which clients reach Latchkey: the issuer of every token. Never taken from a request.',
    default: ({ known }) => `http://localhost:${known.port ?? 8000}`,
    defaultInWords: 'http://localhost:PORT; the issuer stays what it was at the first start',
    read: readPublicUrl,
    write: String,
  },
  secret: {
    name: 'LATCHKEY_SECRET',
    description: 'Seals the signing keys in the database; 32 characters or more.',
    default: '',
    defaultInWords: 'made at first start, kept beside the SQLite file; needed for PostgreSQL',
    secret: {
      fileName: 'LATCHKEY_SECRET_FILE',
      fileDescription:
        'A file holding that secret, readable by its owner only, or root’s and readable by a group. Instead of LATCHKEY_SECRET.',
    },
    read: readSecret,
    write: (value) => (value === null ? '' : '********'),
  },
  contracts: {
    name: 'LATCHKEY_CONTRACTS',
    description: 'The contracts to serve, a comma list.',
    default: ({ contractNames }) => contractNames.join(','),
    defaultInWords: 'all of them',
    read: readContracts,
    write: (value) => value.join(','),
  },
  sharedPathsDefault: {
    name: 'LATCHKEY_SHARED_PATHS_DEFAULT',
    description: 'The contract that answers on a path two contracts share when neither recognises the request.',
    default: chooseSharedPathsDefault,
    defaultInWords: 'drf-token, or the first one served',
    read: readContract,
    write: String,
  },
  drfTokenSeconds: lifetimeSetting('TOKEN_EXPIRED_AFTER_SECONDS', 86_400, 'Life in seconds of a drf-token key'),
  drfJwtSeconds: lifetimeSetting(
    'LATCHKEY_DRF_JWT_SECONDS',
    5_184_000,
    'Life in seconds of a drf-jwt token (60 days by its document)',
  ),
  expressJwtSeconds: lifetimeSetting('LATCHKEY_EXPRESS_JWT_SECONDS', 86_400, 'Life in seconds of an express-jwt token'),
  simplejwtRefreshSeconds: lifetimeSetting(
    'LATCHKEY_SIMPLEJWT_REFRESH_SECONDS',
    86_400,
    'Life in seconds of a simplejwt refresh token and its session',
  ),
  simplejwtAccessSeconds: lifetimeSetting(
    'LATCHKEY_SIMPLEJWT_ACCESS_SECONDS',
    300,
    'Life in seconds of a simplejwt access token; no longer than the refresh token’s',
  ),
  simplejwtCodes: {
    name: 'LATCHKEY_SIMPLEJWT_CODES',
    description: 'true adds the library’s own "code" to simplejwt errors, which its document does not have.',
    default: 'false',
    read: (text) => readSwitch(text, { yes: 'true', no: 'false' }),
    write: String,
  },
  v1RefreshSeconds: lifetimeSetting(
    'LATCHKEY_V1_REFRESH_SECONDS',
    1_209_600,
    'Life in seconds of a /v1 refresh token and its session',
  ),
  v1AccessSeconds: lifetimeSetting(
    'LATCHKEY_V1_ACCESS_SECONDS',
    300,
    'Life in seconds of a /v1 access token; no longer than the refresh token’s',
  ),
  ...TOKEN_SETTINGS,
  ...LEGACY_SETTINGS,
  ...LEGACY_URL_SETTINGS,
  enumeration: {
    name: 'LATCHKEY_ENUMERATION',
    description: 'documented lets express-jwt tell that a user does not exist, as its document does; uniform does not.',
    default: 'documented',
    read: (text) => readChoice(text, ['documented', 'uniform']),
    write: String,
  },
  docs: {
    name: 'LATCHKEY_DOCS',
    description: 'on serves the reference of everything that is offered, at /docs and /openapi.json; off does not.',
    default: 'on',
    read: (text) => readSwitch(text, { yes: 'on', no: 'off' }),
    write: (value) => (value ? 'on' : 'off'),
  },
  corsOrigins: {
    name: 'LATCHKEY_CORS_ORIGINS',
    description: 'Exact origins whose pages may call from a browser, a comma list such as https://app.example.com.',
    default: '',
    defaultInWords: 'none',
    read: (text) => readList(text, readCorsOrigin),
    write: (value) => value.join(','),
  },
  trustedProxies: {
    name: 'LATCHKEY_TRUSTED_PROXIES',
    description:
      'Addresses and CIDR ranges of your proxies, a comma list: only theirs are X-Forwarded headers believed.',
    default: '',
    defaultInWords: 'none',
    read: (text) => readList(text, readTrustedProxy),
    write: (value) => value.join(','),
  },
  maxConnections: {
    name: 'LATCHKEY_MAX_CONNECTIONS',
    description:
      'Connections that a process holds at once, some 15 KB each, so that nobody can use up its memory; a client that is no trusted proxy gets a tenth of them.',
    default: '4000',
    read: (text) => readWholeNumber(text, { min: 10, max: 1_000_000 }),
    write: String,
  },
  sessionStaleness: {
    name: 'LATCHKEY_SESSION_STALENESS_MS',
    description:
      'Milliseconds for which a process answers for a token that it has checked without asking the database again: for so long, a logout that another process did may go unnoticed here. What the process did itself it knows at once. 0 asks each time.',
    default: '1000',
    read: (text) => readWholeNumber(text, { min: 0, max: 1000 }),
    write: String,
  },
  argon2: {
    name: 'LATCHKEY_ARGON2',
    description: 'Cost of a password hash: memory in KiB, passes, lanes. Raised, it rehashes at the next login.',
    default: 'm=19456,t=2,p=1',
    read: readArgon2,
    write: writeArgon2,
  },
  ...LIMIT_SETTINGS,
  ...PASSWORD_SETTINGS,
  ...MAIL_SETTINGS,
  webhookUrl: {
    name: 'LATCHKEY_WEBHOOK_URL',
    description: 'Where events are told as they happen, such as https://app.example.com/latchkey-events.',
    default: '',
    defaultInWords: 'none: nobody is told',
    read: readWebhookUrl,
    write: (value) => (value === null ? '' : describeWebhook(value)),
  },
  webhookSecrets: {
    name: 'LATCHKEY_WEBHOOK_SECRET',
    description:
      'What signs those events: whsec_ and the base64 of 24 to 64 random bytes. While you change it, the new one, a space, and the old one.',
    default: '',
    defaultInWords: 'none; needed with LATCHKEY_WEBHOOK_URL',
    secret: {
      fileName: 'LATCHKEY_WEBHOOK_SECRET_FILE',
      fileDescription:
        'A file holding that secret, readable by its owner only, or root’s and readable by a group. Instead of LATCHKEY_WEBHOOK_SECRET.',
    },
    read: readWebhookSecrets,
    write: (value) => (value.length === 0 ? '' : '********'),
  },
  webhookEvents: {
    name: 'LATCHKEY_WEBHOOK_EVENTS',
    description: 'The events that are told, a comma list of names of the audit log; all tells every one.',
    default: DEFAULT_WEBHOOK_EVENTS.join(','),
    read: readWebhookEvents,
    write: (value) => value.join(','),
  },
  webhookAllowPrivate: {
    name: 'LATCHKEY_WEBHOOK_ALLOW_PRIVATE',
    description:
      'true lets the webhook be at a private or loopback address, and by http there. Otherwise such addresses are refused, so that nobody who gets at a name’s DNS can have your own network called.',
    default: 'false',
    read: (text) => readSwitch(text, { yes: 'true', no: 'false' }),
    write: String,
  },
  auditRetentionDays: {
    name: 'LATCHKEY_AUDIT_RETENTION_DAYS',
    description:
      'Days for which the audit log is kept; 0 keeps it for ever. Older entries are personal data without a use.',
    default: '365',
    read: (text) => readWholeNumber(text, { min: 0, max: 36_500 }),
    write: String,
  },
  auditAddresses: {
    name: 'LATCHKEY_AUDIT_ADDRESSES',
    description:
      'full keeps addresses in the audit log as budgets know them (IPv4 address, IPv6 /64), truncated their /24 or /48, none nothing. Entries that are there stay as they are.',
    default: 'full',
    read: (text) => readChoice(text, ['full', 'truncated', 'none']),
    write: String,
  },
  logLevel: {
    name: 'LOG_LEVEL',
    description: 'fatal, error, warn, info, debug, trace or silent.',
    default: 'info',
    read: (text) => readChoice(text, ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    write: String,
  },
}

/** The secret as it stands in the variable itself; nothing at all means that it is to be made. */
function readSecret(text: string): Reading<string | null> {
  if (text === '') return { value: null }
  const weakness = findSecretWeakness(text)
  return weakness === null ? { value: text } : { problems: [weakness] }
}
