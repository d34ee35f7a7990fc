/** What something that Latchkey does not do would give. */
export type TrialRow = {
  readonly engine: string
  /** The setting of the database that it was tried with. */
  readonly setting: string
  readonly trial: string
  /** Connections that work at once. */
  readonly callers: number
  readonly perSecond: number
  /** Milliseconds for one turn of it. */
  readonly p50: number
  readonly p99: number
}
