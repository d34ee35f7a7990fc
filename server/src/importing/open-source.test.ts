import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { makeDirectory } from '../../test/kit/server-process.ts'
import { openSource, type SourceRequest } from './open-source.ts'
import type { BadRow, Row } from './source.ts'

const directory = makeDirectory()
let files = 0

function write(content: string | Uint8Array, ending = 'txt'): string {
  const file = join(directory, `${++files}.${ending}`)
  writeFileSync(file, content)
  return file
}

async function read(
  content: string | Uint8Array,
  request: Omit<SourceRequest, 'from'> = {},
): Promise<{ format: string; description: string; notes: readonly string[]; rows: Row[]; bad: BadRow[] }> {
  const source = await openSource({ ...request, from: { file: write(content) } })
  const { format, description, notes } = source
  const rows: Row[] = []
  const bad: BadRow[] = []
  for await (const row of source.rows()) {
    if ('problem' in row) bad.push(row)
    else rows.push(row)
  }
  await source.close()
  return { format, description, notes, rows, bad }
}

const fieldsOf = ({ rows }: { rows: readonly Row[] }) => rows.map(({ fields }) => fields)

describe('CSV', () => {
  it('has its columns found by their usual names, says so, and says which it leaves out', async () => {
    const { description, notes, rows } = await read(
      '\ufeffUser ID;E-Mail;Password Hash;Shoe Size\r\n7;ada@example.com;$2b$04$x;"4""2"\r\n',
    )
    assert.equal(description, 'CSV, its columns separated by ";"')
    assert.deepEqual(notes, [
      'Taken by their names: id from User ID, email from E-Mail, password from Password Hash. Where that is wrong, say --map FIELD=COLUMN.',
      'Left out: Shoe Size.',
    ])
    assert.deepEqual(rows, [
      { line: 2, kind: 'account', fields: { id: '7', email: 'ada@example.com', password: '$2b$04$x' } },
    ])
  })

  it('is warned of where it closes accounts in a way that is not read', async () => {
    const warned = async (content: string) =>
      (await read(content)).notes.join('\n').match(/by (.*) would be open here/)?.[1]
    assert.equal(await warned('email,Is_Banned,deletedAt,block\na@b.c,1,,x\n'), 'Is_Banned, deletedAt')
    assert.equal(await warned('email,active,block\na@b.c,1,x\n'), undefined)
  })

  it('has the columns that were named, and no others for the same fields', async () => {
    const file = 'email,contact,secret\na@b.c,x@y.z,hash\n'
    const { rows } = await read(file, { map: { email: 'contact', password: 'secret' } })
    assert.deepEqual(rows[0]?.fields, { email: 'x@y.z', password: 'hash' })
  })

  it('tells of rows that are none, and reads on', async () => {
    const latin = Buffer.concat([
      Buffer.from('email,name\na@b.c,Ada\nb@b.c,"x"y\nc@b.c\n'),
      Buffer.from([0xe9, 0x2c, 0x0a]),
    ])
    const { rows, bad } = await read(Buffer.concat([latin, Buffer.from('d@b.c,\0Dan\n')]))
    assert.deepEqual(
      rows.map(({ line, fields }) => [line, fields.email, fields.name]),
      [
        [2, 'a@b.c', 'Ada'],
        [6, 'd@b.c', '\0Dan'],
      ],
    )
    assert.deepEqual(bad, [
      { line: 3, problem: 'has a quote where none may be' },
      { line: 4, problem: 'has 1 cells where the first line names 2 columns' },
      { line: 5, problem: 'is not UTF-8' },
    ])
  })

  it('is refused where it has no names for its columns, one twice, or none that names an account', async () => {
    for (const [content, words] of [
      ['', /The file is empty/],
      ['id,ID2\n1,2\n', /No column looks like an email address or a username: it has id, ID2\. Name them: --map/],
      ['email,email\n', /names the column "email" twice/],
      [Buffer.from('\ufeffemail\n', 'utf16le'), /UTF-16: save it again as UTF-8/],
      ['email,"pass\n', /The quote that opens on line 1 is never closed/],
    ] as const) {
      await assert.rejects(read(content), words)
    }
    await assert.rejects(read('email\nx\n', { map: { emial: 'email' } }), /no field emial to map/)
    await assert.rejects(
      read('email\nx\n', { map: { name: 'nom' } }),
      /There is no column nom, which was mapped to name/,
    )
    await assert.rejects(read('email\nx\n', { table: 'auth.user' }), /format csv has no tables/)
  })
})

describe('JSON lines', () => {
  it('are read as they are, with members that are called like parts of JavaScript', async () => {
    const file = [
      '{"email":"a@b.c","__proto__":{"is_staff":true},"constructor":1,"passwordHash":"h","emailVerified":true}',
      '{"email":"first@b.c","email":"last@b.c","is_active":false}',
      '{"email":{"deep":1},"profile":{"phone":"+44"}}',
    ].join('\r\n')
    const { format, rows, bad } = await read(file, { map: { phone_number: 'profile.phone' } })
    assert.equal(format, 'jsonl')
    assert.deepEqual(bad, [])
    assert.deepEqual(fieldsOf({ rows }), [
      { email: 'a@b.c', password: 'h', email_verified: true },
      { email: 'last@b.c', is_active: false },
      { email: { deep: 1 }, phone_number: '+44' },
    ])
    assert.equal(rows[0]?.fields.is_staff, undefined)
  })

  it('are known by their first line that can be read', async () => {
    const { format, rows, bad } = await read('{"email":\n{"_id":{"$oid":"507f1f77bcf86cd799439011"},"email":"a@b.c"}\n')
    assert.deepEqual([format, rows.length, bad.length], ['mongo', 1, 1])
  })

  it('that are no objects, too long or too deep are told, and no more than that', async () => {
    const deep = `{"email":${'['.repeat(400_000)}${']'.repeat(400_000)}}`
    const lines = ['{"email":"a@b.c"}', '[]', 'null', '"x"', '{"email":', `{"email":"${'x'.repeat(2_000_000)}"}`, deep]
    const { rows, bad } = await read(lines.join('\n'))
    assert.deepEqual(bad, [
      { line: 2, problem: 'is not an object' },
      { line: 3, problem: 'is not an object' },
      { line: 4, problem: 'is not an object' },
      { line: 5, problem: 'is not JSON' },
      { line: 6, problem: 'is longer than a megabyte, which no account is' },
    ])
    assert.deepEqual(
      rows.map(({ line }) => line),
      [1, 7],
    )
  })
})

describe('a back end whose ids are not its primary keys', () => {
  const token = { key: '9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b', created: '2026-11-21T12:00:00Z' }
  const LEFT_BEHIND = /The ids are not the primary keys, .*keys of authtoken and of knox are left behind/

  it('gives no token of a dump to whoever has an id like the key of its owner', async () => {
    const dump = [
      { model: 'auth.user', pk: 7, fields: { username: 'anna', employee: 1007, password: '' } },
      { model: 'auth.user', pk: 3, fields: { username: 'boss', employee: 7, password: '' } },
      { model: 'authtoken.token', pk: token.key, fields: { user: 7, created: token.created } },
    ]
    const other = await read(JSON.stringify(dump), { map: { id: 'employee' } })
    assert.deepEqual(fieldsOf(other), [
      { id: 1007, username: 'anna', password: '' },
      { id: 7, username: 'boss', password: '' },
      { ...token, user: null },
    ])
    assert.match(other.notes.join('\n'), LEFT_BEHIND)
    const same = await read(JSON.stringify(dump))
    assert.equal(same.rows.at(-1)?.fields.user, 7)
    assert.doesNotMatch(same.notes.join('\n'), LEFT_BEHIND)
    // A column that is called so is not the key.
    const twice = dump.map(({ fields, ...rest }) => ({ ...rest, fields: { ...fields, id: 99 } }))
    assert.equal((await read(JSON.stringify(twice))).rows[0]?.fields.id, 7)
  })

  it('gives no token of a database to them either', async () => {
    const path = join(directory, `${randomUUID()}.sqlite3`)
    const database = new DatabaseSync(path)
    database.exec(`
      create table auth_user (id integer primary key, username text, employee integer, password text);
      create table authtoken_token (key text primary key, created text, user_id integer);
      insert into auth_user values (7, 'anna', 1007, ''), (3, 'boss', 7, '');
      insert into authtoken_token values ('${token.key}', '2026-11-21 12:00:00', 7)`)
    database.close()
    for (const [map, user] of [
      [{ id: 'employee' }, null],
      [undefined, 7],
    ] as const) {
      const source = await openSource({ from: { url: `sqlite:${path}`, password: null }, map })
      const rows = await Array.fromAsync(source.rows())
      await source.close()
      const last = rows.at(-1)
      assert.ok(last !== undefined && 'kind' in last)
      assert.equal(last.kind, 'authtoken')
      assert.equal(last.fields.user, user)
      assert.equal(LEFT_BEHIND.test(source.notes.join('\n')), user === null)
    }
  })
})

describe('an export of MongoDB', () => {
  const ID = '507f1f77bcf86cd799439011'
  const user = {
    _id: { $oid: ID },
    email: 'a@b.c',
    password: '$2b$10$x',
    createdAt: { $date: { $numberLong: '1577880000123' } },
    lastLogin: { $date: '2020-01-01T12:00:00Z' },
    legacyId: { $numberLong: '9007199254740993' },
    isActive: true,
    __v: { $numberInt: '0' },
  }
  const expected = {
    id: ID,
    email: 'a@b.c',
    password: '$2b$10$x',
    date_joined: '2020-01-01T12:00:00.123Z',
    last_login: '2020-01-01T12:00:00Z',
    is_active: true,
  }

  it('is read by lines and as an array, its ids as text and its times as times', async () => {
    for (const content of [JSON.stringify(user), JSON.stringify([user]), JSON.stringify([user], null, 2)]) {
      const { format, rows, notes } = await read(content)
      assert.equal(format, 'mongo')
      assert.deepEqual(fieldsOf({ rows }), [expected])
      assert.match(notes.join('\n'), /id from _id.*\nLeft out: legacyId, __v\./)
    }
    const { rows } = await read(JSON.stringify(user), { map: { id: 'legacyId' } })
    assert.equal(rows[0]?.fields.id, '9007199254740993')
  })
})

describe('exports of services', () => {
  it('are told by what is in them, and bring their hashes as they are', async () => {
    const firebase = {
      users: [
        {
          localId: 'u1',
          email: 'a@b.c',
          passwordHash: 'aGFzaA==',
          salt: 'c2FsdA==',
          disabled: true,
          createdAt: '1577880000123',
        },
      ],
    }
    const keycloak = {
      realm: 'x',
      users: [
        {
          id: 'k1',
          username: 'ada',
          enabled: true,
          createdTimestamp: 1577880000123,
          credentials: [
            { type: 'otp', secretData: '{}' },
            { type: 'password', createdDate: 1, secretData: '{"value":"old"}', credentialData: '{}' },
            { type: 'password', createdDate: 2, secretData: '{"value":"new"}', credentialData: '{}' },
          ],
        },
      ],
      groups: [{ users: [1] }],
    }
    const auth0 = { user_id: 'auth0|1', email: 'a@b.c', given_name: 'Ada', passwordHash: '$2b$10$x', tenant: 't' }
    const expected = [
      [
        'firebase',
        { id: 'u1', password: 'aGFzaA==', salt: 'c2FsdA==', is_active: false, date_joined: '2020-01-01T12:00:00.123Z' },
      ],
      ['keycloak', { id: 'k1', username: 'ada', password: keycloak.users[0]?.credentials[2], is_active: true }],
      ['auth0', { id: 'auth0|1', first_name: 'Ada', password: '$2b$10$x' }],
    ] as const
    for (const [index, content] of [
      JSON.stringify(firebase),
      JSON.stringify(keycloak, null, 1),
      JSON.stringify(auth0),
    ].entries()) {
      const { format, rows, bad } = await read(content)
      assert.deepEqual(bad, [])
      assert.equal(format, expected[index]?.[0])
      assert.partialDeepStrictEqual(rows[0]?.fields, expected[index]?.[1])
    }
  })
})
