import type { Core } from '../core/core.ts'
import type { Contract } from '../http/contract.ts'
import { drfJwt } from './drf-jwt/contract.ts'
import { drfToken } from './drf-token/contract.ts'
import { expressJwt } from './express-jwt/contract.ts'
import { simplejwt } from './simplejwt/contract.ts'

/** The settings that contracts have. Lifetimes are in seconds. */
export type ContractSettings = {
  readonly drfJwtSeconds: number
  readonly drfTokenSeconds: number
  readonly expressJwtSeconds: number
  readonly enumeration: 'documented' | 'uniform'
  readonly simplejwtAccessSeconds: number
  readonly simplejwtRefreshSeconds: number
  readonly simplejwtCodes: boolean
  /** Where letters go, or `null` where none can be sent. */
  readonly mailUrl: string | null
}

/** Every contract there is, by its slug. A sixth document is one line here and one folder. */
export const CONTRACTS: Readonly<Record<string, (core: Core, settings: ContractSettings) => Contract>> = {
  'drf-jwt': (core, settings) => drfJwt(core, { tokenSeconds: settings.drfJwtSeconds }),
  'drf-token': (core, settings) =>
    drfToken(core, { keySeconds: settings.drfTokenSeconds, hasMail: settings.mailUrl !== null }),
  'express-jwt': (core, settings) =>
    expressJwt(core, { tokenSeconds: settings.expressJwtSeconds, enumeration: settings.enumeration }),
  simplejwt: (core, settings) =>
    simplejwt(core, {
      accessSeconds: settings.simplejwtAccessSeconds,
      refreshSeconds: settings.simplejwtRefreshSeconds,
      withCodes: settings.simplejwtCodes,
    }),
}

/** The slugs, in the order in which they are listed. */
export const CONTRACT_NAMES: readonly string[] = Object.keys(CONTRACTS)
