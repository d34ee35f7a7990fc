/** Who may import what. Everyone may import their own folder. */
export type Rule = {
  /** A folder or a file in `server/src`; a `*` is any one folder. Of several that fit, the longest holds. */
  readonly who: string
  /** Folders and files in `server/src`, or `*` for all. */
  readonly ours: readonly string[]
  /** Packages, or `*` for all. `node:*` is all of Node. A package includes its subpaths. */
  readonly packages: readonly string[]
  readonly why: string
  readonly fix: string
  /** Globals, or members of one, that may not be used. */
  readonly globals?: readonly string[]
}

const EVERYTHING = {
  ours: ['*'],
  packages: ['*'],
  why: 'tests are not part of the server',
  fix: 'move what both need out of the test',
}

/** The table. */
export const RULES: readonly Rule[] = [
  {
    who: 'core',
    ours: [],
    packages: [],
    globals: [
      'Date',
      'Temporal',
      'Math.random',
      'crypto',
      'performance',
      'process',
      'globalThis',
      'setTimeout',
      'setInterval',
      'setImmediate',
    ],
    why: 'core is what the product knows, the same for every door, database and clock',
    fix: 'ask for it in ports.ts: time comes from now(), randomness from tokens',
  },
  {
    who: 'config',
    // What a database's URL may say, the store alone knows, where a webhook may be its sender, and which events there
    // are core: each is read without opening anything.
    ours: ['store/database-url.ts', 'webhooks/judge-address.ts', 'core/audit-event.ts'],
    packages: ['node:*'],
    why: 'settings are read before anything else exists',
    fix: 'return a plain value in Config and let start.ts hand it on',
  },
  {
    who: 'audit',
    ours: ['core'],
    packages: [],
    why: 'the journal writes what core tells it, to whatever store and log it was given',
    fix: 'take it as a parameter and let start.ts pass it',
  },
  {
    who: 'crypto',
    ours: ['core'],
    packages: ['node:crypto', 'node:os', '@node-rs/argon2', '@node-rs/bcrypt', 'jose'],
    why: 'secrets are made and checked without knowing where they are kept or who asks',
    fix: 'take it as a parameter and let start.ts pass it',
  },
  {
    who: 'mail',
    ours: ['core'],
    packages: ['nodemailer', 'node:fs', 'node:path', 'node:url'],
    why: 'a message is written and sent without knowing who asked for it',
    fix: 'take it as a parameter and let start.ts pass it',
  },
  {
    who: 'webhooks',
    ours: ['core'],
    packages: ['node:*'],
    why: 'a message is signed and sent without knowing what happened or who wants to know',
    fix: 'take it as a parameter and let start.ts pass it',
  },
  {
    who: 'screening',
    ours: ['core'],
    packages: ['node:crypto', 'node:fs', 'node:http', 'node:https', 'node:url'],
    why: 'whether others have used a password is found out without knowing whose it is',
    fix: 'take it as a parameter and let start.ts pass it',
  },
  {
    who: 'legacy',
    // A server that does not answer is left alone as any other is; how one is asked is each contract's own.
    ours: ['core', 'http/legacy-login.ts', 'contracts/legacy.ts', 'screening/circuit-breaker.ts'],
    packages: ['node:crypto', 'node:http', 'node:https'],
    why: 'an old server is asked without knowing who has an account here, or what becomes of the answer',
    fix: 'take it as a parameter and let open-latchkey.ts pass it',
  },
  {
    who: 'store',
    ours: ['core'],
    packages: ['kysely', 'pg', 'node:sqlite', 'node:fs', 'node:net', 'node:path'],
    why: 'the store keeps what it is given and decides nothing',
    fix: 'let core decide, and pass the outcome through the Store port',
  },
  {
    who: 'importing',
    // How a PostgreSQL database is reached, by whatever of TLS and several hosts its URL says, is the same for ours.
    ours: ['core', 'store/database-url.ts', 'store/sql/postgres/pool.ts'],
    packages: ['node:*', 'pg'],
    why: 'what other back ends had is read as it is; what becomes of it is decided elsewhere',
    fix: 'give it as a row, and let core judge it',
  },
  {
    who: 'store/sql/migrations',
    ours: [],
    packages: ['kysely'],
    why: 'a released migration must run as it did on the day it was written',
    fix: 'write out what it needs in the migration itself',
  },
  {
    who: 'http',
    ours: ['core'],
    packages: ['fastify', 'node:*'],
    why: 'http is shared by every door and owned by none',
    fix: 'let the door pass it in',
  },
  {
    who: 'manners/*',
    ours: ['core', 'http'],
    packages: [],
    why: 'a manner is how one framework speaks, whoever speaks it',
    fix: 'put what two manners share in http, and what one contract needs in that contract',
  },
  {
    who: 'manners/express-validator',
    ours: ['core', 'http'],
    packages: ['validator'],
    why: 'a manner is how one framework speaks, whoever speaks it',
    fix: 'put what two manners share in http, and what one contract needs in that contract',
  },
  {
    who: 'manners/drf',
    ours: ['core', 'http'],
    packages: ['node:net', 'node:url'],
    why: 'a manner is how one framework speaks, whoever speaks it',
    fix: 'put what two manners share in http, and what one contract needs in that contract',
  },
  {
    who: 'contracts/*',
    ours: ['core', 'http', 'manners'],
    packages: ['fastify'],
    why: 'a contract reaches the product through Core alone, and two that look alike today are still two promises',
    fix: 'ask Core for it, put what a framework does in manners, or write it twice',
  },
  {
    who: 'contracts',
    ours: ['core', 'http'],
    packages: [],
    why: 'the list of contracts lists them and does nothing else',
    fix: 'move it into the contract that needs it',
  },
  {
    who: 'api',
    ours: ['core', 'http', 'manners'],
    packages: ['fastify', 'typebox'],
    why: 'the modern door reaches the product through Core alone, as every door does',
    fix: 'ask Core for it, or put what doors share in http',
  },
  {
    who: 'oauth',
    ours: ['core', 'http'],
    packages: [],
    why: 'the standards’ door reaches the product through Core alone, as every door does',
    fix: 'ask Core for it, or put what doors share in http',
  },
  {
    who: 'openapi',
    ours: ['http', 'contracts', 'api', 'oauth', 'config', 'read-version.ts'],
    packages: ['fastify', 'node:*'],
    why: 'the reference says what the doors say of themselves, and does nothing of it',
    fix: 'let the door say it in its operations.ts',
  },
  {
    who: 'proving',
    // What stands in their examples.json, it reads as a file: a server is held to what is promised, not to our code.
    ours: [],
    packages: ['node:*'],
    why: 'a server is tried from outside, as any client would do it, whether it is Latchkey or another',
    fix: 'ask the server for it, or read it in the command',
  },
  {
    who: 'chores.ts',
    ours: ['core'],
    packages: ['fastify'],
    why: 'what is done beside answering is done through core, as at any door',
    fix: 'ask Core for it',
  },
  {
    who: 'log.ts',
    ours: [],
    packages: ['pino'],
    why: 'a log takes lines and knows nothing of what they mean',
    fix: 'pass it the finished line',
  },
  {
    who: 'workers',
    ours: ['config', 'start.ts', 'open-latchkey.ts'],
    packages: ['node:*', 'fastify'],
    why: 'workers run the server that start.ts puts together, and know nothing of what it does',
    fix: 'let start.ts do it',
  },
  {
    who: 'cli',
    ours: [
      'config',
      'core',
      'read-config.ts',
      'open-latchkey.ts',
      'inspect-database.ts',
      'start.ts',
      'workers',
      'openapi',
      'read-version.ts',
      'importing',
      'proving',
      // What works on files beside a database, or on a service, rather than on an open one.
      'store/put-in-place.ts',
      'store/sql/sqlite/backup.ts',
      'store/sql/sqlite/copy.ts',
      'store/sql/sqlite/restore.ts',
      'screening/probe-breached-passwords.ts',
      'legacy/probe-legacy-server.ts',
    ],
    packages: ['node:*'],
    why: 'a command works on what was opened for it, as the server does',
    fix: 'let open-latchkey.ts return it',
  },
  { who: 'read-config.ts', ...EVERYTHING },
  { who: 'read-version.ts', ...EVERYTHING },
  { who: 'open-latchkey.ts', ...EVERYTHING },
  { who: 'inspect-database.ts', ...EVERYTHING },
  { who: 'start.ts', ...EVERYTHING },
  { who: 'app.ts', ...EVERYTHING },
  { who: 'main.ts', ...EVERYTHING },
]
