import { findObjection, readPurpose } from './choose-request.ts'
import type { Difference } from './compare.ts'
import { compareAnswers } from './compare-answers.ts'
import { type Answer, exchange, type Target, type WireRequest } from './exchange.ts'
import { hideSecrets, listSecrets } from './hide-secrets.ts'
import { maskPath } from './mask.ts'
import type { Piece } from './read-recording.ts'
import type { Recorded, Unreadable } from './recorded.ts'
import { createTokenExchange, type Side, type TokenExchange } from './token-exchange.ts'

/** How a recording is replayed. */
export type Rehearsal = {
  readonly old: Target
  readonly fresh: Target
  readonly recording: AsyncIterable<Piece>
  /** The server of the recording whose requests count; `null` where it names none. */
  readonly origin: string | null
  /** Whether what writes is sent too. */
  readonly isAll: boolean
  /** Whether ids must be the same on both. */
  readonly hasSameIds: boolean
  /** Bodies for logins whose own are not in the recording, used in turn. */
  readonly credentials: readonly string[]
  /** So many requests at most. */
  readonly limit: number
  pace(): Promise<void>
  onProgress(piece: Piece): void
}

/** Requests of one kind that both servers were asked and answered differently in the same places. */
export type Finding = {
  /** Where the first of them stands in the recording. */
  readonly line: number
  readonly request: string
  readonly differences: readonly Difference[]
  count: number
}

/** What came of a rehearsal. */
export type RehearsalReport = {
  sent: number
  agreeing: number
  readonly findings: Finding[]
  /** Requests that differ beyond those that are listed. */
  unlisted: number
  /** How many were not sent, by why. */
  readonly leftOut: Map<string, number>
  /** The first lines that could not be read, and how many there are. */
  readonly unreadable: Unreadable[]
  unreadableCount: number
  /** Requests with a token that no login of this recording gave: they went out as they are. */
  foreignTokens: number
  stopped: string | null
}

/** The server's wish that nobody ask for a while, or its silence. */
class Stop extends Error {}

const MOST_FINDINGS = 200
const MOST_UNREADABLE = 20
/** So many requests in a row without an answer, and a server is not there. */
const MOST_FAILURES = 3

/** What belongs to one connection or one cache, and what a proxy said of the one who asked then. */
const LEFT_OUT_HEADERS =
  /^(:.*|host|connection|content-length|transfer-encoding|accept-encoding|te|upgrade|expect|keep-alive|proxy-.*|if-.*|range|forwarded|x-forwarded-.*|x-real-ip|sec-.*|priority)$/i

/**
 * Sends the requests of a recording to two servers, one after the other and each to both, and compares what comes back.
 *
 * @throws {RangeError} with a sentence, when the recording cannot be read.
 */
export async function rehearse(rehearsal: Rehearsal): Promise<RehearsalReport> {
  const report = startReport()
  const tokens = createTokenExchange()
  const failures: Record<Side, number> = { old: 0, new: 0 }
  let logins = 0
  for await (const piece of rehearsal.recording) {
    rehearsal.onProgress(piece)
    if (report.sent >= rehearsal.limit) {
      report.stopped = `${rehearsal.limit} requests were sent, and no more were wanted`
      break
    }
    const { read } = piece
    if (!('method' in read)) {
      report.unreadableCount += 1
      if (report.unreadable.length < MOST_UNREADABLE) report.unreadable.push(read)
      continue
    }
    const request = giveCredentials(read, rehearsal.credentials, logins)
    if (request !== read) logins += 1
    const secrets = `${request.headers.authorization ?? ''} ${request.headers.cookie ?? ''} ${request.body ?? ''}`
    const hasOwnToken = tokens.hasOwn(secrets)
    const isOwnToken = hasOwnToken && tokens.isOurs(request)
    const objection = findObjection(request, { isAll: rehearsal.isAll, isOwnToken, origin: rehearsal.origin })
    if (objection !== null) {
      report.leftOut.set(objection, (report.leftOut.get(objection) ?? 0) + 1)
      continue
    }
    if (!hasOwnToken && request.headers.authorization !== undefined) report.foreignTokens += 1
    try {
      report.sent += 1
      note(report, request, await askBoth(rehearsal, { request, tokens, failures }))
    } catch (error) {
      if (!(error instanceof Stop)) throw error
      report.sent -= 1
      report.stopped = error.message
      break
    }
  }
  return report
}

function startReport(): RehearsalReport {
  return {
    sent: 0,
    agreeing: 0,
    findings: [],
    unlisted: 0,
    leftOut: new Map(),
    unreadable: [],
    unreadableCount: 0,
    foreignTokens: 0,
    stopped: null,
  }
}

/** A login without a body, as an access log has it, with a body of those that were given. */
function giveCredentials(recorded: Recorded, credentials: readonly string[], index: number): Recorded {
  const body = credentials[index % Math.max(credentials.length, 1)]
  if (body === undefined || recorded.body !== undefined || readPurpose(recorded) !== 'logs in') return recorded
  return { ...recorded, headers: { ...recorded.headers, 'content-type': 'application/json' }, body }
}

async function askBoth(
  rehearsal: Rehearsal,
  { request, tokens, failures }: { request: Recorded; tokens: TokenExchange; failures: Record<Side, number> },
): Promise<readonly Difference[]> {
  await rehearsal.pace()
  const requests = { old: fillRequest(request, tokens, 'old'), fresh: fillRequest(request, tokens, 'new') }
  const [old, fresh] = await Promise.all([ask(rehearsal.old, requests.old), ask(rehearsal.fresh, requests.fresh)])
  watchSilence('old', old, failures)
  watchSilence('new', fresh, failures)
  if (old instanceof Error || fresh instanceof Error) {
    return [{ at: 'answer', expected: describeAnswer(old), got: describeAnswer(fresh) }]
  }
  for (const [side, answer] of Object.entries({ old, new: fresh })) {
    if (answer.status === 429) {
      const wait = answer.headers['retry-after']
      throw new Stop(
        `the ${side} server answered line ${request.line} with 429${wait === undefined ? '' : `, Retry-After: ${wait}`}`,
      )
    }
  }
  tokens.learn(request, { old, new: fresh })
  const differences = compareAnswers(
    { old: withoutOrigin(old, rehearsal.old), fresh: withoutOrigin(fresh, rehearsal.fresh) },
    { hasSameIds: rehearsal.hasSameIds },
  )
  return hideSecrets(differences, [requests.old, requests.fresh].flatMap(listSecrets))
}

async function ask(target: Target, request: WireRequest): Promise<Answer | Error> {
  try {
    return await exchange(target, request)
  } catch (error) {
    if (error instanceof Error) return error
    throw error
  }
}

function fillRequest(recorded: Recorded, tokens: TokenExchange, side: Side): WireRequest {
  const { method, path, headers, body } = recorded
  const kept = Object.entries(headers).filter(([name]) => !LEFT_OUT_HEADERS.test(name))
  return {
    method,
    path: tokens.fill(path, side),
    headers: Object.fromEntries(kept.map(([name, value]) => [name, tokens.fill(value, side)])),
    body: body === undefined ? undefined : tokens.fill(body, side),
  }
}

function watchSilence(side: Side, answer: Answer | Error, failures: Record<Side, number>): void {
  failures[side] = answer instanceof Error ? failures[side] + 1 : 0
  if (!(answer instanceof Error) || failures[side] < MOST_FAILURES) return
  throw new Stop(`the ${side} server did not answer ${MOST_FAILURES} requests in a row: ${answer.message}`)
}

function note(report: RehearsalReport, request: Recorded, differences: readonly Difference[]): void {
  if (differences.length === 0) {
    report.agreeing += 1
    return
  }
  const finding = { line: request.line, request: `${request.method} ${maskPath(request.path)}`, differences, count: 1 }
  const known = report.findings.find((each) => kindOf(each) === kindOf(finding))
  if (known !== undefined) known.count += 1
  else if (report.findings.length < MOST_FINDINGS) report.findings.push(finding)
  else report.unlisted += 1
}

/** What is the same of findings that are told as one. */
function kindOf({ request, differences }: Finding): string {
  return JSON.stringify([request, differences.map(({ at }) => at), differences.find(({ at }) => at === 'status')])
}

/** A redirect to oneself is the same on both. */
function withoutOrigin(answer: Answer, { url }: Target): Answer {
  const { location } = answer.headers
  if (location === undefined || !location.startsWith(url.origin)) return answer
  return { ...answer, headers: { ...answer.headers, location: location.slice(url.origin.length) } }
}

function describeAnswer(answer: Answer | Error): string {
  return answer instanceof Error ? answer.message : String(answer.status)
}
