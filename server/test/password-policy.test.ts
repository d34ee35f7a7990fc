import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createPasswords } from '../src/crypto/passwords.ts'
import { LOCAL } from './kit/clients.ts'
import { makePerson, REGISTRATIONS, type RegistrationDoor, registrationOf } from './kit/doors.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'
import { send } from './kit/wire.ts'

const SOUND = 'copper kettle 7 tall windows'
const COMMON = 'Password123'
const PRODUCT = { productNames: ['Analytical Engine'] }
const HARDENED = { ...LIGHT_HASHING, ...PRODUCT, passwordPolicy: 'hardened' } as const

/** What is wrong with a password, a sentence each, in the voice of a door. */
type Voice = { readonly field: string; say(flaws: Flaws): unknown }
type Flaws = { readonly isShort?: true; readonly similarTo?: 'own' | 'product'; readonly isCommon?: true }

/** DRF's doors list everything; Express' tells the first. */
const drf = (field: string, own: string): Voice => ({
  field,
  say: ({ isShort, similarTo, isCommon }) => [
    ...(isShort ? ['Ensure this field has at least 15 characters.'] : []),
    ...(similarTo === 'own' ? [`The password is too similar to the ${own}.`] : []),
    ...(similarTo === 'product' ? ['The password is too similar to the name of this service.'] : []),
    ...(isCommon ? ['This password is too common.'] : []),
  ],
})
const EXPRESS: Voice = {
  field: 'password',
  say: ({ isShort, similarTo }) => {
    const common = 'Password is too common!'
    const similar = `Password is too similar to ${similarTo === 'own' ? 'your email' : 'the name of this service'}!`
    const msg = isShort ? 'Password must be at least 15 characters!' : similarTo ? similar : common
    return { msg, param: 'password', location: 'body' }
  },
}
/** The modern door lists everything, each with its code. */
const V1: Voice = {
  field: 'password',
  say: ({ isShort, similarTo, isCommon }) => {
    const own = similarTo === 'own' ? 'the username' : 'the name of this service'
    const sentences: readonly (readonly [string, string])[] = [
      ...(isShort ? ([['too_short', 'This has to have at least 15 characters.']] as const) : []),
      ...(similarTo ? ([['too_similar', `This password is too similar to ${own}.`]] as const) : []),
      ...(isCommon ? ([['common', 'This password is too common.']] as const) : []),
    ]
    return sentences.map(([code, detail]) => ({ field: 'password', code, detail }))
  },
}
const VOICES: Readonly<Record<string, Voice>> = {
  'drf-jwt': drf('password', 'username'),
  'drf-token': drf('password1', 'email address'),
  'express-jwt': EXPRESS,
  simplejwt: drf('password', 'username'),
  v1: V1,
}

const REFUSED: readonly [string, string, Flaws][] = [
  ['shorter than the document allows', 'short-1', { isShort: true }],
  ['long enough for the document only', 'copper kettl 7', { isShort: true }],
  ['short and common', COMMON, { isShort: true, isCommon: true }],
  ['long and common', '1q2w3e4r1q2w3e4r', { isCommon: true }],
  ['made of the account’s own name', 'CharlesBabbage-1871', { similarTo: 'own' }],
  ['made of the product’s name', 'analytical engine (2026)', { similarTo: 'product' }],
  ['all of that', 'charlesbabbage1', { similarTo: 'own' }],
]

describe('hardened rules', () => {
  let test: TestApp
  let count = 0
  before(async () => {
    test = await startTestApp({ config: { ...HARDENED, mailUrl: 'file:///letters' }, limits: null })
  })
  after(() => test.close())
  const register = (door: RegistrationDoor, password: string, changes: object = {}) => {
    const { json, ...request } = registrationOf(door, { ...makePerson('charlesbabbage'), password })
    return send(test, { ...request, json: { ...json, ...changes } })
  }

  for (const door of REGISTRATIONS) {
    const voice = VOICES[door.contract] ?? assert.fail(door.contract)
    const name = door.gives.username ? 'a username' : 'an email'
    for (const [what, password, flaws] of REFUSED) {
      it(`refuse a password at ${door.path} with ${name} that is ${what}, in the contract’s own words`, async () => {
        const { hash } = test.hasherCalls
        const { status, json } = await register(door, password)
        assert.equal(status, 400)
        const errors = /express-jwt|v1/.test(door.contract) ? (json as { errors: object }).errors : json
        const said = voice.say(flaws)
        assert.deepEqual(errors, door.contract === 'v1' ? said : { [voice.field]: said })
        assert.equal(test.hasherCalls.hash, hash)
        assert.ok(!JSON.stringify(json).includes(password))
      })
    }

    it(`take a password at ${door.path} with ${name} that is none of that`, async () => {
      const person = { ...makePerson(`somebody${++count}`), password: SOUND }
      assert.equal((await send(test, registrationOf(door, person))).status, door.created)
      const account = await test.core.administration.findAccount(door.gives.email ? person.email : person.username)
      assert.equal(account?.hasWeakPassword, false)
    })
  }

  it('are told together with everything else that is wrong with a registration', async () => {
    const [drfJwt, , drfToken, express] = REGISTRATIONS
    const repeated = '1q2w3e4r1q2w3e4r'
    assert.deepEqual((await register(drfJwt ?? assert.fail(), repeated, { email: 'x' })).json, {
      email: ['Enter a valid email address.'],
      password: ['This password is too common.'],
    })
    const unnumbered = await register(drfToken ?? assert.fail(), 'lettersletters', { password2: 'other' })
    assert.deepEqual(unnumbered.json, {
      password1: [
        'Password must contain at least one numeral.',
        'Ensure this field has at least 15 characters.',
        'This password is too common.',
      ],
      password2: ['The two password fields did not match.'],
    })
    assert.deepEqual((await register(express ?? assert.fail(), repeated, { name: '' })).json, {
      status: 'fail',
      errors: {
        name: { value: '', msg: 'Name is required!', param: 'name', location: 'body' },
        password: { msg: 'Password is too common!', param: 'password', location: 'body' },
      },
    })
  })

  it('hold at a change of password, under its own field, once the old one is proved', async () => {
    const { email, key } = await signUp()
    const change = (old_password: string, new_password1: string, new_password2 = new_password1) =>
      send(test, {
        method: 'POST',
        path: '/api/users/password/change/',
        headers: { authorization: `Token ${key}` },
        json: { old_password, new_password1, new_password2 },
      })
    const told = async (password: string) => (await change(SOUND, password)).json
    assert.deepEqual(await told('short-1'), {
      new_password2: ['This password is too short. It must contain at least 15 characters.'],
    })
    assert.deepEqual(await told(COMMON), {
      new_password2: [
        'This password is too short. It must contain at least 15 characters.',
        'This password is too common.',
      ],
    })
    assert.deepEqual(await told(`${email}-1`), {
      new_password2: ['The password is too similar to the email address.'],
    })
    assert.deepEqual((await change(SOUND, COMMON, 'another one')).json, {
      new_password2: ['The two password fields didn’t match.'],
    })
    assert.deepEqual((await change('a wrong old one', COMMON)).json, {
      old_password: ['Your old password was entered incorrectly. Please enter it again.'],
    })
    assert.equal((await change(SOUND, `${SOUND}, new`)).status, 200)
  })

  it('hold at a reset, which stays good for a better password', async () => {
    const { email } = await signUp()
    await test.core.deliverLetters()
    await send(test, { method: 'POST', path: '/api/users/password/reset/', json: { email } })
    await test.core.deliverLetters()
    const { uid, token } = test.letters.at(-1) ?? assert.fail('no letter came')
    const confirm = (new_password1: string) =>
      send(test, {
        method: 'POST',
        path: '/api/users/password/reset/confirm/',
        json: { uid, token, new_password1, new_password2: new_password1 },
      })
    assert.deepEqual((await confirm('1q2w3e4r1q2w3e4r')).json, { new_password2: ['This password is too common.'] })
    assert.equal((await confirm(`${SOUND}, reset`)).status, 200)
  })

  it('let accounts sign in that were made before, and flag them then', async () => {
    const { email, accountId } = await signUp()
    await setAsBefore(test, accountId, COMMON)
    const login = await send(test, { method: 'POST', path: '/api/auth/login/', json: { email, password: COMMON } })
    assert.equal(login.status, 200)
    assert.equal((await test.core.administration.findAccount(email))?.hasWeakPassword, true)
  })

  async function signUp(): Promise<{ email: string; key: string; accountId: number }> {
    const email = `sign.up.${++count}@example.com`
    const authenticated = await test.core.register({ email, password: SOUND }, LOCAL)
    const { key } = await test.core.openKeySession(authenticated, { client: LOCAL, lifetime: 1000 })
    return { email, key, accountId: authenticated.account.id }
  }
})

describe('documented rules', () => {
  let test: TestApp
  before(async () => {
    test = await startTestApp({ config: { ...LIGHT_HASHING, ...PRODUCT, mailUrl: 'file:///letters' } })
  })
  after(() => test.close())
  const post = (path: string, json: unknown, headers: Readonly<Record<string, string>> = {}) =>
    send(test, { method: 'POST', path, json, headers })
  const isWeak = async (name: string) => (await test.core.administration.findAccount(name))?.hasWeakPassword
  const tellsOf = (accountId: number) =>
    test.audit.filter((event) => event.type === 'weak_password_found' && event.accountId === accountId).length

  for (const [index, door] of REGISTRATIONS.entries()) {
    it(`take what the document at ${door.path} takes, and flag what is common (${index + 1})`, async () => {
      for (const [password, isFlagged] of [
        [COMMON, true],
        ['abc4abc4abc4', true],
        [`Analytical-${index}`, false],
      ] as const) {
        const person = { ...makePerson(`weak${index}${password.slice(0, 4).toLowerCase()}`), password }
        const { status, text } = await send(test, registrationOf(door, person))
        assert.equal(status, door.created, text)
        assert.equal(await isWeak(door.gives.email ? person.email : person.username), isFlagged, password)
      }
    })
  }

  it('flag a password that is changed, and take the flag from one that is changed for a better one', async () => {
    const { email, key, accountId } = await signUp()
    const change = (old_password: string, password: string) =>
      post(
        '/api/users/password/change/',
        { old_password, new_password1: password, new_password2: password },
        { authorization: `Token ${key}` },
      )
    assert.equal((await change(SOUND, COMMON)).status, 200)
    assert.equal(await isWeak(email), true)
    assert.equal(tellsOf(accountId), 1)
    assert.equal((await change(COMMON, SOUND)).status, 200)
    assert.equal(await isWeak(email), false)
    assert.equal(tellsOf(accountId), 1)
  })

  it('flag a password that is reset, or set by an operator', async () => {
    const { email, accountId } = await signUp()
    await test.core.deliverLetters()
    await post('/api/users/password/reset/', { email })
    await test.core.deliverLetters()
    const { uid, token } = test.letters.at(-1) ?? assert.fail('no letter came')
    const passwords = { new_password1: COMMON, new_password2: COMMON }
    assert.equal((await post('/api/users/password/reset/confirm/', { uid, token, ...passwords })).status, 200)
    assert.equal(await isWeak(email), true)
    await test.core.administration.setPassword(accountId, SOUND)
    assert.equal(await isWeak(email), false)
    await test.core.administration.setPassword(accountId, COMMON)
    assert.equal(await isWeak(email), true)
  })

  it('flag an account that was made before at its next login, once, and by the right password only', async () => {
    const { email, accountId } = await signUp()
    await setAsBefore(test, accountId, COMMON)
    const logIn = (password: string) => post('/api/users/login/', { email, password })
    await logIn('password124')
    assert.equal(await isWeak(email), false)
    await logIn(COMMON)
    await logIn(COMMON)
    assert.equal(await isWeak(email), true)
    assert.equal(tellsOf(accountId), 1)
  })

  it('leave a third of the guesses at an account whose password is weak', async () => {
    const weak = await signUp()
    await test.core.administration.setPassword(weak.accountId, COMMON)
    const statuses = await Promise.all(
      Array.from({ length: 12 }, () => post('/api/users/login/', { email: weak.email, password: 'a wrong one' })),
    )
    assert.equal(statuses.filter(({ status }) => status === 400).length, 3)
    assert.equal(statuses.filter(({ status }) => status === 429).length, 9)
  })

  it('let the operator list and count the accounts that are flagged', async () => {
    const { accountId } = await signUp()
    await test.core.administration.setPassword(accountId, COMMON)
    const all = await test.core.administration.listAccounts({ after: 0, limit: 1000 })
    const weak = await test.core.administration.listAccounts({ after: 0, limit: 1000, isWeakOnly: true })
    assert.deepEqual(
      weak,
      all.filter(({ hasWeakPassword }) => hasWeakPassword),
    )
    assert.ok(weak.length > 0 && weak.length < all.length)
    assert.equal((await test.store.inspect()).weakPasswords, weak.length)
  })

  async function signUp(): Promise<{ email: string; key: string; accountId: number }> {
    const email = `somebody.${crypto.randomUUID()}@example.com`
    const authenticated = await test.core.register({ email, password: SOUND }, LOCAL)
    const { key } = await test.core.openKeySession(authenticated, { client: LOCAL, lifetime: 1000 })
    return { email, key, accountId: authenticated.account.id }
  }
})

/** Gives an account a password as a version would have left it that screened none. */
async function setAsBefore(test: TestApp, accountId: number, password: string): Promise<void> {
  const hasher = await createPasswords(LIGHT_HASHING.argon2)
  const passwordHash = await hasher.hash(password)
  await test.store.replacePassword({ accountId, passwordHash, hasWeakPassword: false, now: Date.now() })
}
