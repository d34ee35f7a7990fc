import type { Config } from '../../config/config.ts'
import { probeBreachedPasswords } from '../../screening/probe-breached-passwords.ts'
import type { Finding } from './finding.ts'

const ABOUT = 'passwords'

/** Says which passwords are taken, and whether whoever is asked for breached ones answers. */
export async function checkPasswords(config: Config): Promise<readonly Finding[]> {
  const says =
    config.passwordPolicy === 'hardened'
      ? 'short, common and contextual ones are refused'
      : 'each contract’s own rules hold; common ones are flagged'
  return [{ about: ABOUT, level: 'ok', says }, await checkBreaches(config)]
}

async function checkBreaches({ breachedPasswords, breachedPasswordsUrl: url }: Config): Promise<Finding> {
  if (breachedPasswords === 'off') return { about: ABOUT, level: 'ok', says: 'nobody is asked for breached ones' }
  try {
    if (await probeBreachedPasswords(url))
      return { about: ABOUT, level: 'ok', says: `breached ones are known to ${url}` }
    const says = `${url} answers, and does not know the best known password of all: check LATCHKEY_BREACHED_PASSWORDS_URL`
    return { about: ABOUT, level: 'warn', says }
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'for an unknown reason'
    const says =
      `breached ones cannot be asked for at ${url} (${reason}): the built-in list alone is in force. Let this machine ` +
      'reach it, or set LATCHKEY_BREACHED_PASSWORDS_URL to a mirror'
    return { about: ABOUT, level: 'warn', says }
  }
}
