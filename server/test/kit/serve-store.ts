import { AuthError, type AuthErrorCode, type Problem } from '../../src/core/errors.ts'
import { openStore } from '../../src/store/open.ts'

/** A call of a store's method. */
type StoreCall = { readonly id: number; readonly method: string; readonly args: readonly unknown[] }

/** What came of it. A refusal crosses with its code and details, anything else with its message. */
export type StoreAnswer = {
  readonly id: number
  readonly outcome:
    | { readonly value: unknown }
    | { readonly code: AuthErrorCode; readonly problems: readonly Problem[]; readonly retryAfter: number }
    | { readonly message: string }
}

/** Answers calls to the store of a database, which this process has open, until its parent lets go of it. */
async function serveStore(url: string): Promise<void> {
  const opened = openStore(url)
  process.on('message', async (message) => {
    const { id, method, args } = message as StoreCall
    process.send?.({ id, outcome: await run(method, args) } satisfies StoreAnswer)
  })

  async function run(method: string, args: readonly unknown[]): Promise<StoreAnswer['outcome']> {
    try {
      const { store } = await opened
      const verb = (store as unknown as Readonly<Record<string, (...args: readonly unknown[]) => unknown>>)[method]
      if (verb === undefined) throw new Error(`The store has no ${method}.`)
      return { value: await verb(...args) }
    } catch (error) {
      if (error instanceof AuthError) {
        return { code: error.code, problems: error.problems, retryAfter: error.retryAfter }
      }
      return { message: String(error) }
    }
  }
}

if (import.meta.main) await serveStore(process.argv[2] ?? '')
