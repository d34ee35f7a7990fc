import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { makeDirectory } from '../../test/kit/server-process.ts'
import { openSource } from './open-source.ts'

const directory = makeDirectory()
let files = 0

function write(content: string | Uint8Array): string {
  const file = join(directory, String(++files))
  writeFileSync(file, content)
  return file
}

describe('a file', () => {
  it('that is not there, no file, cut off or not what it was said to be is refused in one sentence', async () => {
    const packed = gzipSync(Buffer.from('email\n'.repeat(10_000)))
    const cut = write(packed.subarray(0, packed.length - 20))
    for (const [request, words] of [
      [{ from: { file: join(directory, 'nothing') } }, /^There is no file /],
      [{ from: { file: directory } }, /not a file that can be read twice/],
      [{ from: { file: cut } }, /is not whole: gzip cannot unpack all of it/],
      [{ from: { file: write('a,b') }, format: 'django' }, /^The file is not JSON, as the format django is\.$/],
      [
        { from: { file: write('[{"model":"auth.user","pk":1,"fields":{"username":"a"}}') } },
        /ends in the middle, after 0 objects/,
      ],
      [{ from: { file: write('[]') }, format: 'django' }, /nothing of Django in the file/],
      [{ from: { file: write('[{"a":1}]') }, format: 'django' }, /nothing of Django in the file/],
      [{ from: { file: write('{}') } }, /There are no objects|No column looks like/],
      [{ from: { file: write('PK\x03\x04\x14') } }, /^The file is a ZIP archive, as spreadsheets are: .* as CSV/],
      [
        { from: { file: write(`1,ada@example.com,${'f'.repeat(40)}\n`) } },
        /^The first line seems .* put one such as [a-z,]+ before it\.$/,
      ],
      [{ from: { file: write(`email,hash\rada@example.com,${'f'.repeat(40)}\r`) } }, /^Lines end .* Unix line ends\.$/],
      [{ from: { file: write('<?xml version="1.0"?>') } }, /^The file is XML: dump it again with --format json\.$/],
      [{ from: { file: write('- model: auth.user\n  pk: 1\n') } }, /^The file is YAML/],
      [{ from: { file: write('SQLite format 3\0') } }, /--from sqlite:PATH/],
      [{ from: { file: write('--\n-- PostgreSQL database dump\n') } }, /dump of a whole database/],
      [{ from: { url: 'mysql://x', password: null } }, /--from takes sqlite:PATH or postgres:/],
      [{ from: { url: `sqlite:${join(directory, 'nothing')}`, password: null } }, /There is no SQLite database at /],
      [{ from: { url: `sqlite:${cut}`, password: null } }, /SQLite says "file is not a database"/],
      [
        { from: { url: 'postgres://nobody@127.0.0.1:1/none', password: null } },
        /did not let the user nobody into none/,
      ],
    ] as const) {
      const reading = async () => {
        const source = await openSource(request)
        for await (const row of source.rows()) assert.ok(row)
      }
      await assert.rejects(reading, { message: words })
    }
  })

  it('is read from where reading had stopped, and again from its beginning', async () => {
    const source = await openSource({ from: { file: write('email\na\nb\nc\nd\n') } })
    const emails = async (rows: number) => {
      const found: unknown[] = []
      for await (const row of source.rows(rows === 0 ? undefined : { rows, line: rows + 1 })) {
        found.push('fields' in row ? row.fields.email : row)
      }
      return found
    }
    assert.deepEqual(await emails(0), ['a', 'b', 'c', 'd'])
    assert.deepEqual(await emails(3), ['d'])
    assert.deepEqual(await emails(9), [])
    assert.deepEqual(await emails(0), ['a', 'b', 'c', 'd'])
  })

  it('of many megabytes is read in the memory of a small one', async () => {
    const file = write('[')
    const object = JSON.stringify({
      model: 'auth.user',
      pk: 1,
      fields: { username: 'u', password: 'x'.repeat(16_000) },
    })
    const many = `${object},`.repeat(500)
    for (let count = 0; count < 10; count++) appendFileSync(file, many)
    appendFileSync(file, `${object}]`)
    // A heap that the whole file, 80 MB, would not go into.
    const count = `
      const { openSource } = await import(${JSON.stringify(new URL('open-source.ts', import.meta.url).href)})
      const source = await openSource({ from: { file: ${JSON.stringify(file)} } })
      let rows = 0
      for await (const row of source.rows()) if ('fields' in row) rows++
      console.log(rows)`
    const options = ['--max-old-space-size=48', '--input-type=module', '--eval', count]
    const { stdout } = await promisify(execFile)(process.execPath, options)
    assert.equal(stdout.trim(), '5001')
  })
})

describe('a live database', () => {
  it('is never written to, whatever its tables are called', async () => {
    const path = join(directory, 'live.sqlite3')
    const database = new DatabaseSync(path)
    database.exec(`
      create table "odd ""table" (id integer primary key, email text, "pass word" text);
      insert into "odd ""table" values (1, 'a@b.c', 'x'), (9007199254740993, 'b@b.c', 'y');
      create table pairs (a int, b int, username text, primary key (a, b));
    `)
    const from = { url: `sqlite:${path}`, password: null }
    const source = await openSource({ from, table: 'odd "table', map: { password: 'pass word' } })
    const rows: unknown[] = []
    for await (const row of source.rows()) rows.push(row)
    const second: unknown[] = []
    for await (const row of source.rows({ rows: 1, line: 'odd "table 1' })) second.push(row)
    assert.deepEqual(second, rows.slice(1))
    await source.close()
    assert.deepEqual(rows, [
      { line: 'odd "table 1', kind: 'account', fields: { password: 'x', id: 1, email: 'a@b.c' } },
      {
        line: 'odd "table 9007199254740993',
        kind: 'account',
        fields: { password: 'y', id: '9007199254740993', email: 'b@b.c' },
      },
    ])
    await assert.rejects(openSource({ from, table: 'pairs' }), /no primary key of one column/)
    await assert.rejects(openSource({ from }), /There is no table auth_user\. No table has a column "password"/)
    assert.equal(database.prepare('select count(*) as n from "odd ""table"').get()?.n, 2)
    database.close()
  })

  it('says where a token is without saying the token, and goes on after it', async () => {
    const path = join(directory, 'tokens.sqlite3')
    const database = new DatabaseSync(path)
    database.exec(`
      create table auth_user (id integer primary key, username text, password text);
      create table authtoken_token (key text primary key, created text, user_id integer);
      insert into auth_user values (1, 'ada', '');
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 2500)
      insert into authtoken_token select lower(hex(randomblob(20))), '2026-11-21 12:00:00', (i + 1) / 2 from n`)
    database.close()
    const source = await openSource({ from: { url: `sqlite:${path}`, password: null } })
    const [, ...tokens] = await Array.fromAsync(source.rows())
    const keys = tokens.map((row) => ('fields' in row ? String(row.fields.key) : ''))
    assert.equal(new Set(keys).size, 2500)
    assert.ok(tokens.every(({ line }, index) => line === `authtoken_token ${Math.ceil((index + 1) / 2)}`))
    const rest = await Array.fromAsync(source.rows({ rows: 1801, line: 'authtoken_token 900' }))
    assert.deepEqual(rest, tokens.slice(1800))
    await source.close()
  })
})
