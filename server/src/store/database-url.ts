/** Where a PostgreSQL database is and how it is reached. Times are milliseconds. */
export type PostgresAddress = {
  /** Tried in this order; where there are several, whichever takes writes is used. */
  readonly hosts: readonly PostgresHost[]
  readonly user: string
  readonly password: string | null
  readonly database: string
  readonly tls: TlsRequest | null
  /** Whether a server that refuses writes (a standby) is passed over. */
  readonly wantsPrimary: boolean
  readonly applicationName: string
  /** How long making one connection may take; `null` where the URL does not say. */
  readonly connectTimeout: number | null
}

/** A name, an address, or the directory of a socket (it begins with a slash). */
export type PostgresHost = { readonly host: string; readonly port: number }

/** What is checked of the server's certificate: nothing, who signed it, or also whose it is. Files are paths. */
export type TlsRequest = {
  readonly check: 'nothing' | 'signature' | 'everything'
  readonly rootCertificate: string | null
  readonly certificate: string | null
  readonly key: string | null
}

/** An address, or what is wrong with the text: each problem continues a sentence that begins with the setting's name. */
export type AddressReading = { readonly value: PostgresAddress } | { readonly problems: readonly string[] }

const DEFAULT_PORT = 5432
const FORM =
  /^postgres(?:ql)?:\/\/(?:(?<login>[^@/?#]*)@)?(?<hosts>[^/?#]*)(?:\/(?<database>[^?#]*))?(?:\?(?<options>[^#]*))?$/i
const OPTIONS = [
  'application_name',
  'connect_timeout',
  'host',
  'port',
  'sslcert',
  'sslkey',
  'sslmode',
  'sslrootcert',
  'target_session_attrs',
]

/** Whether a URL names PostgreSQL rather than SQLite. */
export function isPostgresUrl(text: string): boolean {
  return /^postgres(ql)?:/i.test(text)
}

/**
 * Reads `postgres://USER:PASSWORD@HOST1:PORT,HOST2/DATABASE?OPTION=VALUE` as libpq documents it (PostgreSQL, 34.1.1.2):
 * several hosts, sockets by `host=/directory`, TLS by `sslmode` and its files. An option that Latchkey does not honour
 * is a problem, not a surprise.
 */
export function readPostgresUrl(text: string): AddressReading {
  const parts = FORM.exec(text)?.groups
  if (parts === undefined) return { problems: ['must look like postgres://USER:PASSWORD@HOST:5432/DATABASE.'] }
  const problems: string[] = []
  // Where nobody is named before the options, they may be a password with an unescaped question mark: not repeated.
  const options = readOptions(parts.options ?? '', { problems, areTold: parts.login !== undefined })
  const [user = '', ...rest] = (parts.login ?? '').split(':')
  const address: PostgresAddress = {
    hosts: readHosts(options.get('host') ?? parts.hosts ?? '', options.get('port') ?? '', problems),
    user: decode(user, problems),
    password: rest.length === 0 ? null : decode(rest.join(':'), problems),
    database: decode(parts.database ?? '', problems),
    tls: readTls(options, problems),
    wantsPrimary: readTarget(options.get('target_session_attrs'), problems),
    applicationName: options.get('application_name') ?? 'latchkey',
    connectTimeout: readSeconds(options.get('connect_timeout'), problems),
  }
  if (address.user === '') problems.push('names no user: write postgres://USER@HOST/DATABASE.')
  if (address.database === '') problems.push('names no database: write postgres://USER@HOST/DATABASE.')
  return problems.length > 0 ? { problems } : { value: address }
}

/** The URL without its password, for people and logs. */
export function maskPassword(url: string): string {
  return isPostgresUrl(url) ? url.replace(/^([^:]*:\/\/[^@/?#:]*):[^@/?#]*@/, '$1:********@') : url
}

function readOptions(
  text: string,
  { problems, areTold }: { problems: string[]; areTold: boolean },
): ReadonlyMap<string, string> {
  const options = new Map<string, string>()
  for (const pair of text.split('&').filter((pair) => pair !== '')) {
    const [name = '', ...rest] = pair.split('=')
    const value = rest.join('=')
    if (!OPTIONS.includes(name)) {
      const which = areTold ? `the option ${JSON.stringify(name)}, which` : 'an option that'
      problems.push(`has ${which} Latchkey does not know: it knows ${OPTIONS.join(', ')}.`)
    } else if (options.has(name)) problems.push(`has the option ${name} twice: keep one.`)
    else options.set(name, decode(value, problems))
  }
  return options
}

function readHosts(hosts: string, ports: string, problems: string[]): PostgresHost[] {
  const defaults = ports.split(',')
  if (defaults.length > 1 && defaults.length !== hosts.split(',').length) {
    problems.push('has a list of ports that is not as long as that of hosts: write HOST1:PORT1,HOST2:PORT2.')
  }
  return hosts.split(',').map((entry, index) => {
    const { host = '', port } = /^(?<host>\[[^\]]*\]|[^:]*)(?::(?<port>.*))?$/.exec(entry)?.groups ?? {}
    const fallback = (defaults[index] ?? defaults[0]) || String(DEFAULT_PORT)
    const number = Number(port === undefined || port === '' ? fallback : port)
    if (!Number.isInteger(number) || number < 1 || number > 65_535) {
      problems.push(`has a port that is not a number from 1 to 65535: write HOST:${DEFAULT_PORT}.`)
    }
    const name = decode(host.replace(/^\[|\]$/g, ''), problems)
    if (name.includes('@'))
      problems.push('has more than one @: write %40 for one that belongs to the user or password.')
    if (name === '') problems.push('names no host: write postgres://USER@HOST/DATABASE, or ?host=/socket/directory.')
    return { host: name, port: number }
  })
}

function readTls(options: ReadonlyMap<string, string>, problems: string[]): TlsRequest | null {
  const mode = options.get('sslmode') ?? 'disable'
  // Node's own list of authorities is what `system` means, and what holds where no file is named.
  const named = options.get('sslrootcert') ?? 'system'
  const rootCertificate = named === 'system' ? null : named
  const files = { rootCertificate, certificate: options.get('sslcert') ?? null, key: options.get('sslkey') ?? null }
  if ((files.certificate === null) !== (files.key === null)) problems.push('needs both sslcert and sslkey, or neither.')
  if (mode === 'disable') {
    if (options.has('sslrootcert') || options.has('sslcert')) {
      problems.push('names TLS certificates but no sslmode: add sslmode=verify-full.')
    }
    return null
  }
  if (mode !== 'verify-full' && options.get('sslrootcert') === 'system') {
    problems.push(
      'has sslrootcert=system, which anybody’s certificate passes unless its name is checked: add sslmode=verify-full.',
    )
  }
  if (mode === 'require') return { check: rootCertificate === null ? 'nothing' : 'signature', ...files }
  if (mode === 'verify-ca') return { check: 'signature', ...files }
  if (mode === 'verify-full') return { check: 'everything', ...files }
  problems.push(
    'has an sslmode that is not disable, require, verify-ca or verify-full; the others fall back to no encryption.',
  )
  return null
}

function readTarget(value: string | undefined, problems: string[]): boolean {
  if (value === undefined || value === 'read-write' || value === 'primary') return true
  if (value === 'any') return false
  problems.push('has target_session_attrs that is not read-write, primary or any: Latchkey writes, so leave it out.')
  return true
}

function readSeconds(value: string | undefined, problems: string[]): number | null {
  if (value === undefined) return null
  const seconds = Number(value)
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 60) return seconds * 1000
  problems.push('has a connect_timeout that is not a number of seconds from 1 to 60.')
  return null
}

function decode(text: string, problems: string[]): string {
  try {
    return decodeURIComponent(text)
  } catch {
    problems.push('has a % that is not followed by two hexadecimal digits: write %25 for a percent sign itself.')
    return text
  }
}
