import { ROUTES } from '../../kit/routes.ts'

/** Numbers that look random and are the same every time. */
type Dice = {
  below(limit: number): number
  pick<Thing>(things: readonly [Thing, ...Thing[]]): Thing
}

/** What a body may be made of where JSON was expected. */
const BODIES: readonly [
  (dice: Dice, fields: readonly string[]) => string,
  ...((dice: Dice, fields: readonly string[]) => string)[],
] = [
  (dice, fields) => JSON.stringify(Object.fromEntries(fields.map((field) => [field, oddValue(dice)]))),
  (dice, fields) => cut(dice, JSON.stringify(Object.fromEntries(fields.map((field) => [field, 'x'.repeat(40)])))),
  (dice) => '['.repeat(1 + dice.below(9000)),
  (dice) => '{"a":'.repeat(1 + dice.below(3000)),
  (_dice, fields) => `{${[...fields, ...fields].map((field) => `"${field}":"a"`).join(',')}}`,
  (_dice, fields) => `{"__proto__":{"is_staff":true},"constructor":{"prototype":{}},"${fields[0] ?? 'a'}":1}`,
  (dice) => `{${Array.from({ length: dice.below(300) }, (_, index) => `"k${index}":0`).join(',')}}`,
  (dice) => 'x'.repeat(dice.below(40_000)),
  (_dice, fields) => `{"${fields[0] ?? 'a'}":"\\ud800\\u0000","password":"\\ud800"}`,
  (_dice, fields) => `{"${fields[0] ?? 'a'}":1e999,"b":-0,"c":1${'0'.repeat(400)}}`,
  () => '\u00ff\u00fe\u0000\u0080\u00c0\u00af',
  () => '',
  () => 'null',
  () => '"text"',
  (dice) => Array.from({ length: dice.below(200) }, (_, index) => `a${index}=%zz&`).join(''),
  () => '--x\r\nContent-Disposition: form-data; name="email"\r\n\r\na\r\n--x--\r\n',
  () => '--x\r\nContent-Disposition: form-data; name="email\r\n\r\n',
]

const TYPES = [
  'application/json',
  'application/json; charset=utf-7',
  'application/json;;;',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'multipart/form-data',
  'text/plain',
  '\tapplication/json ',
  'a/b/c',
  '',
] as const

const METHODS = [
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'HEAD',
  'PROPFIND',
  'TRACE',
  'CONNECT',
  'get',
  'X',
] as const

const HEADERS = [
  '',
  'Authorization: Bearer \r\n',
  'Authorization: Token x\r\nAuthorization: Bearer y\r\n',
  'Authorization: Bearer eyJhbGciOiJub25lIn0.e30.\r\n',
  'Content-Encoding: gzip\r\n',
  'Expect: 100-continue\r\n',
  'Expect: nonsense\r\n',
  'Upgrade: h2c\r\nConnection: Upgrade\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: chunked, identity\r\n',
  'Content-Length: 3\r\n',
  'Content-Length: -1\r\n',
  'Host: a\r\n',
  'Accept: application/xml\r\n',
  'Accept: */*;q=\r\n',
  'X-HTTP-Method-Override: DELETE\r\n',
  'X-Forwarded-For: nonsense, ::ffff:1.2.3.4, [::1\r\n',
  'Origin: null\r\nAccess-Control-Request-Method: POST\r\n',
  'Cookie: sessionid=x; csrftoken=y\r\n',
  ' folded: x\r\n',
  'no colon\r\n',
  'a b: c\r\n',
  'X: \u0000\r\n',
] as const

const RAW = [
  'GET / HTTP/1.1\r\n\r\n',
  'GET / HTTP/9.9\r\nHost: a\r\n\r\n',
  'GET /\r\n\r\n',
  '\r\n\r\n\r\n',
  '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'POST /api/users/login/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  'POST /api/users/login/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nx',
  'POST /api/users/login/ HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'POST /api/users/login/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{',
  'GET http://elsewhere.example/v1/session HTTP/1.1\r\nHost: a\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n',
] as const

/** The bytes of one malformed request of an endless row: the same for the same number. */
export function makeNonsense(index: number): Buffer {
  const dice = rollFrom(index)
  const kind = dice.below(10)
  if (kind === 0) return Buffer.from(mangle(dice, dice.pick(RAW)), 'latin1')
  const { method, path, fields } = dice.pick(ROUTES as unknown as readonly [Route, ...Route[]])
  const body = Buffer.from(dice.pick(BODIES)(dice, fields), dice.below(2) === 0 ? 'utf8' : 'latin1')
  const type = dice.pick(TYPES)
  const head = [
    `${kind < 7 ? method : dice.pick(METHODS)} ${oddPath(dice, path)} HTTP/1.${dice.below(8) === 0 ? 0 : 1}`,
    'Host: 127.0.0.1',
    'Connection: close',
    `Content-Type: ${type}`,
    `Content-Length: ${dice.below(12) === 0 ? dice.below(100_000) : body.length}`,
  ]
  const text = `${head.join('\r\n')}\r\n${dice.pick(HEADERS)}${oddHeaders(dice)}\r\n`
  return Buffer.concat([Buffer.from(kind === 9 ? mangle(dice, text) : text, 'latin1'), body])
}

type Route = (typeof ROUTES)[number]

function oddPath(dice: Dice, path: string): string {
  switch (dice.below(12)) {
    case 0:
      return `${path}?${'a=1&'.repeat(dice.below(2000))}`
    case 1:
      return path.toUpperCase()
    case 2:
      return `${path}%00`
    case 3:
      return `/${'../'.repeat(dice.below(20))}etc/passwd`
    case 4:
      return `${path}%zz%c0%af`
    case 5:
      return `//${path}`
    case 6:
      return `/${'x'.repeat(dice.below(20_000))}`
    default:
      return path
  }
}

function oddHeaders(dice: Dice): string {
  if (dice.below(20) === 0) return `X-Long: ${'x'.repeat(dice.below(40_000))}\r\n`
  if (dice.below(20) === 0) return Array.from({ length: dice.below(3000) }, (_, index) => `X${index}: y\r\n`).join('')
  return ''
}

function oddValue(dice: Dice): unknown {
  return dice.pick([
    null,
    true,
    0,
    -1,
    1e21,
    '',
    ' ',
    [],
    {},
    [[[[[[[[[1]]]]]]]]],
    { $ne: null },
    'a\u0000b',
    '\ud800',
    'x'.repeat(2000),
    `${'x'.repeat(300)}@example.com`,
    "' or 1=1 --",
  ])
}

function cut(dice: Dice, text: string): string {
  return text.slice(0, dice.below(text.length))
}

/** Changes a few bytes of it. */
function mangle(dice: Dice, text: string): string {
  const bytes = Buffer.from(text, 'latin1')
  for (let count = 1 + dice.below(4); count > 0; count--) bytes[dice.below(bytes.length)] = dice.below(256)
  return bytes.toString('latin1')
}

/** Mulberry32, as good as a fuzzer needs. */
function rollFrom(seed: number): Dice {
  let state = Math.imul(seed + 1, 0x9e3779b1)
  const below = (limit: number) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % Math.max(1, limit)
  }
  return { below, pick: (things) => things[below(things.length)] ?? things[0] }
}
