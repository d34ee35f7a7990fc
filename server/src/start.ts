import type { Config } from './config/config.ts'
import type { Core } from './core/core.ts'
import type { StoreFacts } from './core/ports.ts'

/** Latchkey with its database open and no port: what every command but `serve` works on. */
export type Latchkey = {
  readonly core: Core
  /** What the database says of itself. */
  inspect(): Promise<StoreFacts>
  /** A warning that the running server left for `doctor`, or `null`. */
  readNote(name: string): Promise<string | null>
  close(): Promise<void>
}

/** Latchkey, listening. */
export type RunningServer = {
  /** Where it listens, as `http://HOST:PORT`. */
  readonly url: string
  /** What is mounted where, a line each, for the start banner. */
  readonly mounted: readonly string[]
  /** Readiness off, no new connections, in-flight requests finished (15 s at most), database closed. */
  stop(): Promise<void>
}

export declare function readConfig(env: Readonly<Record<string, string | undefined>>): Config
export declare function openLatchkey(config: Config): Promise<Latchkey>
export declare function startServer(config: Config): Promise<RunningServer>
