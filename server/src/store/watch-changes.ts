import { isLegacySessionId } from '../core/legacy-session-id.ts'
import type { Adoption, AdoptionOutcome, Memories, ServiceClient, Store } from '../core/ports.ts'
import type { Access } from '../core/session.ts'
import { createMemory } from './memory.ts'

/**
 * The methods that change nothing of what is remembered. Any other must be watched below, or this does not compile: who
 * adds a method to the store has to say which it is.
 *
 * `openSession` and `adoptSession` are here because nobody can have been told of a new session, and no answer to a token says when its owner
 * last signed in; `pruneSessions` because what it removes is over, and that is looked at each time.
 */
type Harmless =
  | 'createAccount'
  | 'findTaken'
  | 'findCredential'
  | 'findCredentialById'
  | 'findNeighbours'
  | 'findAccount'
  | 'listAccounts'
  | 'upgradePasswordHash'
  | 'openSession'
  | 'adoptSession'
  | 'findLegacyKey'
  | 'isKnownNetwork'
  | 'pruneKnownNetworks'
  | 'findRevokedKey'
  | 'findSession'
  | 'findSessionByToken'
  | 'listSessions'
  | 'pruneSessions'
  | 'takeAttempts'
  | 'settleAttempts'
  | 'listAttempts'
  | 'clearAttempts'
  | 'pruneAttempts'
  | 'addLetter'
  | 'takeDueLetters'
  | 'removeLetter'
  | 'addOneTimeToken'
  | 'hasOneTimeToken'
  | 'pruneOneTimeTokens'
  | 'appendAudit'
  | 'listAudit'
  | 'readAuditEnds'
  | 'pruneAudit'
  | 'takeDueDeliveries'
  | 'removeDelivery'
  | 'listDeliveries'
  | 'countDeliveries'
  | 'pruneDeliveries'
  | 'addServiceClient'
  | 'findServiceClient'
  | 'listServiceClients'
  | 'addFirstKey'
  | 'listKeys'
  | 'addNextKey'
  | 'noteLifetime'
  | 'removeKeys'
  | 'countSignedSessions'
  | 'countLegacyFormats'
  | 'listLegacyIds'
  | 'countLegacyAnswers'
  | 'listLegacyAnswers'
  | 'findImported'
  | 'findImport'
  | 'findUsedIds'
  | 'countLegacySessions'
  | 'listImports'
  | 'noteImport'
  | 'listStoredAccounts'
  | 'listLegacySources'
  | 'ping'
  | 'inspect'
  | 'readNote'
  | 'writeNote'
  | 'keepNote'
  | 'close'

type Watched = Pick<Store, Exclude<keyof Store, Harmless>>

/**
 * Watches what goes through a store, so that what is remembered is never older than what this process has acknowledged:
 * when a method comes back, what it changed is forgotten. One that failed may have changed it all the same.
 *
 * @param options.longest how long what other processes change may go unnoticed, in milliseconds; 0 remembers nothing.
 */
export function watchChanges(
  store: Store,
  { longest, elapsed = () => performance.now() }: { longest: number; elapsed?: () => number },
): { store: Store; memories: Memories } {
  const accesses = createMemory<Access>({ longest, elapsed })
  const services = createMemory<ServiceClient>({ longest, elapsed })

  const watch = <Args extends readonly unknown[], Result>(
    method: (...args: Args) => Promise<Result>,
    touches: (...args: Args) => (access: Access) => boolean,
  ) => afterwards(method, (...args) => accesses.forget(touches(...args)))
  const watchServices = <Args extends readonly unknown[], Result>(method: (...args: Args) => Promise<Result>) =>
    afterwards(method, () => services.forget(ofAnybody))

  const watched: Watched = {
    replacePassword: watch(store.replacePassword, ({ accountId }) => ofAccount(accountId)),
    flagPassword: watch(store.flagPassword, ofAccount),
    setActive: watch(store.setActive, ofAccount),
    updateProfile: watch(store.updateProfile, ({ accountId }) => ofAccount(accountId)),
    deleteAccount: watch(store.deleteAccount, ofAccount),
    endSession: watch(store.endSession, (id) => (isLegacySessionId(id) ? ofLegacySession : ofSession(id))),
    endSessions: watch(store.endSessions, ofAccount),
    endEverySession: watch(store.endEverySession, () => ofAnybody),
    // Who checks a token just now may have its key from before.
    revokeKey: afterwards(store.revokeKey, () => accesses.forgetAll()),
    redeemPasswordReset: watch(store.redeemPasswordReset, ({ accountId }) => ofAccount(accountId)),
    redeemEmailVerification,
    adoptAccount,
    // An import runs in a process of its own: nobody asks this one about tokens.
    importAccounts: watch(store.importAccounts, () => ofAnybody),
    importSessions: watch(store.importSessions, () => ofAnybody),
    replaceServiceSecret: watchServices(store.replaceServiceSecret),
    deleteServiceClient: watchServices(store.deleteServiceClient),
  }
  return { store: { ...store, ...watched }, memories: { accesses, services } }

  /** Who lost a name to the new account the database tells; nobody can have been told of the account itself. */
  async function adoptAccount(adoption: Adoption): Promise<AdoptionOutcome> {
    try {
      const outcome = await store.adoptAccount(adoption)
      if (outcome.account !== null) for (const id of outcome.handedOver) accesses.forget(ofAccount(id))
      return outcome
    } catch (error) {
      accesses.forget(ofAnybody)
      throw error
    }
  }

  /** Whose proof it is the database tells. Of one that is none nothing is forgotten: anybody can send those. */
  async function redeemEmailVerification(proof: { tokenHash: string; now: number }): Promise<number | null> {
    try {
      const accountId = await store.redeemEmailVerification(proof)
      if (accountId !== null) accesses.forget(ofAccount(accountId))
      return accountId
    } catch (error) {
      accesses.forget(ofAnybody)
      throw error
    }
  }
}

/** Does something when a method has come back, however it has. */
function afterwards<Args extends readonly unknown[], Result>(
  method: (...args: Args) => Promise<Result>,
  act: (...args: Args) => void,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    try {
      return await method(...args)
    } finally {
      act(...args)
    }
  }
}

function ofAccount(accountId: number): (access: Access) => boolean {
  return ({ account }) => account.id === accountId
}

function ofSession(id: string): (access: Access) => boolean {
  return ({ session }) => session.id === id
}

/** With one of them others may end, whose ids nobody here knows. */
function ofLegacySession({ session }: Access): boolean {
  return isLegacySessionId(session.id)
}

function ofAnybody(): boolean {
  return true
}
