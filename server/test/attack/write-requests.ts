import { LOGINS, type LoginDoor, loginOf } from '../kit/doors.ts'

/** The door of document 002: an email address and a password, and a key for them. */
const DRF_TOKEN = LOGINS.find(({ contract }) => contract === 'drf-token')

/** A login's bytes as text, from a network that a trusted proxy vouches for. */
export function writeGuess({
  email,
  password,
  network,
  door = DRF_TOKEN,
}: {
  email: string
  password: string
  network: string
  door?: LoginDoor | undefined
}): string {
  if (door === undefined) throw new Error('There is no such door.')
  const { path, json } = loginOf(door, email, password)
  return writePost(path, json, network)
}

/** A POST of JSON. */
export function writePost(path: string, json: unknown, network: string): string {
  const body = JSON.stringify(json)
  return [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    `X-Forwarded-For: ${network}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n')
}

/** A check of a token. */
export function writeCheck(token: string): string {
  return ['GET /v1/session HTTP/1.1', 'Host: 127.0.0.1', `Authorization: Bearer ${token}`, '', ''].join('\r\n')
}

/** The nth of many networks, each an IPv4 address or an IPv6 /64 in turn. */
export function networkOf(index: number): string {
  if (index % 2 === 0) return `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`
  return `2001:db8:${(index >> 16).toString(16)}:${(index & 0xffff).toString(16)}::1`
}
