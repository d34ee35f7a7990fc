import assert from 'node:assert/strict'
import type { Account } from '../../src/core/account.ts'
import { AuthError } from '../../src/core/errors.ts'
import { normaliseIdentifier } from '../../src/core/identifier.ts'
import type { NamedIdentifier, NewAccount, NewSession, Store } from '../../src/core/ports.ts'
import type { OpenedStore } from '../../src/store/open.ts'
import { newAccount, newLogin, newSession } from './new-rows.ts'

/** How a suite comes by its database. */
export type StoreOptions = {
  /** Opens an empty database of the suite's own. */
  readonly open: () => Promise<Pick<OpenedStore, 'store' | 'migrated'>>
  /** Opens the same database once more, as a second process would; absent where nobody else can see it. */
  readonly openAgain?: () => Promise<Pick<OpenedStore, 'store'>>
  /** Whether the two are asked at the same moment in races. */
  readonly racesOnBoth?: boolean
  /**
   * Whether a caller who is told "not now" asks again, as clients are told to: an engine that lets everybody begin and
   * undoes all but one gives up on somebody when very many want the same row.
   */
  readonly comesBack?: boolean
}

/** A database of a suite's own, with what its tests do again and again. */
export type Stores = {
  readonly store: Store
  /** The same database, as a second process has it open; the very same store where there is no such process. */
  readonly other: Store
  /** An account that is there, with its one name. */
  add(change?: Partial<NewAccount>): Promise<Account>
  /** An account with a live session. */
  addWithSession(change?: Partial<NewSession>): Promise<{ account: Account; session: NewSession }>
  /** `count` calls, begun together. */
  race<Result>(count: number, call: (store: Store, index: number) => Promise<Result>): Promise<Result[]>
  close(): Promise<void>
}

/** Opens a suite's database, and once more where that can be. */
export async function openStores({
  open,
  openAgain,
  racesOnBoth = false,
  comesBack = false,
}: StoreOptions): Promise<Stores> {
  const { store } = await open()
  const other = openAgain === undefined ? store : (await openAgain()).store

  async function add(change: Partial<NewAccount> = {}) {
    const { account } = await store.createAccount(newAccount(change))
    assert.ok(account !== null)
    return account
  }

  return {
    store,
    other,
    add,

    async addWithSession(change = {}) {
      const account = await add()
      const session = newSession(account.id, change)
      assert.equal(await store.openSession(session, newLogin()), true)
      return { account, session }
    },

    race(count, call) {
      const second = racesOnBoth ? other : store
      return Promise.all(
        Array.from({ length: count }, async (_, index) => {
          for (;;) {
            try {
              return await call(index % 2 === 0 ? store : second, index)
            } catch (error) {
              if (!comesBack || !(error instanceof AuthError) || error.code !== 'overloaded') throw error
            }
          }
        }),
      )
    },

    async close() {
      if (other !== store) await other.close()
      await store.close()
    },
  }
}

/** A text that no other test has. */
export function fresh(): string {
  return crypto.randomUUID()
}

/** A name in its normal form, with its kind. */
export function named(text: string, kind: NamedIdentifier['kind']): NamedIdentifier {
  return { value: normaliseIdentifier(text), kind }
}
