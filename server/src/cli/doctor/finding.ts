/** One thing that was looked at. */
export type Finding = {
  readonly about: string
  readonly level: 'ok' | 'warn' | 'FAIL'
  /** What was found and, unless it is well, what to do about it. */
  readonly says: string
}
