import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { judgeImported } from './judge-imported.ts'

const OPTIONS = { keepsIds: false, keepsStaff: false }

function judge(fields: Record<string, unknown>, options: Partial<typeof OPTIONS> = {}) {
  return judgeImported(fields, { ...OPTIONS, ...options })
}

function accountOf(fields: Record<string, unknown>, options: Partial<typeof OPTIONS> = {}) {
  const judgement = judge(fields, options)
  assert.ok('account' in judgement, JSON.stringify(judgement))
  return judgement.account
}

function faultOf(fields: Record<string, unknown>, options: Partial<typeof OPTIONS> = {}) {
  const judgement = judge(fields, options)
  assert.ok('fault' in judgement, JSON.stringify(judgement))
  return judgement.field === null ? judgement.fault : `${judgement.fault} ${judgement.field}`
}

describe('judgeImported', () => {
  it('reads a user of Django', () => {
    const fields = {
      id: 7,
      username: 'Ada',
      email: ' Ada@BÜCHER.example ',
      first_name: 'Ada',
      last_name: 'Lovelace',
      is_active: true,
      is_staff: true,
      is_superuser: true,
      groups: [1],
      date_joined: '2015-03-01T12:00:00Z',
      last_login: null,
    }
    assert.deepEqual(judge(fields), {
      account: {
        legacyId: '7',
        id: null,
        email: 'Ada@BÜCHER.example',
        username: 'Ada',
        identifiers: [
          { value: 'ada', kind: 'username' },
          { value: 'ada@xn--bcher-kva.example', kind: 'email' },
        ],
        emailVerified: false,
        profile: { name: 'Ada Lovelace', firstName: 'Ada', lastName: 'Lovelace', phoneNumber: '' },
        isActive: true,
        isStaff: false,
        createdAt: Date.parse('2015-03-01T12:00:00Z'),
        lastLoginAt: null,
      },
      notes: ['staff_dropped', 'superuser_dropped', 'groups_dropped'],
    })
    assert.equal(accountOf(fields, { keepsStaff: true }).isStaff, true)
    assert.equal(accountOf(fields, { keepsIds: true }).id, 7)
  })

  it('splits a full name, and takes a phone number that is a number', () => {
    const { profile } = accountOf({ email: 'a@example.com', name: 'Ada King Lovelace', phone_number: 491234567890 })
    assert.deepEqual(profile, {
      name: 'Ada King Lovelace',
      firstName: 'Ada',
      lastName: 'King Lovelace',
      phoneNumber: '491234567890',
    })
  })

  it('takes a username that is an address for the account’s own, and refuses it where that is another', () => {
    const account = accountOf({ username: 'Ada@example.com' })
    assert.equal(account.email, 'Ada@example.com')
    assert.deepEqual(account.identifiers, [{ value: 'ada@example.com', kind: 'email' }])
    assert.equal(accountOf({ username: 'ADA@example.com', email: 'ada@example.com' }).username, 'ADA@example.com')
    assert.equal(faultOf({ username: 'bob@example.com', email: 'ada@example.com' }), 'alien_address username')
    assert.equal(accountOf({ username: 'ada@home', email: 'ada@example.com' }).username, 'ada@home')
  })

  it('leaves an address behind that is none, where there is a username to sign in with', () => {
    const judgement = judge({ username: 'ada', email: 'n/a', email_verified: true, is_active: 'f' })
    assert.ok('account' in judgement)
    assert.equal(judgement.account.email, null)
    assert.equal(judgement.account.emailVerified, false)
    assert.deepEqual(judgement.notes, ['address_dropped', 'disabled'])
    assert.equal(faultOf({ email: 'n/a' }), 'invalid_email email')
    assert.equal(faultOf({ email: `${'a'.repeat(250)}@example.com` }), 'invalid_email email')
    assert.equal(faultOf({ email: '', username: '  ' }), 'no_name')
    assert.equal(faultOf({}), 'no_name')
  })

  it('refuses what cannot be kept as it is', () => {
    assert.equal(faultOf({ username: 'a\0b' }), 'not_storable username')
    assert.equal(faultOf({ username: 'ada', first_name: 'half \ud83e' }), 'not_storable first_name')
    assert.equal(faultOf({ username: 'a'.repeat(255) }), 'too_long username')
    assert.equal(accountOf({ username: '🦊'.repeat(254) }).username, '🦊'.repeat(254))
    assert.equal(faultOf({ username: 'ada', name: 'x'.repeat(256) }), 'too_long name')
    assert.equal(faultOf({ username: ['ada'] }), 'not_text username')
    assert.equal(faultOf({ username: 'ada', is_active: 'perhaps' }), 'not_boolean is_active')
  })

  it('knows an account by the id it had, and where it had none by its name', () => {
    assert.equal(accountOf({ username: 'ada', id: '507f1f77bcf86cd799439011' }).legacyId, '507f1f77bcf86cd799439011')
    const uuid = '01234567-89ab-cdef-0123-456789abcdef'
    assert.equal(accountOf({ username: 'ada', id: uuid.replaceAll('-', '').toUpperCase() }).legacyId, uuid)
    assert.equal(accountOf({ username: 'Ada' }).legacyId, 'username:ada')
    assert.equal(accountOf({ email: 'Ada@example.com', id: '' }).legacyId, 'email:ada@example.com')
    for (const id of [1.5, {}, 'a\0b', 'x'.repeat(256), 2 ** 60])
      assert.equal(faultOf({ username: 'ada', id }), 'no_id id')
  })

  it('keeps no id that is not a whole number from 1 on, or after which there is no room', () => {
    assert.equal(accountOf({ username: 'ada', id: '42' }, { keepsIds: true }).id, 42)
    for (const id of [0, -1, '007', '507f1f77bcf86cd799439011', '99999999999999999', 2 ** 53 - 1, undefined]) {
      assert.equal(faultOf({ username: 'ada', id }, { keepsIds: true }), 'no_id id', String(id))
    }
  })

  it('never throws, whatever a row has', () => {
    const field = fc.oneof(fc.anything(), fc.string(), fc.emailAddress(), fc.integer())
    const names = [
      'id',
      'email',
      'username',
      'name',
      'is_active',
      'is_staff',
      'groups',
      'date_joined',
      'email_verified',
    ]
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), field), fc.boolean(), (fields, keepsIds) => {
        const judgement = judge(fields, { keepsIds })
        if (!('account' in judgement)) return
        assert.ok(judgement.account.identifiers.length > 0)
        assert.ok(judgement.account.legacyId !== '')
      }),
    )
  })
})
