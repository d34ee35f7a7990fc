import type { AuditEventType } from '../core/audit-event.ts'

/** Every setting that Latchkey has, checked. Lifetimes are in seconds. */
export type Config = {
  readonly host: string
  readonly port: number
  /** `sqlite:PATH`, `sqlite::memory:` for a database that ends with the process, or `postgres://…`. */
  readonly databaseUrl: string
  /** The password for PostgreSQL where it does not stand in the URL. */
  readonly databasePassword: string | null
  /** Whether a process brings an older schema up to date by itself. */
  readonly migrate: 'auto' | 'manual'
  /** The origin that clients see, without a trailing slash: the `iss` of every token, if it was set. */
  readonly publicUrl: string
  /** Whether the operator set it. If not, the database remembers the one that its first tokens had. */
  readonly isPublicUrlSet: boolean
  /** What seals the signing keys at rest, or `null` when it is to be made and kept beside the SQLite file. */
  readonly secret: string | null
  readonly contracts: readonly string[]
  /** The contract that answers on a shared path when no contract recognises the request. */
  readonly sharedPathsDefault: string
  readonly drfTokenSeconds: number
  readonly drfJwtSeconds: number
  readonly expressJwtSeconds: number
  readonly simplejwtAccessSeconds: number
  readonly simplejwtRefreshSeconds: number
  readonly simplejwtCodes: boolean
  /** What new signing keys are for. */
  readonly signingAlgorithm: 'ES256' | 'EdDSA' | 'RS256'
  /** After how many days a new key signs; 0 for never. */
  readonly keyRotationDays: number
  /** The `aud` of every token, or `null`. */
  readonly audience: string | null
  /** What signs the tokens of document 004 in place of a signing key, or `null`. */
  readonly simplejwtHs256Secret: SharedSecret | null
  /** The same for documents 000 and 001. */
  readonly drfJwtHs256Secret: SharedSecret | null
  /** What the back end before signed the tokens of documents 000 and 001 with, or `null`. */
  readonly legacyDrfJwtSecret: LegacySecret | null
  /** The same for document 003. */
  readonly legacyExpressJwtSecret: LegacySecret | null
  /** The same for document 004. */
  readonly legacySimplejwtSecret: LegacySecret | null
  /** When it gave out its last token, in milliseconds since 1970, or `null`. */
  readonly legacyCutover: number | null
  /** How many days the longest of its tokens lives. */
  readonly legacyTokenDays: number
  readonly legacyAlgorithm: 'HS256' | 'HS384' | 'HS512'
  /** The claim that says whose a token of it is, or `null` for those that are usual. */
  readonly legacyIdClaim: string | null
  readonly legacyIssuer: string | null
  readonly legacyAudience: string | null
  /** What its tokens of django-rest-knox begin with, or `null`. */
  readonly legacyKnoxPrefix: string | null
  /** The old server of documents 000 and 001, asked where a name or its hash is not known here; or `null`. */
  readonly legacyDrfJwtUrl: string | null
  /** The same for document 002. */
  readonly legacyDrfTokenUrl: string | null
  /** The same for document 003. */
  readonly legacyExpressJwtUrl: string | null
  /** The same for document 004. */
  readonly legacySimplejwtUrl: string | null
  readonly v1AccessSeconds: number
  readonly v1RefreshSeconds: number
  /** Whether document 003 may tell that a user does not exist. */
  readonly enumeration: 'documented' | 'uniform'
  /** Whether the reference is served: `/docs` and `/openapi.json`. */
  readonly docs: boolean
  /** Exact origins, or none. */
  readonly corsOrigins: readonly string[]
  /** Addresses and CIDR ranges whose forwarded headers are believed. */
  readonly trustedProxies: readonly string[]
  /** How many connections a process holds at once. */
  readonly maxConnections: number
  /** For how many milliseconds a token that was checked is taken without asking the database again. */
  readonly sessionStaleness: number
  readonly argon2: Argon2Parameters
  /** Whether guess budgets hold. They may be off on loopback only. */
  readonly limits: boolean
  /** Wrong passwords for one account. */
  readonly accountGuesses: Rate
  /** Wrong passwords from one network, in each of these times. */
  readonly networkGuesses: readonly Rate[]
  /** Different names that one network may ask about. */
  readonly networkNames: Rate
  /** Accounts that one network may make. */
  readonly networkRegistrations: Rate
  /** Letters to one address. */
  readonly addressLetters: Rate
  /** Letters that one network may ask for. */
  readonly networkLetters: Rate
  /** `documented`: each contract's own rule. `hardened`: long, and none that others would guess. */
  readonly passwordPolicy: 'documented' | 'hardened'
  /** Names of the operator's product, as written. */
  readonly productNames: readonly string[]
  /** Whether Have I Been Pwned, or a mirror of it, is asked for new passwords. */
  readonly breachedPasswords: 'off' | 'hibp'
  /** The range API that is asked, with its slash. */
  readonly breachedPasswordsUrl: string
  /** For how many days entries of the audit log are kept; 0 keeps them for ever. */
  readonly auditRetentionDays: number
  /** How much of a client's address the audit log keeps. */
  readonly auditAddresses: 'full' | 'truncated' | 'none'
  readonly logLevel: LogLevel
  /** Where letters go: `smtp://`, `smtps://` or `file:///`; `null` where none can be sent. With it go the next three. */
  readonly mailUrl: string | null
  readonly mailFrom: string | null
  /** A page of the team's front end, with `{uid}` and `{token}` in its address. */
  readonly resetUrl: string | null
  /** A page of the team's front end, with `{key}` in its address. */
  readonly verifyUrl: string | null
  /** Where events are told, or `null`: then nobody is told. With it go the next three. */
  readonly webhookUrl: string | null
  /** Each `whsec_` and base64: one, or two while they are changed. */
  readonly webhookSecrets: readonly string[]
  readonly webhookEvents: readonly AuditEventType[]
  /** Whether the webhook may be in a network of one's own. */
  readonly webhookAllowPrivate: boolean
}

/** A secret that other services have too, and the file it stands in. */
export type SharedSecret = { readonly file: string; readonly secret: string }

/** A secret that a back end before had, the file it stands in, and whether anybody could guess it. */
export type LegacySecret = SharedSecret & { readonly isWeak: boolean }

/** So many in so long a time, in milliseconds. */
export type Rate = { readonly limit: number; readonly window: number }

/** Memory in KiB, passes over it, and lanes. */
export type Argon2Parameters = { readonly memory: number; readonly passes: number; readonly lanes: number }

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'

/** What stands for itself in the environment; the rest of a `Config` follows from it. */
export type SettingKey = Exclude<keyof Config, 'isPublicUrlSet'>
