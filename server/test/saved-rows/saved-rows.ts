/** A database as a released version left it. Times are milliseconds since 1970. */
export type SavedRows = {
  readonly version: string
  readonly savedAt: number
  readonly secret: string
  /** The statements that made its tables, its history of migrations included. */
  readonly schema: { readonly sqlite: readonly string[]; readonly postgres: readonly string[] }
  readonly rows: Readonly<Record<string, readonly Readonly<Record<string, string | number | null>>[]>>
  /** What a newer version must find in it. */
  readonly holds: {
    readonly accounts: readonly { readonly name: string; readonly password: string; readonly isActive: boolean }[]
    /** A live token of every kind. */
    readonly tokens: Readonly<Record<'key' | 'jwt' | 'access' | 'refresh', string>>
    /** Tokens whose sessions were ended. */
    readonly ended: Readonly<Record<'key' | 'jwt' | 'access' | 'refresh', string>>
    readonly reset: { readonly uid: string; readonly token: string; readonly name: string }
    /** A name that was guessed at, and how often. */
    readonly guessed: { readonly name: string; readonly guesses: number }
  }
}
