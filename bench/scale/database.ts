import type { EngineName, SizeName } from './plan.ts'

/** A database that is to be filled and measured. */
export type Database = {
  readonly engine: EngineName
  readonly size: SizeName
  /** For `openStore`, and for a server's `DATABASE_URL`. */
  readonly url: string
  /** A connection for many rows at once. Only one is open at a time. */
  openLoader(): Promise<Loader>
  /** Bytes on disk: of each table with its indexes, and of all. */
  weigh(): Promise<Weight>
  /** Reads all of its files, so that they are in memory as far as that goes. */
  warm(): void
}

export type Loader = {
  run(sql: string): Promise<void>
  /** Keeps what was loaded, and leaves the database as days of work and its own housekeeping would. */
  finish(): Promise<void>
}

export type Weight = { readonly tables: Readonly<Record<string, number>>; readonly all: number }

/** The tables of which there are many rows. */
export const TABLES = ['accounts', 'identifiers', 'sessions', 'attempts'] as const
