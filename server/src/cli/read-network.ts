import { networkOf } from '../core/network.ts'
import { UsageError } from './refusals.ts'

/**
 * Reads a network as `throttle list` shows it, or an address in it.
 *
 * @returns its canonical form.
 * @throws {UsageError} for what is neither, and for loopback, which has no budget.
 */
export function readNetwork(text: string): string {
  const address = text.trim().toLowerCase().replace(/\/64$/, '')
  const network = networkOf(address)
  if (network === null) throw new UsageError('--network: loopback has no budget of its own, so nothing holds it back.')
  if (network !== 'unknown' || address === 'unknown') return network
  throw new UsageError(
    '--network takes an address such as 192.0.2.7 or 2001:db8::1, or a network as throttle list shows it.',
  )
}
