import { setTimeout as sleep } from 'node:timers/promises'

/** A second, as `LATCHKEY_SESSION_STALENESS_MS` has it, and as much as a timer may be early. */
const LONGEST = 1010

/** Waits until what one process changed is known to every other: no longer than is promised. */
export function untilKnownElsewhere(): Promise<void> {
  return sleep(LONGEST)
}
