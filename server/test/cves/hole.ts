import assert from 'node:assert/strict'

/** A hole that somebody had, and what keeps it out of here. */
export type Hole = {
  /** What it is called in the product that had it. */
  readonly name: string
  /** What happened there. */
  readonly happened: string
  /** How Latchkey stands. */
  readonly stands: string
  /** What keeps it out: without all of these together it would be here too. */
  readonly guards: readonly Guard[]
  /** Does what the attacker did, on the real app, and sees that it fails. */
  attack(): Promise<void>
}

/** A piece of the product, found by its text, and what would stand there if nobody had thought of the hole. */
export type Guard = {
  /** Below `server/src`. */
  readonly file: string
  /** Occurs in the file exactly once. */
  readonly find: string
  readonly replace: string
}

/** How the message of an attack that worked begins. What goes wrong on the way there has other words. */
export const ATTACK_WORKED = 'the attack worked: '

/** Says what the attacker must not have got. */
export function defended(isDefended: boolean, gain: string): asserts isDefended {
  assert.ok(isDefended, `${ATTACK_WORKED}${gain}`)
}
