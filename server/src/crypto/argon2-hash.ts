/** Memory in KiB, passes over it, and lanes. */
export type Argon2Parameters = { readonly memory: number; readonly passes: number; readonly lanes: number }

/** What is checked of any hash, whoever made it: more would let one row of the database stop the server. */
const MOST: Argon2Parameters = { memory: 262_144, passes: 10, lanes: 16 }
/** Salts from 8 to 64 bytes and tags from 16 to 64, in base64: what argon2 libraries make. */
const PHC =
  /^\$argon2(?:id|i|d)\$v=(?:19|16)\$m=(\d{1,9}),t=(\d{1,9}),p=(\d{1,9})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}$/

/** What a stored hash would cost to check, or `null` where it is not an argon2 hash that is checked here. */
export function readArgon2Hash(passwordHash: string): Argon2Parameters | null {
  const match = PHC.exec(passwordHash)
  if (match === null) return null
  const [memory, passes, lanes] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const isWithin = memory <= MOST.memory && passes <= MOST.passes && lanes <= MOST.lanes
  const isPossible = lanes >= 1 && passes >= 1 && memory >= 8 * lanes
  return isWithin && isPossible ? { memory, passes, lanes } : null
}

/** Whether one hash costs exactly what another does. What is no argon2 costs something else. */
export function areSameParameters(one: Argon2Parameters | null, other: Argon2Parameters): boolean {
  return one?.memory === other.memory && one.passes === other.passes && one.lanes === other.lanes
}
