import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isPostgresUrl, maskPassword, type PostgresAddress, readPostgresUrl } from './database-url.ts'

/** What a URL that says no more than it must is read as. */
const PLAIN: PostgresAddress = {
  hosts: [{ host: 'db', port: 5432 }],
  user: 'me',
  password: null,
  database: 'auth',
  tls: null,
  wantsPrimary: true,
  applicationName: 'latchkey',
  connectTimeout: null,
}

const NO_FILES = { rootCertificate: null, certificate: null, key: null }

const GOOD: Readonly<Record<string, Partial<PostgresAddress>>> = {
  'postgres://me@db/auth': {},
  'postgresql://me@db/auth': {},
  'POSTGRES://me@db/auth': {},
  'postgres://me:secret@db:6543/auth': { password: 'secret', hosts: [{ host: 'db', port: 6543 }] },
  'postgres://me:@db/auth': { password: '' },
  'postgres://me:a:b@db/auth': { password: 'a:b' },
  'postgres://m%40e:p%2F%3A%40%25%20@db/a%20b': { user: 'm@e', password: 'p/:@% ', database: 'a b' },
  'postgres://me@one,two/auth': {
    hosts: [
      { host: 'one', port: 5432 },
      { host: 'two', port: 5432 },
    ],
  },
  'postgres://me@one:1,two:2,three/auth': {
    hosts: [
      { host: 'one', port: 1 },
      { host: 'two', port: 2 },
      { host: 'three', port: 5432 },
    ],
  },
  'postgres://me@one,two/auth?port=6000': {
    hosts: [
      { host: 'one', port: 6000 },
      { host: 'two', port: 6000 },
    ],
  },
  'postgres://me@/auth?host=one,two&port=1,2': {
    hosts: [
      { host: 'one', port: 1 },
      { host: 'two', port: 2 },
    ],
  },
  'postgres://me@192.0.2.1/auth': { hosts: [{ host: '192.0.2.1', port: 5432 }] },
  'postgres://me@[2001:db8::1]:5433,[::1]/auth': {
    hosts: [
      { host: '2001:db8::1', port: 5433 },
      { host: '::1', port: 5432 },
    ],
  },
  'postgres://me@%2Frun%2Fpostgresql/auth': { hosts: [{ host: '/run/postgresql', port: 5432 }] },
  'postgres://me@/auth?host=/run/postgresql': { hosts: [{ host: '/run/postgresql', port: 5432 }] },
  'postgres://me@db/auth?sslmode=disable': {},
  'postgres://me@db/auth?sslmode=require': { tls: { check: 'nothing', ...NO_FILES } },
  'postgres://me@db/auth?sslmode=require&sslrootcert=/ca.pem': {
    tls: { check: 'signature', ...NO_FILES, rootCertificate: '/ca.pem' },
  },
  'postgres://me@db/auth?sslmode=verify-ca&sslrootcert=/ca.pem': {
    tls: { check: 'signature', ...NO_FILES, rootCertificate: '/ca.pem' },
  },
  'postgres://me@db/auth?sslmode=verify-full': { tls: { check: 'everything', ...NO_FILES } },
  'postgres://me@db/auth?sslmode=verify-full&sslrootcert=system': { tls: { check: 'everything', ...NO_FILES } },
  'postgres://me@db/auth?sslmode=verify-full&sslrootcert=%2Fca.pem&sslcert=/me.pem&sslkey=/me.key': {
    tls: { check: 'everything', rootCertificate: '/ca.pem', certificate: '/me.pem', key: '/me.key' },
  },
  'postgres://me@db/auth?target_session_attrs=read-write': {},
  'postgres://me@db/auth?target_session_attrs=primary': {},
  'postgres://me@db/auth?target_session_attrs=any': { wantsPrimary: false },
  'postgres://me@db/auth?connect_timeout=10&application_name=auth%20one': {
    connectTimeout: 10_000,
    applicationName: 'auth one',
  },
}

const BAD: Readonly<Record<string, RegExp>> = {
  'postgres:me@db/auth': /^must look like postgres:\/\//,
  'mysql://me@db/auth': /^must look like/,
  'postgres://me@db/auth#more': /^must look like/,
  'postgres://db/auth': /^names no user/,
  'postgres://me@db': /^names no database/,
  'postgres://me@db/': /^names no database/,
  'postgres://me@/auth': /^names no host/,
  'postgres://me@one,/auth': /^names no host/,
  'postgres://me@db:port/auth': /^has a port that is not a number from 1 to 65535/,
  'postgres://me@db:0/auth': /^has a port/,
  'postgres://me@db:65536/auth': /^has a port/,
  'postgres://me@db:54.5/auth': /^has a port/,
  'postgres://me:p@ss@db/auth': /^has more than one @: write %40/,
  'postgres://me:100%@db/auth': /^has a % that is not followed/,
  'postgres://me@db/auth?sslmode=prefer': /^has an sslmode that is not/,
  'postgres://me@db/auth?sslmode=allow': /^has an sslmode that is not/,
  'postgres://me@db/auth?sslrootcert=/ca.pem': /no sslmode: add sslmode=verify-full/,
  'postgres://me@db/auth?sslmode=require&sslcert=/me.pem': /^needs both sslcert and sslkey/,
  'postgres://me@db/auth?sslmode=require&sslmode=disable': /^has the option sslmode twice/,
  'postgres://me@db/auth?ssl=true': /^has the option "ssl", which Latchkey does not know/,
  'postgres://me@db/auth?options=-c%20fsync%3Doff': /^has the option "options"/,
  'postgres://me@db/auth?target_session_attrs=standby': /^has target_session_attrs that is not/,
  'postgres://me@db/auth?connect_timeout=0': /^has a connect_timeout/,
  'postgres://me@db/auth?connect_timeout=1.5': /^has a connect_timeout/,
}

describe('a PostgreSQL URL', () => {
  for (const [url, change] of Object.entries(GOOD)) {
    it(`is understood: ${url}`, () => {
      assert.deepEqual(readPostgresUrl(url), { value: { ...PLAIN, ...change } })
    })
  }

  for (const [url, problem] of Object.entries(BAD)) {
    it(`is refused: ${url}`, () => {
      const reading = readPostgresUrl(url)
      assert.ok('problems' in reading, JSON.stringify(reading))
      assert.match(reading.problems[0] ?? '', problem)
      assert.equal(reading.problems.length, 1, reading.problems.join(' '))
    })
  }

  it('is told all its problems at once, and none of them repeats its password', () => {
    const reading = readPostgresUrl('postgres://:hunter%2@one:x/?ssl=1&connect_timeout=no&sslmode=prefer')
    assert.ok('problems' in reading)
    assert.equal(reading.problems.length, 7, reading.problems.join('\n'))
    assert.doesNotMatch(reading.problems.join(), /hunter/)
    for (const problem of reading.problems) assert.match(problem, /^[a-z].*\.$/)
  })

  it('with a password that is not escaped is refused without a word of it', () => {
    for (const password of ['hun?ter=2', 'hun/ter', 'hun#ter', 'hun@ter', 'hun%ter', '12/ter', '12?ter&hun=1']) {
      const reading = readPostgresUrl(`postgres://me:${password}@db/auth`)
      assert.ok('problems' in reading, password)
      assert.doesNotMatch(reading.problems.join(' '), /ter|hun|12/, password)
    }
  })
})

describe('a URL for people', () => {
  const shown: Readonly<Record<string, string>> = {
    'postgres://me:secret@db/auth': 'postgres://me:********@db/auth',
    'postgresql://me:se:cret@one,two:1/auth?sslmode=require': 'postgresql://me:********@one,two:1/auth?sslmode=require',
    'POSTGRES://me:secret@db/auth': 'POSTGRES://me:********@db/auth',
    'postgres://me:@db/auth': 'postgres://me:********@db/auth',
    'postgres://:secret@db/auth': 'postgres://:********@db/auth',
    'postgres://me@db/auth': 'postgres://me@db/auth',
    'postgres://me@/auth?host=/run/postgresql': 'postgres://me@/auth?host=/run/postgresql',
    'sqlite:/data/me:it@home.db': 'sqlite:/data/me:it@home.db',
  }
  for (const [url, text] of Object.entries(shown)) {
    it(`is ${text}`, () => assert.equal(maskPassword(url), text))
  }

  it('tells PostgreSQL from what is not', () => {
    for (const url of ['postgres://x', 'postgresql://x', 'Postgres:x']) assert.equal(isPostgresUrl(url), true, url)
    for (const url of ['sqlite:postgres:', 'postgresq://x', 'mysql://x', '']) {
      assert.equal(isPostgresUrl(url), false, url)
    }
  })
})
