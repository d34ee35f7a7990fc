import { randomUUID } from 'node:crypto'
import { addressOf, findLogin, type LegacyServerSetting } from './legacy-servers.ts'
import { postLogin } from './post-login.ts'

export type { LegacyServerSetting }

/**
 * Asks an old server for a login by a name that nobody has.
 *
 * @returns the address that was asked, and whether it refused as a server of the contract does.
 * @throws {Error} when no answer comes; its message is for the operator.
 */
export async function probeLegacyServer({
  contract,
  url,
}: Omit<LegacyServerSetting, 'setting'>): Promise<{ readonly address: string; readonly refuses: boolean }> {
  const login = findLogin(contract)
  const address = addressOf(url, login)
  const nobody = { identifier: `${randomUUID()}@latchkey.invalid`, password: randomUUID() }
  const reply = await postLogin(address, login.write(nobody))
  return { address: address.href, refuses: typeof login.read(reply, nobody) === 'string' }
}
