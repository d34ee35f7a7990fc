import { LEGACY_LOGINS } from '../contracts/legacy.ts'
import type { LegacyServers } from '../core/ports.ts'
import type { LegacyLogin } from '../http/legacy-login.ts'
import { createLegacyServer, type LegacyServerOptions } from './legacy-server.ts'
import type { Tally } from './tally.ts'

/** An old server as it is set. */
export type LegacyServerSetting = {
  readonly contract: string
  /** The setting's name. */
  readonly setting: string
  /** Its origin, to which the document's path is added; or the whole address of its login. */
  readonly url: string
}

/** Puts together how the old servers that are set are asked; `null` where there is none. */
export function createLegacyServers(
  settings: readonly LegacyServerSetting[],
  { tally, ...options }: { tally: Pick<Tally, 'note'> } & Omit<LegacyServerOptions, 'setting' | 'url' | 'login'>,
): LegacyServers | null {
  if (settings.length === 0) return null
  const servers = new Map(
    settings.map(({ contract, setting, url }) => {
      const login = findLogin(contract)
      const address = addressOf(url, login)
      return [contract, { url: address, ...createLegacyServer({ ...options, setting, url: address, login }) }] as const
    }),
  )
  return {
    has: (contract) => servers.has(contract),
    sourcesOf(contract) {
      const origin = servers.get(contract)?.url.origin
      const others = [...servers].filter(([name, { url }]) => name !== contract && url.origin === origin)
      return [contract, ...others.map(([name]) => name)]
    },
    async ask(contract, login) {
      const verdict = (await servers.get(contract)?.ask(login)) ?? { verdict: 'unavailable' }
      tally.note(contract, verdict.verdict)
      return verdict
    },
    pause: async (contract) => servers.get(contract)?.pause(),
    noteAdopted: (contract) => tally.note(contract, 'adopted'),
  }
}

/** How the old server of a contract is asked. */
export function findLogin(contract: string): LegacyLogin {
  const login = LEGACY_LOGINS[contract]
  if (login === undefined) throw new Error(`There is no contract ${contract}.`)
  return login
}

/** Where an old server's login is: an address that has a path is that of the login itself. */
export function addressOf(url: string, { path }: Pick<LegacyLogin, 'path'>): URL {
  const { origin, pathname } = new URL(url)
  return new URL(pathname === '/' ? path : pathname, origin)
}
