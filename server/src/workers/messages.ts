import type { Config } from '../config/config.ts'

/** What the leading process tells a worker. */
export type Order =
  /** Serve with these settings, on so many of the machine's cores. */
  | { readonly type: 'start'; readonly config: Config; readonly cores: number }
  /** Finish what is under way, and end. */
  | { readonly type: 'stop' }

/** What a worker tells the leading process. */
export type Report =
  /** It can be given orders. */
  | { readonly type: 'ready' }
  | ({ readonly type: 'listening' } & Listening)
  /** It cannot serve: why, in a sentence for the operator. */
  | { readonly type: 'failed'; readonly sentence: string }

/** Where a worker listens, and what is mounted where, a line each. */
export type Listening = { readonly url: string; readonly mounted: readonly string[] }

/** Reads an order; `null` for what is none. Who sends it is the same program, so the rest of it is believed. */
export function readOrder(message: unknown): Order | null {
  return hasType(message, ['start', 'stop']) ? (message as Order) : null
}

/** Reads a report; `null` for what is none. Who sends it is the same program, so the rest of it is believed. */
export function readReport(message: unknown): Report | null {
  return hasType(message, ['ready', 'listening', 'failed']) ? (message as Report) : null
}

function hasType(message: unknown, types: readonly string[]): boolean {
  if (typeof message !== 'object' || message === null || !('type' in message)) return false
  return typeof message.type === 'string' && types.includes(message.type)
}
