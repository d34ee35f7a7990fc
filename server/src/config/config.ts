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
  /** Whether document 003 may tell that a user does not exist. */
  readonly enumeration: 'documented' | 'uniform'
  /** Exact origins, or none. */
  readonly corsOrigins: readonly string[]
  /** Addresses and CIDR ranges whose forwarded headers are believed. */
  readonly trustedProxies: readonly string[]
  readonly argon2: Argon2Parameters
  /** Whether guess budgets hold. They may be off on loopback only. */
  readonly limits: boolean
  readonly logLevel: LogLevel
  /** Where letters go: `smtp://`, `smtps://` or `file:///`; `null` where none can be sent. With it go the next three. */
  readonly mailUrl: string | null
  readonly mailFrom: string | null
  /** A page of the team's front end, with `{uid}` and `{token}` in its address. */
  readonly resetUrl: string | null
  /** A page of the team's front end, with `{key}` in its address. */
  readonly verifyUrl: string | null
}

/** Memory in KiB, passes over it, and lanes. */
export type Argon2Parameters = { readonly memory: number; readonly passes: number; readonly lanes: number }

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'

/** What stands for itself in the environment; the rest of a `Config` follows from it. */
export type SettingKey = Exclude<keyof Config, 'isPublicUrlSet'>
