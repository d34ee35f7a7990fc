import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readNewAccount } from '../src/cli/read-new-account.ts'
import { startTestApp } from './kit/start-test-app.ts'

const NOTHING = {
  email: undefined,
  username: undefined,
  name: undefined,
  firstName: undefined,
  lastName: undefined,
  phoneNumber: undefined,
}
const USERNAMES = [
  'ada',
  'a.b+c@d-e_f',
  'Ñandú',
  '李雷',
  '१२३',
  'a b',
  'a/b',
  'a!',
  'e\u0301',
  'x'.repeat(150),
  'x'.repeat(151),
]
const PHONES = [
  '+919999999999',
  '999999999',
  '१२३४५६७८९',
  '+१२३४५६७८९',
  '12345678',
  '1'.repeat(16),
  '1'.repeat(17),
  '+1-555',
  'x',
]

function accepts(words: Partial<typeof NOTHING> | Record<string, string>): boolean {
  try {
    readNewAccount({ ...NOTHING, ...words })
    return true
  } catch {
    return false
  }
}

describe('accounts create, beside the doors', () => {
  it('takes the usernames and phone numbers that registering takes, and no others', async () => {
    const test = await startTestApp({ limits: null })
    const post = async (url: string, payload: object) =>
      (await test.app.inject({ method: 'POST', url, payload })).statusCode
    for (const username of USERNAMES) {
      const status = await post('/simplejwt/api/users/register/', { username, password: 'Password123' })
      assert.equal(accepts({ username }), status === 201, `${username}: ${status}`)
    }
    for (const [index, phoneNumber] of PHONES.entries()) {
      const person = { name: 'P', username: `p${index}`, email: `p${index}@example.com`, password: 'password@123' }
      const status = await post('/drf-jwt/registration/', { ...person, phone_number: phoneNumber })
      assert.equal(accepts({ phoneNumber }), status === 201, `${phoneNumber}: ${status}`)
    }
    await test.close()
  })
})
