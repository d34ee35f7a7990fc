import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { AuthError } from '../../src/core/errors.ts'
import type { Store } from '../../src/core/ports.ts'
import type { StoreAnswer } from './serve-store.ts'
import { dieTogether } from './server-process.ts'

const SCRIPT = fileURLToPath(new URL('./serve-store.ts', import.meta.url))

/** Opens a database in a process of its own: each call of the store is made there, and its outcome brought back. */
export async function openStoreInProcess(url: string): Promise<Store> {
  const child = fork(SCRIPT, [url], { serialization: 'advanced' })
  dieTogether(child)
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let calls = 0
  const ended = once(child, 'exit').then(([code, signal]) => {
    for (const { reject } of waiting.values()) reject(new Error(`The store's process ended with ${signal ?? code}.`))
  })
  child.on('message', (message) => {
    const { id, outcome } = message as StoreAnswer
    const { resolve, reject } = waiting.get(id) ?? {}
    waiting.delete(id)
    if ('value' in outcome) resolve?.(outcome.value)
    else if ('code' in outcome) reject?.(new AuthError(outcome.code, outcome))
    else reject?.(new Error(outcome.message))
  })

  function call(method: string, args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = calls++
      waiting.set(id, { resolve, reject })
      child.send({ id, method, args }, (error) => {
        if (error !== null) reject(error)
      })
    })
  }

  async function close(): Promise<void> {
    await call('close', [])
    child.disconnect()
    await ended
  }

  // So that whoever goes on has a store that is open.
  await call('ping', [])
  return new Proxy({} as Store, {
    get(_target, name) {
      // What has a `then` is taken for a promise.
      if (name === 'then') return undefined
      return name === 'close' ? close : (...args: unknown[]) => call(String(name), args)
    },
  })
}
