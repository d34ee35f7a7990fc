/**
 * The wider network that a client's is part of: the /24 of an IPv4 address, the /48 of an IPv6 /64. It tells the
 * provider and the region, and not the household.
 *
 * @param network in the canonical form of `Client.network`; what is no address stays as it is.
 */
export function truncateNetwork(network: string): string {
  const quad = /^(\d+\.\d+\.\d+)\.\d+$/.exec(network)?.[1]
  if (quad !== undefined) return `${quad}.0/24`
  const groups = /^([0-9a-f]+:[0-9a-f]+:[0-9a-f]+):[0-9a-f]+::\/64$/.exec(network)?.[1]
  return groups === undefined ? network : `${groups}::/48`
}
