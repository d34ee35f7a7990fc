import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { openStores, type StoreOptions, type Stores } from '../../test/kit/stores.ts'
import { accountSuite } from './suites/accounts.suite.ts'
import { adoptionSuite } from './suites/adoptions.suite.ts'
import { attemptSuite } from './suites/attempts.suite.ts'
import { counterSuite } from './suites/counters.suite.ts'
import { deliverySuite } from './suites/deliveries.suite.ts'
import { distinctAttemptSuite } from './suites/distinct-attempts.suite.ts'
import { exportSuite } from './suites/exports.suite.ts'
import { importSuite } from './suites/imports.suite.ts'
import { keySuite } from './suites/keys.suite.ts'
import { legacyHashSuite } from './suites/legacy-hashes.suite.ts'
import { legacySessionSuite } from './suites/legacy-sessions.suite.ts'
import { letterSuite } from './suites/letters.suite.ts'
import { lifeSuite } from './suites/life.suite.ts'
import { loginSuite } from './suites/logins.suite.ts'
import { passwordSuite } from './suites/passwords.suite.ts'
import { profileSuite } from './suites/profiles.suite.ts'
import { revokedKeySuite } from './suites/revoked-keys.suite.ts'
import { serviceClientSuite } from './suites/service-clients.suite.ts'
import { sessionSuite } from './suites/sessions.suite.ts'
import { settledAttemptSuite } from './suites/settled-attempts.suite.ts'

/** What every database engine must hold to: each method of `Store` and what its doc comment promises, races included. */
const SUITES = [
  accountSuite,
  adoptionSuite,
  passwordSuite,
  profileSuite,
  sessionSuite,
  loginSuite,
  revokedKeySuite,
  attemptSuite,
  settledAttemptSuite,
  distinctAttemptSuite,
  counterSuite,
  letterSuite,
  legacyHashSuite,
  legacySessionSuite,
  keySuite,
  lifeSuite,
  deliverySuite,
  serviceClientSuite,
  importSuite,
  exportSuite,
]

/**
 * Runs every suite on one database.
 *
 * @param name what the engine is called in the list of tests.
 */
export async function storeSuite(name: string, options: StoreOptions): Promise<void> {
  runSuites(name, await openStores(options), options)
}

/** Runs every suite on a database that is open; `open` makes another like it. */
export function runSuites(name: string, stores: Stores, { open }: Pick<StoreOptions, 'open'>): void {
  describe(`the store on ${name}`, () => {
    after(() => stores.close())
    for (const suite of SUITES) suite(stores)
  })

  describe(`a closed store on ${name}`, () => {
    it('answers nothing any more, and can be closed twice', async () => {
      const { store } = await open()
      await store.close()
      await store.close()
      await assert.rejects(store.ping())
      await assert.rejects(store.findAccount({ by: 'id', id: 1 }))
    })
  })
}
