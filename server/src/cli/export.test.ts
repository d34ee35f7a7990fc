import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { before, describe, it } from 'node:test'
import { runRawSql } from '../../test/kit/raw-sql.ts'
import { makeEnvironment, runCli } from '../../test/kit/run-cli.ts'
import { toDjangoHash } from '../core/to-django-hash.ts'
import { openSource } from '../importing/open-source.ts'
import { runCommand } from './run-command.ts'

const BCRYPT = '$2b$04$abcdefghijklmnopqrstuuu.abcdefghijklmnopqrstuvwxyzabcde'
const PBKDF2 = 'pbkdf2_sha256$1000$salt$aGFzaA=='
const NAME = 'Zoë \u200d👩\u200d🔬, "the=first"'
const APOSTROPHES = "''=1+1"

describe('latchkey export', () => {
  const { env, directory } = makeEnvironment()
  const url = env.DATABASE_URL ?? ''
  const run = (...args: string[]) => runCli(['export', ...args], { env })
  const lines = async (...args: string[]): Promise<Record<string, unknown>[]> => {
    const { code, stdout, stderr } = await run('--format', 'jsonl', ...args)
    assert.equal(code, 0, stderr)
    return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
  }
  async function fixture(
    ...args: string[]
  ): Promise<{ pk: unknown; model: string; fields: Record<string, unknown> }[]> {
    const { code, stdout, stderr } = await run('--format', 'django', ...args)
    assert.equal(code, 0, stderr)
    return JSON.parse(stdout)
  }
  const set = (id: number, values: string) => runRawSql(url, `update accounts set ${values} where id = ${id}`)

  before(async () => {
    for (const [index, name] of ['ada', 'bob', 'carol', 'dan', 'eve'].entries()) {
      const names = index % 2 === 0 ? ['--username', name] : ['--email', `${name}@example.com`]
      const { code, stderr } = await runCli(['accounts', 'create', ...names], { env, stdin: 'correct horse battery\n' })
      assert.equal(code, 0, stderr)
    }
    await set(1, `name = '${NAME}', first_name = '${'é'.repeat(151)}', phone_number = '+441234567890'`)
    await set(2, `password_hash = '${BCRYPT}', legacy_format = 'bcrypt', is_active = 0`)
    await set(3, `password_hash = '${PBKDF2}', legacy_format = 'django-pbkdf2-sha256'`)
    await set(4, `password_hash = 'wrapped:x:plain', legacy_format = 'wrapped-plain', email = '${'d'.repeat(150)}@b.c'`)
    await set(5, `password_hash = null, name = '${APOSTROPHES.replaceAll("'", "''")}'`)
    for (const [id, legacy] of [
      [1, '1'],
      [2, '77'],
      [3, '2f9d2b1e-0000-4000-8000-000000000001'],
      [4, 'email:d'],
    ]) {
      await runRawSql(
        url,
        `insert into legacy_ids (source, legacy_id, account_id) values ('default', '${legacy}', ${id})`,
      )
    }
  })

  it('writes hashes only for who asks for them, and none on a terminal', async () => {
    const accounts = await lines()
    assert.deepEqual(
      accounts.map(({ id, username }) => [id, username]),
      [
        [1, 'ada'],
        [2, null],
        [3, 'carol'],
        [4, null],
        [5, 'eve'],
      ],
    )
    assert.ok(accounts.every((account) => !Object.hasOwn(account, 'password')))
    assert.equal(accounts[0]?.name, NAME)
    const whole = await lines('--with-hashes')
    assert.match(String(whole[0]?.password), /^\$argon2id\$/)
    assert.equal(whole[0]?.password_format, 'argon2id')
    assert.equal(whole[1]?.password, BCRYPT)
    assert.deepEqual((await lines('--fields', 'email,password'))[1], { email: 'bob@example.com', password: BCRYPT })
    const shown = { stdout: '', stderr: '' }
    const code = await runCommand({
      args: ['export', '--format', 'django'],
      env,
      stdin: new PassThrough(),
      stdout: { write: (text) => (shown.stdout += text), isTTY: true },
      stderr: { write: (text) => (shown.stderr += text) },
    })
    assert.equal(code, 2)
    assert.match(shown.stderr, /not shown on a terminal/)
    assert.equal(shown.stdout, '')
  })

  it('says nothing of a hash that was left at the back end before, so that it is not overwritten there', async () => {
    await set(2, "password_hash = 'unreadable', legacy_format = 'unreadable'")
    const [, bob] = await lines('--with-hashes')
    await set(2, `password_hash = '${BCRYPT}', legacy_format = 'bcrypt'`)
    assert.equal(bob?.password_format, 'unreadable')
    assert.equal(Object.hasOwn(bob ?? {}, 'password'), false)
  })

  it('writes CSV that a spreadsheet runs nothing of, and that is read back as it was', async () => {
    const file = join(directory, 'accounts.csv')
    const { code, stdout } = await run('--format', 'csv', '--with-hashes', '--legacy-ids', 'default', '--out', file)
    assert.equal(code, 0)
    assert.match(stdout, /^Exported 5 accounts to .*accounts\.csv\.\n1 account without a password\.\n$/)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.match(readFileSync(file, 'utf8'), /"'\+441234567890"/)
    const source = await openSource({ from: { file } })
    const rows: unknown[] = []
    for await (const row of source.rows()) rows.push('fields' in row ? row.fields : row)
    assert.partialDeepStrictEqual(rows[0], { id: '1', username: 'ada', name: NAME, phone_number: '+441234567890' })
    assert.partialDeepStrictEqual(rows[1], { email: 'bob@example.com', password: BCRYPT, is_active: 'false' })
    assert.partialDeepStrictEqual(rows[4], { name: APOSTROPHES })
    const again = await run('--format', 'csv', '--out', file)
    assert.equal(again.code, 1)
    assert.match(again.stderr, /is there already/)
  })

  it('writes what Django loads: its hashes, names for all, and an unusable password where it cannot check one', async () => {
    const [ada, bob, carol, dan, eve] = await fixture('--own-ids')
    assert.deepEqual(
      [ada, bob, carol, dan, eve].map((object) => object?.pk),
      [1, 2, 3, 4, 5],
    )
    assert.equal(ada?.model, 'auth.user')
    assert.deepEqual(Object.keys(ada?.fields ?? {}), [
      'username',
      'email',
      'password',
      'first_name',
      'last_name',
      'is_active',
      'is_staff',
      'date_joined',
      'last_login',
    ])
    assert.match(String(ada?.fields.password), /^argon2\$argon2id\$v=19\$/)
    assert.equal(ada?.fields.first_name, 'é'.repeat(150))
    assert.partialDeepStrictEqual(bob?.fields, {
      username: 'bob@example.com',
      password: `bcrypt$${BCRYPT}`,
      is_active: false,
    })
    assert.equal(carol?.fields.password, PBKDF2)
    assert.match(String(dan?.fields.password), /^![\w-]{40}$/)
    assert.match(String(dan?.fields.username), /^account-[0-9a-f-]{36}$/)
    assert.match(String(eve?.fields.password), /^!/)
    const { stderr } = await run('--format', 'django', '--own-ids')
    assert.match(
      stderr,
      /1 account whose hash Django cannot check \(wrapped-plain 1\): they need a new password there\./,
    )
    assert.match(stderr, /1 account without a name of at most 150/)
    assert.match(stderr, /1 account of whose first or last name 150 characters are kept/)
  })

  it('gives accounts the ids that they had, so that loading replaces nobody else', async () => {
    const refused = await run('--format', 'django')
    assert.equal(refused.code, 1)
    assert.match(
      refused.stderr,
      /2 accounts had another id .* add --legacy-ids default; .* --own-ids\. Nothing was exported/,
    )
    const unknown = await run('--format', 'django', '--legacy-ids', 'simplejwt')
    assert.match(unknown.stderr, /No account was imported from simplejwt\. There is: default\./)
    const objects = await fixture('--legacy-ids', 'default')
    assert.deepEqual(
      objects.map(({ pk }) => pk),
      [1, 77, '2f9d2b1e-0000-4000-8000-000000000001', null, null],
    )
  })

  it('writes rows of another model, in its own columns', async () => {
    const [ada] = await fixture('--own-ids', '--table', 'People.Person', '--map', 'name=full_name,email=mail')
    assert.equal(ada?.model, 'people.person')
    assert.partialDeepStrictEqual(ada?.fields, { full_name: NAME, mail: '', username: 'ada' })
    assert.ok(!Object.hasOwn(ada?.fields ?? {}, 'email'))
  })

  it('is told in the audit log, with whether the hashes left', async () => {
    const { stdout } = await runCli(['audit', 'list', '--type', 'accounts_exported', '--json'], { env })
    const entries = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.partialDeepStrictEqual(entries[0], { actor: 'operator', detail: { format: 'jsonl', hashes: 'false' } })
    assert.ok(entries.some(({ detail }) => detail.format === 'django' && detail.hashes === 'true'))
  })

  it('says what it was asked for and does not have', async () => {
    for (const [args, words] of [
      [[], /--format is django, jsonl or csv/],
      [['--format', 'xml'], /--format is django, jsonl or csv/],
      [['--format', 'csv', '--table', 'auth.user'], /--table does not go with --format csv/],
      [['--format', 'django', '--fields', 'id'], /--fields does not go with --format django/],
      [['--format', 'django', '--with-hashes'], /leave --with-hashes out/],
      [['--format', 'django', '--table', 'auth_user'], /APP\.MODEL/],
      [['--format', 'django', '--map', 'emial=mail'], /no field emial/],
      [['--format', 'django', '--map', 'email'], /--map takes fields/],
      [['--format', 'jsonl', '--fields', 'emial'], /no field "emial"/],
      [['--format', 'jsonl', '--json'], /add --out/],
      [['--format', 'jsonl', '--legacy-ids', 'default', '--own-ids'], /--own-ids does not go/],
      [['--format', 'django', '--legacy-ids', 'default', '--own-ids'], /exclude each other/],
    ] as const) {
      const { code, stderr, stdout } = await run(...args)
      assert.equal(code, 2, args.join(' '))
      assert.match(stderr, words)
      assert.equal(stdout, '')
    }
  })
})

describe("a hash in Django's words", () => {
  it('is the same hash, or none where Django has no hasher for it', () => {
    assert.equal(
      toDjangoHash('$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA'),
      'argon2$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA',
    )
    assert.equal(
      toDjangoHash('$argon2i$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA'),
      'argon2$argon2i$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA',
    )
    assert.equal(toDjangoHash(BCRYPT), `bcrypt$${BCRYPT}`)
    for (const own of [PBKDF2, `bcrypt_sha256$${BCRYPT}`, `bcrypt$${BCRYPT}`, 'scrypt$salt$16384$8$1$aGFzaA==']) {
      assert.equal(toDjangoHash(own), own)
    }
    for (const foreign of [
      '$5$salt$x',
      'pbkdf2:sha256:1$salt$x',
      'wrapped:x',
      '$P$Bx',
      '{SSHA}x',
      '$pbkdf2-sha256$1$x$y',
      '',
    ]) {
      assert.equal(toDjangoHash(foreign), null)
    }
  })
})
