import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { checkImports } from './check-imports.ts'
import { makeTree } from './made-up-tree.ts'
import { describe } from './violations.ts'

const GOOD = {
  'server/src/main.ts': "import './start.ts'\nimport './cli/serve.ts'\n",
  'server/src/start.ts': "import './store/open.ts'\nimport 'pino'\nimport '../package.json' with { type: 'json' }\n",
  'server/src/start.test.ts': "import './start.ts'\nimport '../test/start-test-app.ts'\n",
  'server/src/app.ts': "import './contracts/index.ts'\nimport 'fastify'\n",
  'server/src/core/core.ts': "import type { Account } from './account.ts'\nexport const half = Math.floor(1.5)\n",
  'server/src/core/account.ts': 'export type Account = { crypto: string; at: Date }\n',
  'server/src/core/core.test.ts':
    "import { test } from 'node:test'\nimport assert from 'node:assert/strict'\nimport 'fast-check'\nDate.now()\n",
  'server/src/config/load.ts': "import './config.ts'\nimport 'node:path'\n",
  'server/src/crypto/tokens.ts': "import '../core/ports.ts'\nimport 'node:crypto'\nimport 'jose'\nDate.now()\n",
  'server/src/store/open.ts': "import '../core/ports.ts'\nimport 'kysely/helpers'\nimport 'node:fs/promises'\n",
  'server/src/store/store.test.ts': "import './store.suite.ts'\n",
  'server/src/store/store.suite.ts': "import './open.ts'\n",
  'server/src/store/sql/accounts.ts': "import '../open.ts'\n",
  'server/src/store/sql/migrations/index.ts': "import './0001-start.ts'\n",
  'server/src/http/mount.ts': "import '../core/core.ts'\nimport 'fastify'\nimport 'node:net'\n",
  'server/src/manners/drf/fields.ts':
    "import './words.ts'\nimport '../../core/errors.ts'\nimport '../../http/body.ts'\n",
  'server/src/manners/express-validator/email.ts': "import 'validator'\n",
  'server/src/contracts/index.ts': "import './drf-jwt/contract.ts'\n",
  'server/src/contracts/drf-jwt/contract.ts':
    "import './input.ts'\nimport '../../manners/drf/fields.ts'\nimport 'fastify'\n",
  'server/src/contracts/drf-jwt/contract.test.ts': "import '../../../test/start-test-app.ts'\n",
  'server/src/api/accounts.ts': "import '../core/core.ts'\nimport 'typebox/value'\n",
  'server/src/oauth/oauth.ts': "import '../core/core.ts'\nimport '../http/contract.ts'\n",
  'server/src/cli/serve.ts': "import '../start.ts'\nimport '../config/load.ts'\nimport 'node:process'\n",
}

test('a tree in which everyone keeps to the table passes, and is counted', async (context) => {
  assert.deepEqual(await checkImports(makeTree(context, GOOD)), {
    violations: [],
    checked: '23 files and 44 imports are in order',
  })
})

test('a violation says where, what, why and what to do', async (context) => {
  assert.equal(
    await check(context, { 'server/src/config/load.ts': "import 'node:fs'\nimport '../core/core.ts'\n" }),
    'server/src/config/load.ts:2: config may not import core/core.ts; ' +
      'settings are read before anything else exists; ' +
      'return a plain value in Config and let start.ts hand it on',
  )
})

/** Per sentence: what a file must not import. */
const REFUSED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'core imports nothing but core': {
    'core/core.ts': ['../http/mount.ts', '../core-of-another-name/core.ts', 'node:crypto', 'crypto', 'jose'],
    'core/core.test.ts': ['../store/open.ts'],
  },
  'crypto and store know neither each other nor the doors': {
    'crypto/tokens.ts': ['../store/open.ts', 'node:fs'],
    'store/open.ts': ['../crypto/tokens.ts', '../http/mount.ts', 'node:crypto'],
  },
  'a migration imports nothing of ours': {
    'store/sql/migrations/0001-start.ts': ['../accounts.ts', '../../../core/account.ts'],
  },
  'http knows no contract and no store': {
    'http/mount.ts': ['../contracts/index.ts', '../store/open.ts', 'kysely'],
  },
  'a manner knows no other manner, and only express-validator may use validator': {
    'manners/drf/fields.ts': ['../express-validator/email.ts', '../../contracts/drf-jwt/input.ts', 'validator'],
  },
  'a contract knows no other contract, and neither store, crypto, config nor kysely': {
    'contracts/drf-jwt/input.ts': [
      '../drf-token/input.ts',
      '../index.ts',
      '../../store/open.ts',
      '../../crypto/tokens.ts',
      '../../config/load.ts',
      'kysely',
    ],
    'contracts/drf-jwt/contract.test.ts': ['../drf-token/input.ts'],
  },
  'the modern door knows no contract and no store': {
    'api/accounts.ts': ['../contracts/drf-jwt/input.ts', '../store/open.ts'],
  },
  'the standards’ door knows no contract, no other door, no store and no setting': {
    'oauth/metadata.ts': [
      '../contracts/drf-jwt/input.ts',
      '../api/errors.ts',
      '../store/open.ts',
      '../crypto/tokens.ts',
      '../config/load.ts',
    ],
  },
  'a command knows no contract and no store': {
    'cli/serve.ts': ['../contracts/index.ts', '../store/open.ts', '../app.ts'],
  },
  'nothing but a test imports a test': {
    'start.ts': ['./core/core.test.ts', '../test/start-test-app.ts'],
    'store/open.ts': ['./store.suite.ts'],
  },
}

for (const [sentence, files] of Object.entries(REFUSED)) {
  test(sentence, async (context) => {
    for (const [file, specifiers] of Object.entries(files)) {
      for (const specifier of specifiers) {
        const found = await check(context, { [`server/src/${file}`]: `import '${specifier}'\n` })
        assert.match(found, /^[^\n]+ may not import [^\n]+$/, `${file} imports ${specifier}`)
      }
    }
  })
}

test('types, re-exports and dynamic imports are held to the same table', async (context) => {
  for (const text of [
    "import type { Store } from '../store/open.ts'\n",
    "export * from '../store/open.ts'\n",
    "export const store = import('../store/open.ts')\n",
    "export type Store = import('../store/open.ts').Store\n",
  ]) {
    assert.match(await check(context, { 'server/src/core/core.ts': text }), /core may not import store\/open\.ts/)
  }
})

test('an import that is computed is refused, because nobody can check it', async (context) => {
  const found = await check(context, {
    'server/src/cli/serve.ts': 'export const load = (name: string) => import(name)\n',
  })
  assert.match(found, /^server\/src\/cli\/serve\.ts:1: imports something computed/)
})

test('core has no clock, no randomness and no process, but its tests may', async (context) => {
  for (const text of [
    'Date.now()',
    'new Date()',
    'Math.random()',
    'crypto.randomUUID()',
    'performance.now()',
    'process.env',
    'globalThis.Date',
    'setTimeout(() => {})',
  ]) {
    assert.match(await check(context, { 'server/src/core/core.ts': text }), /ts:1: core may not use /, text)
    assert.equal(await check(context, { 'server/src/core/core.test.ts': text }), '')
    assert.equal(await check(context, { 'server/src/crypto/tokens.ts': text }), '')
  }
})

test('a file in a place that the table does not name is refused', async (context) => {
  for (const file of ['utilities/text.ts', 'helpers.ts', 'manners/shared.ts']) {
    assert.match(await check(context, { [`server/src/${file}`]: '' }), /no rule says what this file may import/)
  }
})

async function check(context: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const { violations } = await checkImports(makeTree(context, files))
  return violations.map(describe).join('\n')
}
