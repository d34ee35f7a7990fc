/** A request of a recording, with what came back then where the recording has it. */
export type Recorded = {
  /** Where it stands: a line, or an entry of a HAR. */
  readonly line: number
  readonly method: string
  /** The path with its query, as it was sent. */
  readonly path: string
  /** The scheme and host that were asked, where the recording tells them. */
  readonly origin: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly answer: RecordedAnswer | null
}

/** What came back when the recording was made. */
export type RecordedAnswer = { readonly json: unknown; readonly cookies: readonly string[] }

/** A place in a recording that is no request. */
export type Unreadable = { readonly line: number; readonly problem: string }

/** The kinds of recordings there are. */
export const RECORDING_FORMATS = ['har', 'jsonl', 'log'] as const

/** One kind of recording. */
export type RecordingFormat = (typeof RECORDING_FORMATS)[number]

/** Longer bodies and lines are none of logins. */
export const MOST_TEXT = 1_048_576

/** Whether a text is the target of a request that can be sent to another server. */
export function isPath(text: string): boolean {
  return /^\/[\x21-\x7e]*$/.test(text)
}

/** The members of an object, or `null` for anything else. */
export function membersOf(value: unknown): Map<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : null
}

/** The text under a name, or `undefined`. */
export function textOf(members: Map<string, unknown> | null, name: string): string | undefined {
  const value = members?.get(name)
  return typeof value === 'string' ? value : undefined
}

/** JSON as a value; `undefined` for what is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
