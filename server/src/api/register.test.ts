import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import Value from 'typebox/value'
import { LIGHT_HASHING } from '../../test/kit/hashing.ts'
import { startTestApp, type TestApp } from '../../test/kit/start-test-app.ts'
import { send } from '../../test/kit/wire.ts'
import { AccountReply } from './account-schema.ts'
import { ProblemReply } from './problem-schema.ts'

const PASSWORD = 'enigma machine 1940'
const JSON_TYPE = { 'content-type': 'application/json' }

describe('POST /v1/accounts', () => {
  let test: TestApp
  let count = 0
  before(async () => {
    test = await startTestApp({ config: LIGHT_HASHING })
  })
  after(() => test.close())

  const register = (json: unknown) => send(test, { method: 'POST', path: '/v1/accounts', json })
  const raw = (body: string | Buffer, headers: Readonly<Record<string, string>> = JSON_TYPE) => {
    const sent = typeof body === 'string' ? { body } : { body_base64: body.toString('base64') }
    return send(test, { method: 'POST', path: '/v1/accounts', headers, ...sent })
  }
  /** What is wrong, in the order in which it is told. */
  const faults = async (json: unknown) => {
    const answer = await register(json)
    assert.equal(answer.status, 400, answer.text)
    const { code, errors = [] } = Value.Parse(ProblemReply, answer.json)
    assert.equal(code, 'invalid_input')
    for (const { detail } of errors) assert.match(detail, /^[A-Z].*\.$/)
    return errors.map(({ field, code }) => `${field} ${code}`)
  }
  const fresh = () => ({ email: `somebody-${++count}@example.com`, password: PASSWORD })

  it('makes an account of an email address, a username, or both, and shows it', async () => {
    for (const names of [
      { email: 'Ada+one@Example.com' },
      { username: 'Ada_L' },
      { email: 'grace@example.com', username: 'grâce.hopper+@-' },
      { username: 'joan@example.com' },
    ]) {
      const answer = await register({
        ...names,
        password: PASSWORD,
        name: 'Ada Lovelace King',
        phone_number: '+491234567890',
      })
      assert.equal(answer.status, 201, answer.text)
      assert.equal(answer.headers['content-type'], 'application/json')
      const { account } = Value.Parse(AccountReply, answer.json)
      assert.deepEqual(answer.json, { account })
      const { email = names.username === 'joan@example.com' ? names.username : '', username = '' } = names
      const { id, subject: _, created_at: __, ...rest } = account
      assert.deepEqual(rest, {
        email,
        email_verified: false,
        username,
        name: 'Ada Lovelace King',
        first_name: 'Ada',
        last_name: 'Lovelace King',
        phone_number: '+491234567890',
        is_active: true,
        is_staff: false,
      })
      assert.equal((await test.core.administration.findAccount(email || username))?.id, id)
    }
  })

  it('tells everything that is wrong at once, by field and code, in the order of its schema', async () => {
    assert.deepEqual(await faults({}), ['email required', 'password required'])
    assert.deepEqual(
      await faults({
        is_staff: true,
        phone_number: '12',
        last_name: 'x'.repeat(151),
        first_name: 7,
        name: null,
        password: 'short',
        username: 'a b',
        email: 'x',
        '/odd~name': 1,
      }),
      [
        'email invalid_email',
        'username invalid_username',
        'password too_short',
        'name null',
        'first_name not_text',
        'last_name too_long',
        'phone_number invalid_phone_number',
        'is_staff unknown',
        '/odd~name unknown',
      ],
    )
    assert.deepEqual(await faults({ email: '', username: '', password: '' }), [
      'email blank',
      'username blank',
      'password blank',
    ])
    const taken = fresh()
    assert.equal((await register(taken)).status, 201)
    const again = { ...taken, email: taken.email.toUpperCase(), password: 'short', nickname: 'x' }
    assert.deepEqual(await faults(again), ['email taken', 'password too_short', 'nickname unknown'])
  })

  it('counts characters as people do, and takes a password as it is', async () => {
    assert.deepEqual(await faults({ ...fresh(), password: '😀'.repeat(7) }), ['password too_short'])
    assert.deepEqual(await faults({ ...fresh(), password: 'x'.repeat(1025) }), ['password too_long'])
    for (const password of ['😀'.repeat(8), '        ', ` ${PASSWORD}\t`, 'é'.repeat(1024)]) {
      const { email } = fresh()
      assert.equal((await register({ email, password })).status, 201, password)
      const signIn = (password: string) =>
        send(test, { method: 'POST', path: '/v1/sessions', json: { identifier: email, password } })
      assert.equal((await signIn(password)).status, 201)
      if (password !== password.trim()) assert.equal((await signIn(password.trim() || 'x')).status, 400)
    }
  })

  it('takes addresses as mail carries them, and no others', async () => {
    for (const email of ["o'brien.x+y@mail.example.com", 'a@xn--bcher-kva.example', `${'a'.repeat(64)}@example.com`]) {
      assert.equal((await register({ email, password: PASSWORD })).status, 201, email)
    }
    for (const email of [
      'x',
      '@example.com',
      'a@localhost',
      'a@[127.0.0.1]',
      '"a b"@example.com',
      '"a\nb"@example.com',
      'a@b@example.com',
      'a..b@example.com',
      '.a@example.com',
      'ä@example.com',
      'a@bücher.example',
      'a@-x.example',
      'a@example.com\n',
      ' a@example.com',
      'a@example.com\r\nBcc: everybody@example.com',
    ]) {
      assert.deepEqual(await faults({ email, password: PASSWORD }), ['email invalid_email'], email)
    }
    assert.deepEqual(await faults({ email: `${'a'.repeat(64)}@${'b.'.repeat(100)}com`, password: PASSWORD }), [
      'email too_long',
    ])
    assert.deepEqual(await faults({ ...fresh(), username: 'other@example.com' }), ['username invalid_username'])
  })

  it('refuses members that it does not know, whatever they are called, and gives nobody a right', async () => {
    for (const name of [
      'is_staff',
      'isAdmin',
      '__proto__',
      'constructor',
      'toString',
      'Email',
      'email ',
      'password1',
    ]) {
      const { email, password } = fresh()
      const body = `{"email":"${email}","password":"${password}",${JSON.stringify(name)}:{"is_staff":true}}`
      const answer = await raw(body)
      assert.equal(answer.status, 400)
      const { errors = [] } = Value.Parse(ProblemReply, answer.json)
      assert.deepEqual(
        errors.map(({ field, code }) => [field, code]),
        [[name, 'unknown']],
      )
      assert.equal(await test.core.administration.findAccount(email), null)
    }
    assert.ok(!('is_staff' in {}))
  })

  it('reads JSON and nothing else, strictly', async () => {
    const sound = JSON.stringify(fresh())
    const table: readonly [string, string | Buffer, Readonly<Record<string, string>>, number, string][] = [
      ['no type', sound, {}, 415, 'unsupported_media_type'],
      [
        'a form',
        'email=a@example.com',
        { 'content-type': 'application/x-www-form-urlencoded' },
        415,
        'unsupported_media_type',
      ],
      ['latin-1', sound, { 'content-type': 'application/json; charset=latin1' }, 415, 'unsupported_media_type'],
      ['gzip', sound, { ...JSON_TYPE, 'content-encoding': 'gzip' }, 415, 'unsupported_media_type'],
      ['nothing', '', JSON_TYPE, 400, 'malformed_body'],
      ['half of it', '{"email":', JSON_TYPE, 400, 'malformed_body'],
      ['a mark before it', `\ufeff${sound}`, JSON_TYPE, 400, 'malformed_body'],
      ['a name twice', '{"email":"a@example.com","email":"b@example.com"}', JSON_TYPE, 400, 'malformed_body'],
      ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), JSON_TYPE, 400, 'malformed_body'],
      ['much depth', `{"email":${'['.repeat(20)}${']'.repeat(20)}}`, JSON_TYPE, 400, 'malformed_body'],
      ['a list', '[]', JSON_TYPE, 400, 'not_an_object'],
      ['a text', '"x"', JSON_TYPE, 400, 'not_an_object'],
      ['null', 'null', JSON_TYPE, 400, 'not_an_object'],
      ['too much', `{"name":"${'x'.repeat(20_000)}"}`, JSON_TYPE, 413, 'body_too_large'],
    ]
    for (const [what, body, headers, status, code] of table) {
      const answer = await raw(body, headers)
      assert.equal(answer.status, status, `${what}: ${answer.text}`)
      assert.equal(answer.headers['content-type'], 'application/problem+json')
      assert.equal(Value.Parse(ProblemReply, answer.json).code, code, what)
    }
    assert.equal((await raw(sound, { 'content-type': 'Application/JSON; charset=UTF-8' })).status, 201)
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await send(test, { method, path: '/v1/accounts' })
      assert.deepEqual([answer.status, answer.headers.allow], [405, 'POST'])
    }
  })

  it('keeps texts that no database can keep out of names, and says which', async () => {
    assert.deepEqual(await faults({ ...fresh(), name: 'a\0b' }), ['name null_character'])
    const { email } = fresh()
    const answer = await raw(`{"email":"${email}","password":"${PASSWORD}","first_name":"\\ud800"}`)
    const { errors = [] } = Value.Parse(ProblemReply, answer.json)
    assert.deepEqual(
      errors.map(({ field, code }) => [field, code]),
      [['first_name', 'lone_surrogate']],
    )
    const password = await raw(`{"email":"${email}","password":"\\udfffabcdefgh"}`)
    assert.equal(password.status, 400)
  })
})
