import type { TokenStorage } from './storage.ts'

/** Runs one at a time of what shares a lock, and says whether it had to wait for another. */
export type Lock = <Result>(run: (hasWaited: boolean) => Promise<Result>) => Promise<Result>

/** What is done one at a time: writing the tokens, which is quick, and renewing them, which takes as long as it takes. */
type Purpose = 'write' | 'renew'

/** Who is last in line within this process, for each storage: clients know nothing of each other. */
const lines = { write: new Map<unknown, Promise<void>>(), renew: new Map<unknown, Promise<void>>() }

/**
 * A lock for all clients of this process that share a storage. Where other tabs share it too and the browser has the Web
 * Locks API, they are held as well; one that was put to sleep with the lock holds it for `patience` milliseconds at most.
 */
export function createLock(storage: TokenStorage, purpose: Purpose, patience: number): Lock {
  const { sharedAs } = storage
  const locks = globalThis.navigator?.locks
  if (sharedAs === undefined || locks === undefined) {
    return (run) => inLine(lines[purpose], sharedAs ?? storage, run)
  }
  const name = `latchkey:${sharedAs}:${purpose}`
  return async (run) => {
    const atOnce = await ask(run, (work) => locks.request(name, { ifAvailable: true }, (lock) => work(lock !== null)))
    if (atOnce !== null) return atOnce.result
    const signal = AbortSignal.timeout(patience)
    const waited = await ask(
      () => run(true),
      (work) => locks.request(name, { signal }, () => work(true)),
    )
    return waited === null ? run(true) : waited.result
  }
}

/** @returns what came of it, or `null` where the lock could not be had. */
async function ask<Result>(
  run: (hasWaited: boolean) => Promise<Result>,
  request: (work: (isGranted: boolean) => Promise<void>) => Promise<unknown>,
): Promise<{ readonly result: Result } | null> {
  let done: { readonly result: Result } | null = null
  let hasBegun = false
  const work = async (isGranted: boolean): Promise<void> => {
    if (!isGranted) return
    hasBegun = true
    done = { result: await run(false) }
  }
  try {
    await request(work)
  } catch (error) {
    if (hasBegun) throw error
  }
  return done
}

function inLine<Result>(
  line: Map<unknown, Promise<void>>,
  key: unknown,
  run: (hasWaited: boolean) => Promise<Result>,
): Promise<Result> {
  const last = line.get(key)
  const turn = (last ?? Promise.resolve()).then(() => run(last !== undefined))
  const end = turn.then(ignore, ignore).then(() => {
    if (line.get(key) === end) line.delete(key)
  })
  line.set(key, end)
  return turn
}

function ignore(): void {}
