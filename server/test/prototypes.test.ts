import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { makePerson, REGISTRATIONS } from './kit/doors.ts'
import { faults } from './kit/frame.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { ROUTES } from './kit/routes.ts'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'
import { send, type TableRequest } from './kit/wire.ts'

/** Names by which careless code reaches what all objects share. */
const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__', 'valueOf']

describe('a name that every object knows', () => {
  let test: TestApp
  const shared = Object.getOwnPropertyNames(Object.prototype).toSorted()
  before(async () => {
    test = await startTestApp({ config: { ...LIGHT_HASHING, mailUrl: 'file:///letters' } })
  })
  after(() => test.close())

  /** A body with these fields and one of those names, in every type that any door reads. */
  function* bodies(fields: Readonly<Record<string, unknown>>, name: string): Generator<Partial<TableRequest>> {
    const plain = JSON.stringify(fields)
    const values = ['{"is_staff":true,"polluted":true}', '{"prototype":{"polluted":true}}', '"x"', 'null', '[]']
    for (const value of values) {
      const body = plain === '{}' ? `{"${name}":${value}}` : plain.replace(/\}$/, `,"${name}":${value}}`)
      yield { headers: { 'content-type': 'application/json' }, body }
      yield { headers: { 'content-type': 'application/json' }, body: `{"${name}":${plain}}` }
    }
    for (const field of [name, `${name}[polluted]`, `${name}.polluted`, `a[${name}][polluted]`]) {
      const pairs = [...Object.entries(fields).map(([key, value]) => [key, String(value)]), [field, 'true']]
      yield {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(pairs).toString(),
      }
      yield {
        headers: { 'content-type': 'multipart/form-data; boundary=b' },
        body: `${pairs.map(([key, value]) => `--b\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`).join('')}--b--\r\n`,
      }
    }
  }

  it('changes nothing that is shared and is no fault, at every route and in every kind of body', async () => {
    for (const { method, path, fields } of ROUTES) {
      if (method === 'GET' || method === 'DELETE') continue
      const known = Object.fromEntries((fields as readonly string[]).map((field) => [field, 'x']))
      for (const name of NAMES) {
        for (const request of bodies(known, name)) {
          const answer = await send(test, { method, path, ...request })
          assert.ok(answer.status < 500, `${path} ${answer.text}`)
        }
        assert.ok(!('polluted' in {}) && !('is_staff' in {}), `${path} ${name}`)
      }
    }
    assert.deepEqual(Object.getOwnPropertyNames(Object.prototype).toSorted(), shared)
    assert.deepEqual(faults(test), [])
  })

  it('gives nobody a right, and no field a value', async () => {
    let count = 0
    for (const registration of REGISTRATIONS) {
      for (const name of NAMES.slice(0, 3)) {
        const person = makePerson(`proto${count++}`)
        const body = JSON.stringify(registration.body(person)).replace(
          /\}$/,
          `,"${name}":{"is_staff":true,"is_superuser":true,"is_active":false,"id":1}}`,
        )
        const request = {
          method: 'POST',
          path: registration.path,
          headers: { 'content-type': 'application/json' },
          body,
        }
        const { status } = await send(test, request)
        if (registration.isStrict) {
          assert.equal(status, 400)
          count--
          continue
        }
        assert.equal(status, registration.created, name)
        const identifier = registration.gives.email ? person.email : person.username
        const [account] = await test.core.administration.listAccounts({ after: count - 1, limit: 1 })
        assert.ok(account !== undefined, identifier)
        assert.deepEqual([account.id, account.isStaff, account.isActive], [count, false, true])
      }
    }
    // The known fields, but as members of a prototype: they are not there.
    const [registration] = REGISTRATIONS
    assert.ok(registration)
    const hidden = `{"__proto__":${JSON.stringify(registration.body(makePerson('hidden')))}}`
    const headers = { 'content-type': 'application/json' }
    const answer = await send(test, { method: 'POST', path: registration.path, headers, body: hidden })
    assert.equal(answer.status, 400)
  })
})
