import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { Config } from './config.ts'
import { ConfigError } from './config-error.ts'
import { listSettings } from './list-settings.ts'
import { loadConfig } from './load-config.ts'
import { readDotenv } from './read-dotenv.ts'
import { DEFAULT_WEBHOOK_EVENTS } from './read-webhook.ts'
import { SETTINGS } from './settings.ts'

const NAMES = ['drf-jwt', 'drf-token', 'express-jwt', 'simplejwt']
const STRONG = 'kN3vT9qLw2XzR7bYc5HdPf8JmSgVaU4e6Ko1'
const directory = mkdtempSync(join(tmpdir(), 'latchkey-config-'))
after(() => rmSync(directory, { recursive: true, force: true }))

function load(env: Record<string, string>): Config {
  return loadConfig({ env, contractNames: NAMES, directory })
}

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    load(env)
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.problems
  }
  return []
}

describe('loadConfig', () => {
  it('has a working default for everything', () => {
    assert.deepEqual(load({}), {
      host: '127.0.0.1',
      port: 8000,
      databaseUrl: `sqlite:${join(directory, 'data/latchkey.db')}`,
      publicUrl: 'http://localhost:8000',
      isPublicUrlSet: false,
      databasePassword: null,
      migrate: 'auto',
      secret: null,
      contracts: NAMES,
      sharedPathsDefault: 'drf-token',
      drfTokenSeconds: 86400,
      drfJwtSeconds: 5184000,
      expressJwtSeconds: 86400,
      simplejwtAccessSeconds: 300,
      simplejwtRefreshSeconds: 86400,
      simplejwtCodes: false,
      signingAlgorithm: 'ES256',
      keyRotationDays: 0,
      audience: null,
      simplejwtHs256Secret: null,
      drfJwtHs256Secret: null,
      legacyDrfJwtSecret: null,
      legacyExpressJwtSecret: null,
      legacySimplejwtSecret: null,
      legacyCutover: null,
      legacyTokenDays: 60,
      legacyAlgorithm: 'HS256',
      legacyIdClaim: null,
      legacyIssuer: null,
      legacyAudience: null,
      legacyKnoxPrefix: null,
      legacyDrfJwtUrl: null,
      legacyDrfTokenUrl: null,
      legacyExpressJwtUrl: null,
      legacySimplejwtUrl: null,
      v1RefreshSeconds: 1_209_600,
      v1AccessSeconds: 300,
      enumeration: 'documented',
      docs: true,
      corsOrigins: [],
      trustedProxies: [],
      maxConnections: 4000,
      sessionStaleness: 1000,
      argon2: { memory: 19456, passes: 2, lanes: 1 },
      limits: true,
      accountGuesses: { limit: 10, window: 300_000 },
      networkGuesses: [
        { limit: 60, window: 300_000 },
        { limit: 300, window: 3_600_000 },
      ],
      networkNames: { limit: 30, window: 3_600_000 },
      networkRegistrations: { limit: 60, window: 3_600_000 },
      addressLetters: { limit: 5, window: 3_600_000 },
      networkLetters: { limit: 30, window: 3_600_000 },
      passwordPolicy: 'documented',
      productNames: [],
      breachedPasswords: 'off',
      breachedPasswordsUrl: 'https://api.pwnedpasswords.com/range/',
      mailUrl: null,
      mailFrom: null,
      resetUrl: null,
      verifyUrl: null,
      webhookUrl: null,
      webhookSecrets: [],
      webhookEvents: DEFAULT_WEBHOOK_EVENTS,
      webhookAllowPrivate: false,
      auditRetentionDays: 365,
      auditAddresses: 'full',
      logLevel: 'info',
    })
  })

  it('reads every setting', () => {
    const config = load({
      HOST: '[::1]',
      PORT: ' 9001 ',
      DATABASE_URL: 'sqlite::memory:',
      LATCHKEY_SECRET: STRONG,
      LATCHKEY_CONTRACTS: 'simplejwt, express-jwt,simplejwt',
      TOKEN_EXPIRED_AFTER_SECONDS: '1',
      LATCHKEY_SIMPLEJWT_CODES: 'true',
      LATCHKEY_ENUMERATION: 'uniform',
      LATCHKEY_DOCS: 'off',
      LATCHKEY_CORS_ORIGINS: 'https://App.example.com/, capacitor://localhost,http://localhost:5173',
      LATCHKEY_TRUSTED_PROXIES: '10.0.0.0/8, 192.0.2.1, fd00::/8, 2001:db8::/32',
      LATCHKEY_ARGON2: 'p=2, m=65536, t=3',
      LATCHKEY_LIMITS: 'off',
      LOG_LEVEL: 'debug',
    })
    assert.equal(config.host, '::1')
    assert.equal(config.port, 9001)
    assert.equal(config.publicUrl, 'http://localhost:9001')
    assert.equal(config.databaseUrl, 'sqlite::memory:')
    assert.equal(config.secret, STRONG)
    assert.deepEqual(config.contracts, ['simplejwt', 'express-jwt'])
    assert.equal(config.sharedPathsDefault, 'simplejwt')
    assert.equal(config.drfTokenSeconds, 1)
    assert.equal(config.simplejwtCodes, true)
    assert.equal(config.enumeration, 'uniform')
    assert.equal(config.docs, false)
    assert.deepEqual(config.corsOrigins, ['https://app.example.com', 'capacitor://localhost', 'http://localhost:5173'])
    assert.deepEqual(config.trustedProxies, ['10.0.0.0/8', '192.0.2.1', 'fd00::/8', '2001:db8::/32'])
    assert.deepEqual(config.argon2, { memory: 65536, passes: 3, lanes: 2 })
    assert.equal(config.limits, false)
    assert.equal(config.logLevel, 'debug')
  })

  it('takes PostgreSQL only with a secret that every process can be given', () => {
    const DATABASE_URL = 'postgres://latchkey@db1,db2/latchkey?sslmode=verify-full'
    assert.match(problemsOf({ DATABASE_URL }).join(), /^LATCHKEY_SECRET is missing: on PostgreSQL [^:]+: openssl rand/)
    const config = load({ DATABASE_URL, LATCHKEY_SECRET: STRONG, LATCHKEY_DATABASE_PASSWORD: 'hunter2 %&' })
    assert.equal(config.databaseUrl, DATABASE_URL)
    assert.equal(config.databasePassword, 'hunter2 %&')
    assert.match(
      problemsOf({ LATCHKEY_DATABASE_PASSWORD: 'hunter2' }).join(),
      /is set, but DATABASE_URL is not PostgreSQL/,
    )
  })

  it('is frozen all the way down', () => {
    const config = load({})
    assert.ok(Object.isFrozen(config) && Object.isFrozen(config.argon2) && Object.isFrozen(config.contracts))
  })

  it('takes an empty variable for one that is not set', () => {
    assert.deepEqual(load({ PORT: '', LATCHKEY_CONTRACTS: ' ', LATCHKEY_CORS_ORIGINS: '' }), load({}))
  })

  it('lists every problem at once', () => {
    const problems = problemsOf({
      PORT: 'x',
      HOST: 'http://a',
      DATABASE_URL: 'postgres://u:hunter2@h/d?sslmode=prefer',
      LATCHKEY_PUBLIC_URL: 'nope',
      LATCHKEY_SECRET: 'short',
      LATCHKEY_CONTRACTS: 'drf-tokn,x',
      LATCHKEY_LIMITS: 'maybe',
      LATCHKEY_WHATEVER_IT_IS: '1',
    })
    assert.equal(problems.length, 9)
    assert.ok(!problems.join().includes('hunter2') && !problems.join().includes('short'))
    assert.ok(problems.some((problem) => problem.startsWith('DATABASE_URL has an sslmode that is not')))
    assert.ok(
      problems.some((problem) => problem.includes('entry 1 of 2') && problem.includes('Did you mean drf-token?')),
    )
  })

  it('begins each problem with the name of its variable, and never shows the value', () => {
    for (const { name } of listSettings().filter((setting) => !setting.name.endsWith('_FILE'))) {
      const value = 'cAnArY!?:/'
      const problems = problemsOf({ [name]: value })
      assert.equal(problems.length, 1, name)
      assert.ok(problems[0]?.startsWith(`${name} `), String(problems))
      assert.ok(!problems[0]?.includes(value), String(problems))
    }
  })

  const refused: Record<string, readonly string[]> = {
    PORT: ['-1', '65536', '80.5', '1e3', '0x50'],
    HOST: ['a b', '1.2.3', '-a', 'host:80', '256.1.1.1'],
    DATABASE_URL: [
      'mysql://x',
      './data.db',
      'sqlite:',
      'sqlite:///x.db',
      'sqlite:~/x.db',
      'sqlite:a.db?mode=ro',
      'sqlite:.',
      'sqlite:x/',
    ],
    LATCHKEY_SIGNING_ALGORITHM: ['HS256', 'none', 'ES384', 'Ed25519'],
    LATCHKEY_KEY_ROTATION_DAYS: ['-1', '3651', '30d', '1.5'],
    LATCHKEY_AUDIENCE: ['a b', 'a,b', '"a"', 'a\\b', ':a', 'é', 'x'.repeat(256)],
    LATCHKEY_SIMPLEJWT_HS256_SECRET_FILE: ['./not-there', '/'],
    LATCHKEY_LEGACY_SIMPLEJWT_SECRET_FILE: ['./not-there', '/'],
    LATCHKEY_LEGACY_CUTOVER: ['2026-11-20', '2026-11-20T18:00', '2026-02-30T00:00Z', 'now', '7d', '1763661600'],
    LATCHKEY_LEGACY_TOKEN_DAYS: ['0', '366', '60d'],
    LATCHKEY_LEGACY_ALGORITHM: ['none', 'RS256', 'HS1'],
    LATCHKEY_LEGACY_ID_CLAIM: ['a b', '.id', 'a.b.c', 'x'.repeat(65)],
    LATCHKEY_LEGACY_KNOX_PREFIX: ['a.b', 'a b', 'x'.repeat(11)],
    LATCHKEY_LEGACY_SIMPLEJWT_URL: [
      'old.example.com',
      'ftp://old.example.com',
      'http://old.example.com',
      'http://8.8.8.8',
      'https://u:p@old.example.com',
      'https://old.example.com/?a=b',
      'https://169.254.169.254',
      'http://localhost:8000',
    ],
    LATCHKEY_PUBLIC_URL: [
      'https://a/b',
      'https://u:p@a',
      'ftp://a',
      'https://a?x',
      'https://a//',
      'localhost:8000',
      'https://',
    ],
    LATCHKEY_SECRET: [
      '',
      ' ',
      'a'.repeat(64),
      'ab'.repeat(32),
      '0123456789abcdefghijklmnopqrstuvwxyz',
      'please-CHANGE-ME-5tGh6Yj7Uk8Il9Op0',
      `${STRONG.slice(0, 8)}`.repeat(5),
    ],
    LATCHKEY_CONTRACTS: ['drf', ','],
    LATCHKEY_SHARED_PATHS_DEFAULT: ['drf-token,simplejwt', 'x'],
    TOKEN_EXPIRED_AFTER_SECONDS: ['0', '-5', '1h', '315360001', '99999999999999999999'],
    LATCHKEY_SIMPLEJWT_ACCESS_SECONDS: ['86401'],
    LATCHKEY_SIMPLEJWT_REFRESH_SECONDS: ['299'],
    LATCHKEY_SIMPLEJWT_CODES: ['1', 'yes'],
    LATCHKEY_V1_ACCESS_SECONDS: ['0', '1209601'],
    LATCHKEY_V1_REFRESH_SECONDS: ['299', '14d'],
    LATCHKEY_ENUMERATION: ['on'],
    LATCHKEY_CORS_ORIGINS: [
      '*',
      'null',
      'https://*.example.com',
      'https://a/b',
      'a.example.com',
      'file:///',
      'https://a,*',
    ],
    LATCHKEY_TRUSTED_PROXIES: [
      '*',
      'all',
      '0.0.0.0/0',
      '::/0',
      '0.0.0.0',
      '::',
      '0.0.0.0/1',
      '128.0.0.0/1',
      '::ffff:0:0/96',
      '::ffff:10.0.0.1',
      '::/16',
      '2000::/3',
      '8000::/1',
      'f000::/4',
      'fe80::1%eth0',
      '10.0.0.0/33',
      '10.0.0.0/',
      '10.0.0.0/8/8',
      'loopback',
      'proxy.local',
    ],
    LATCHKEY_ARGON2: [
      'm=19455,t=2,p=1',
      'm=19456,t=1,p=1',
      'm=19456,t=2,p=0',
      'm=262145,t=2,p=1',
      'm=19456,t=2',
      'm=19456,t=2,p=1,p=1',
      'm=19456,t=2,x=1',
      'm=2e5,t=2,p=1',
      '19456',
    ],
    LATCHKEY_LIMITS: ['true'],
    LATCHKEY_MAIL_FROM: ['nobody', 'a@b, c@d', '<a@b', 'A <a@b>\r\nBcc: c@d'],
    LATCHKEY_RESET_URL: ['/reset/{uid}/{token}', 'https://a/{uid}', 'javascript:alert("{uid}{token}")'],
    LATCHKEY_VERIFY_URL: ['https://a/', 'https://u:p@a/{key}'],
    LOG_LEVEL: ['verbose'],
  }
  for (const [name, texts] of Object.entries(refused)) {
    it(`refuses each bad ${name}`, () => {
      for (const text of texts) assert.equal(problemsOf({ [name]: text }).length, 1, `${name}=${text}`)
    })
  }

  it('names the nearest setting for an unknown LATCHKEY_ name', () => {
    const hints = {
      LATCHKEY_CONTRACT: 'LATCHKEY_CONTRACTS',
      LATCHKEY_TRUSTED_PROXY: 'LATCHKEY_TRUSTED_PROXIES',
      LATCHKEY_PORT: 'PORT',
      LATCHKEY_DATABASE_URL: 'DATABASE_URL',
      LATCHKEY_TOKEN_EXPIRED_AFTER_SECONDS: 'TOKEN_EXPIRED_AFTER_SECONDS',
      latchkey_limits: 'LATCHKEY_LIMITS',
    }
    for (const [given, meant] of Object.entries(hints)) {
      assert.deepEqual(problemsOf({ [given]: 'x' }), [`${given} is not a setting. Did you mean ${meant}?`])
    }
    assert.match(problemsOf({ LATCHKEY_QWERTZUIOP: 'x' })[0] ?? '', /is not a setting\. Remove it/)
    assert.deepEqual(problemsOf({ SOMETHING_ELSE: 'x' }), [])
  })

  it('allows LATCHKEY_LIMITS=off on loopback only', () => {
    for (const HOST of ['127.0.0.1', '127.1.2.3', '::1', 'localhost', '::ffff:127.0.0.1']) {
      assert.deepEqual(problemsOf({ HOST, LATCHKEY_LIMITS: 'off' }), [], HOST)
    }
    for (const HOST of ['0.0.0.0', '::', '10.0.0.1', 'example.com', 'localhost.example.com']) {
      assert.equal(problemsOf({ HOST, LATCHKEY_LIMITS: 'off' }).length, 1, HOST)
    }
  })

  it('wants the contract of shared paths to be served', () => {
    assert.equal(problemsOf({ LATCHKEY_CONTRACTS: 'drf-jwt', LATCHKEY_SHARED_PATHS_DEFAULT: 'drf-token' }).length, 1)
    assert.equal(load({ LATCHKEY_CONTRACTS: 'simplejwt,drf-token' }).sharedPathsDefault, 'drf-token')
  })

  it('wants a sender and both pages where letters can be sent', () => {
    assert.deepEqual(
      problemsOf({ LATCHKEY_MAIL_URL: 'smtp://u:hunter2@h' }).map((problem) => problem.split(' ')[0]),
      ['LATCHKEY_MAIL_FROM', 'LATCHKEY_RESET_URL', 'LATCHKEY_VERIFY_URL'],
    )
    for (const url of ['http://h', 'smtp:', 'h:25', 'sendmail']) {
      assert.match(problemsOf({ LATCHKEY_MAIL_URL: url })[0] ?? '', /^LATCHKEY_MAIL_URL is no place for mail/)
    }
    const config = load({
      LATCHKEY_MAIL_URL: 'file:./letters',
      LATCHKEY_MAIL_FROM: 'Example <no-reply@example.com>',
      LATCHKEY_RESET_URL: 'https://app.example.com/reset/{uid}/{token}',
      LATCHKEY_VERIFY_URL: 'https://app.example.com/verify?key={key}',
    })
    assert.equal(config.mailUrl, pathToFileURL(join(directory, 'letters')).href)
  })

  it('writes every default as it would read it again', () => {
    const config = load({})
    const written: Record<string, string> = {}
    for (const key of Object.keys(config)) {
      const setting = Object.entries(SETTINGS).find(([name]) => name === key)?.[1]
      const value = Object.entries(config).find(([name]) => name === key)?.[1]
      if (setting && setting.secret === undefined)
        written[setting.name] = (setting.write as (v: unknown) => string)(value)
    }
    assert.deepEqual(load(written), { ...config, isPublicUrlSet: true })
  })
})

describe('a secret in a file', () => {
  const path = join(directory, 'the secret')

  it('is read without its line end, relative to the directory', () => {
    writeFileSync(path, `${STRONG}\n`, { mode: 0o600 })
    assert.equal(load({ LATCHKEY_SECRET_FILE: 'the secret' }).secret, STRONG)
  })

  it('is refused beside LATCHKEY_SECRET', () => {
    assert.deepEqual(problemsOf({ LATCHKEY_SECRET_FILE: 'the secret', LATCHKEY_SECRET: STRONG }), [
      'LATCHKEY_SECRET and LATCHKEY_SECRET_FILE are both set: keep one of them.',
    ])
  })

  it('is refused with the chmod to run when others can read or write it', () => {
    for (const mode of [0o640, 0o620, 0o604, 0o602, 0o666]) {
      chmodSync(path, mode)
      assert.deepEqual(problemsOf({ LATCHKEY_SECRET_FILE: path }), [
        `LATCHKEY_SECRET_FILE: others can read or write '${path}'. Run: chmod 600 '${path}'`,
      ])
    }
  })

  it('is refused when it is weak, missing, a directory or huge', () => {
    writeFileSync(path, 'too short')
    chmodSync(path, 0o600)
    assert.match(problemsOf({ LATCHKEY_SECRET_FILE: path })[0] ?? '', /at least 32 characters/)
    writeFileSync(path, STRONG.repeat(200))
    assert.match(problemsOf({ LATCHKEY_SECRET_FILE: path })[0] ?? '', /more than 4096 bytes/)
    assert.match(problemsOf({ LATCHKEY_SECRET_FILE: '/nowhere/at/all' })[0] ?? '', /cannot be read \(ENOENT\)/)
    assert.match(problemsOf({ LATCHKEY_SECRET_FILE: directory })[0] ?? '', /is not a file/)
    assert.match(problemsOf({ LATCHKEY_SECRET_FILE: '' })[0] ?? '', /is set but empty/)
  })
})

describe('a .env file', () => {
  const path = join(directory, '.env')

  function loadBoth(env: Record<string, string>): Config {
    return loadConfig({ env, dotenv: readDotenv(directory), contractNames: NAMES, directory })
  }

  it('gives settings, and the environment wins over it', () => {
    writeFileSync(path, '\uFEFFPORT=9002\nHOST="::1"\n# a comment\nUNRELATED=1\n')
    const config = loadBoth({ HOST: 'localhost' })
    assert.equal(config.port, 9002)
    assert.equal(config.host, 'localhost')
  })

  it('is searched for unknown names', () => {
    writeFileSync(path, 'LATCHKEY_LIMIT=off\n')
    assert.throws(() => loadBoth({}), { problems: ['LATCHKEY_LIMIT is not a setting. Did you mean LATCHKEY_LIMITS?'] })
  })

  it('may hold a password for the database only while nobody else can read it', () => {
    const env = { LATCHKEY_SECRET: STRONG }
    const values = { DATABASE_URL: 'postgres://latchkey:hunter2@db/latchkey' }
    const open = { path: join(directory, '.env'), values, isOpenToOthers: true }
    const read = (dotenv: typeof open) => loadConfig({ env, dotenv, contractNames: NAMES, directory })
    assert.throws(() => read(open), /DATABASE_URL stands in a \.env that others can read or write/)
    assert.equal(read({ ...open, isOpenToOthers: false }).databaseUrl, values.DATABASE_URL)
    assert.doesNotThrow(() => read({ ...open, values: { DATABASE_URL: 'postgres://latchkey@db/latchkey' } }))
  })

  it('may hold the secret only while nobody else can read it', () => {
    writeFileSync(path, `LATCHKEY_SECRET=${STRONG}\n`)
    chmodSync(path, 0o644)
    assert.throws(() => loadBoth({}), {
      problems: [`LATCHKEY_SECRET stands in a .env that others can read or write. Run: chmod 600 ${path}`],
    })
    chmodSync(path, 0o600)
    assert.equal(loadBoth({}).secret, STRONG)
  })

  it('need not be there', () => {
    rmSync(path)
    assert.deepEqual(loadBoth({}), load({}))
  })
})
