import type { Account, Authenticated } from './account.ts'
import * as administration from './administration.ts'
import { askForLetter } from './ask-for-letter.ts'
import { authenticate, type Login } from './authenticate.ts'
import { changePassword, type PasswordChange } from './change-password.ts'
import { checkAccess } from './check-access.ts'
import { deliverLetters } from './deliver-letters.ts'
import { endSession } from './end-session.ts'
import type { LetterPurpose } from './mail.ts'
import {
  type ExtraClaims,
  openJwtSession,
  openKeySession,
  openPairSession,
  type SessionRequest,
} from './open-session.ts'
import type { Ports } from './ports.ts'
import { type Pruned, prune } from './prune.ts'
import { type Registration, register } from './register.ts'
import { type PasswordReset, resetPassword } from './reset-password.ts'
import type { Access, Client, Session } from './session.ts'
import { endSessionByRefreshToken, refreshAccess, verifyToken } from './token-data.ts'
import { type ProfileChange, updateProfile } from './update-profile.ts'
import { verifyEmail } from './verify-email.ts'

/**
 * What the product can do: every verb, already bound to the store it works on. A door gets this and nothing else.
 * Each verb's own file says what it throws.
 */
export type Core = {
  /** Makes an account from a door's registration. */
  register(registration: Registration): Promise<Authenticated>
  /** Proves a password. */
  authenticate(login: Login): Promise<Authenticated>

  /** Opens a session with an opaque key. */
  openKeySession(authenticated: Authenticated, request: SessionRequest): Promise<{ session: Session; key: string }>
  /** Opens a session with one signed token. */
  openJwtSession(
    authenticated: Authenticated,
    request: SessionRequest & { readonly claims: ExtraClaims },
  ): Promise<{ session: Session; token: string }>
  /** Opens a session with an access and a refresh token. */
  openPairSession(
    authenticated: Authenticated,
    request: SessionRequest & { readonly accessLifetime: number; readonly claims: ExtraClaims },
  ): Promise<{ session: Session; access: string; refresh: string }>

  /** Finds out whose live token this is. */
  checkAccess(token: string): Promise<Access>
  /** Ends the session that a token belongs to. */
  endSession(access: Access): Promise<void>
  /** Makes a new access token from a refresh token. */
  refreshAccess(token: string, request: { accessLifetime: number; claims: ExtraClaims }): Promise<{ access: string }>
  /** Ends the session of a refresh token. */
  endSessionByRefreshToken(token: string): Promise<void>
  /** Says whether a signed token is alive. */
  verifyToken(token: string): Promise<Access>

  /** Changes the password of a signed-in account. */
  changePassword(access: Access, change: PasswordChange): Promise<void>
  /** Changes the profile of a signed-in account. */
  updateProfile(access: Access, change: ProfileChange): Promise<Account>

  /** Asks for a letter to an address; nobody learns whether anybody has it. */
  askForLetter(request: { purpose: LetterPurpose; email: string; client: Client }): Promise<void>
  /** Sets a new password with the token of a letter. */
  resetPassword(reset: PasswordReset): Promise<void>
  /** Takes the proof of an address; says whether it was good. */
  verifyEmail(token: string): Promise<boolean>
  /** Sends the letters that are due. */
  deliverLetters(): Promise<{ sent: number; failures: readonly unknown[] }>

  /** What only an operator may do. */
  readonly administration: Administration
  /** Forgets what no request can need any more. */
  prune(): Promise<Pruned>
}

/** The operator's verbs; the command line is their door. */
export type Administration = {
  createAccount(registration: Registration, options: { isStaff: boolean }): Promise<Account>
  findAccount(text: string): Promise<Account | null>
  listAccounts(page: { after: number; limit: number }): Promise<readonly Account[]>
  setActive(accountId: number, isActive: boolean): Promise<Account | null>
  setPassword(accountId: number, password: string): Promise<boolean>
  deleteAccount(accountId: number): Promise<boolean>
  listSessions(filter: { accountId?: number; limit: number }): Promise<readonly Session[]>
  revokeSession(sessionId: string): Promise<boolean>
  revokeSessions(accountId: number): Promise<number>
  /** Ends every session and every one-time token of everybody. */
  revokeEverySession(): Promise<{ sessions: number; oneTimeTokens: number }>
}

/** Binds every verb to its ports. */
export function createCore(ports: Ports): Core {
  return {
    register: (registration) => register(ports, registration),
    authenticate: (login) => authenticate(ports, login),
    openKeySession: (authenticated, request) => openKeySession(ports, authenticated, request),
    openJwtSession: (authenticated, request) => openJwtSession(ports, authenticated, request),
    openPairSession: (authenticated, request) => openPairSession(ports, authenticated, request),
    checkAccess: (token) => checkAccess(ports, token),
    endSession: (access) => endSession(ports, access),
    refreshAccess: (token, request) => refreshAccess(ports, token, request),
    endSessionByRefreshToken: (token) => endSessionByRefreshToken(ports, token),
    verifyToken: (token) => verifyToken(ports, token),
    changePassword: (access, change) => changePassword(ports, access, change),
    updateProfile: (access, change) => updateProfile(ports, access, change),
    askForLetter: (request) => askForLetter(ports, request),
    resetPassword: (reset) => resetPassword(ports, reset),
    verifyEmail: (token) => verifyEmail(ports, token),
    deliverLetters: () => deliverLetters(ports),
    administration: {
      createAccount: (registration, options) => administration.createAccount(ports, registration, options),
      findAccount: (text) => administration.findAccount(ports, text),
      listAccounts: (page) => administration.listAccounts(ports, page),
      setActive: (accountId, isActive) => administration.setActive(ports, accountId, isActive),
      setPassword: (accountId, password) => administration.setPassword(ports, accountId, password),
      deleteAccount: (accountId) => administration.deleteAccount(ports, accountId),
      listSessions: (filter) => administration.listSessions(ports, filter),
      revokeSession: (sessionId) => administration.revokeSession(ports, sessionId),
      revokeSessions: (accountId) => administration.revokeSessions(ports, accountId),
      revokeEverySession: () => administration.revokeEverySession(ports),
    },
    prune: () => prune(ports),
  }
}
