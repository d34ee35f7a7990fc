import type { ServiceClient } from './service-client-port.ts'
import type { Access } from './session.ts'

/**
 * Remembers for a short while what was found out, by a text that only its owner has. In one process nothing is recalled
 * that this process itself has changed meanwhile; what others change is felt when the while is over.
 */
export type Memory<Found> = {
  /** What was found out a short while ago and is still so, as far as this process knows; `null`: find it out. */
  recall(text: string): Found | null
  /** To be asked for before finding out: what changes from now on is noticed by `remember`. */
  begin(): Beginning
  /** Remembers what was found out, unless it may have changed since it was begun. */
  remember(text: string, found: Found, beginning: Beginning): void
}

/** When somebody began to find something out. */
export type Beginning = {
  /** On a clock that never goes back, in milliseconds. What it rests on may be older: then that counts. */
  readonly at: number
  /** How many changes there had been. */
  readonly changes: number
}

/** What is remembered of those who come again and again. */
export type Memories = {
  /** Whose live token a text was. */
  readonly accesses: Memory<Access>
  /** Which service an id and a secret, with a colon between them, belong to. */
  readonly services: Memory<ServiceClient>
}
