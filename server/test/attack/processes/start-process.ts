import { type Child, startChild } from '../../../../bench/processes/start-child.ts'
import type { CheckingResult, CheckingTask } from './check-on.ts'
import type { SlowResult, SlowTask } from './hold-sockets.ts'
import type { LoopResult, LoopTask } from './log-in-again.ts'
import type { ListResult, ListTask } from './send-list.ts'
import type { NonsenseResult, NonsenseTask } from './send-nonsense.ts'

const FOLDER = '../../server/test/attack/processes'
const THREADS = 4

/** The good client. */
export function startChecking(): Child<CheckingTask, CheckingResult> {
  return startChild(`${FOLDER}/check-on.ts`, THREADS)
}

/** Sends given requests, so many at once, each of them once. */
export function startList(): Child<ListTask, ListResult> {
  return startChild(`${FOLDER}/send-list.ts`, THREADS)
}

/** Sends the same requests over and over for a while. */
export function startLoop(): Child<LoopTask, LoopResult> {
  return startChild(`${FOLDER}/log-in-again.ts`, THREADS)
}

/** Sends what no client would. */
export function startNonsense(): Child<NonsenseTask, NonsenseResult> {
  return startChild(`${FOLDER}/send-nonsense.ts`, THREADS)
}

/** Holds sockets open, and is slow on them. */
export function startSlow(): Child<SlowTask, SlowResult> {
  return startChild(`${FOLDER}/hold-sockets.ts`, THREADS)
}
