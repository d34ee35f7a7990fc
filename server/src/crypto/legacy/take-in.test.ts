import assert from 'node:assert/strict'
import { createHash, createHmac, scryptSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { hash as hashArgon2 } from '@node-rs/argon2'
import type { HashHints } from '../../core/legacy-port.ts'
import { readLegacyHash } from './read-legacy-hash.ts'
import { createLegacyHashes } from './take-in.ts'

const OURS = { memory: 64, passes: 1, lanes: 1 }
const hashes = createLegacyHashes(OURS)
/** Published with Firebase's own tool: https://github.com/firebase/scrypt */
const FIREBASE = {
  firebase: {
    signerKey: 'jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==',
    saltSeparator: 'Bw==',
    rounds: 8,
    memCost: 14,
  },
  salt: '42xEC+ixf3L2lw==',
}
const FIREBASE_HASH = 'lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=='

/** Takes a hash in, and tries a password and another one against what is stored. */
async function check(
  kept: unknown,
  { password, format, hints }: { password: string; format: string; hints?: HashHints },
): Promise<string> {
  const judged = hashes.judge(kept, hints)
  assert.deepEqual(judged, { format, isWrapped: format.startsWith('wrapped-'), hasPassword: true })
  const taken = await hashes.takeIn(kept, hints)
  assert.ok('stored' in taken && taken.stored !== null)
  assert.equal(taken.legacyFormat, format)
  const read = readLegacyHash(taken.stored)
  assert.ok(read !== null && 'hash' in read, taken.stored)
  assert.equal(read.format, format)
  assert.equal(await read.hash.verify(password), true, taken.stored)
  assert.equal(await read.hash.verify(`${password}.`), false, taken.stored)
  assert.equal(await hashes.isTakenIn(taken.stored, kept, hints), true)
  return taken.stored
}

async function findProblem(kept: unknown, hints?: HashHints): Promise<string> {
  const taken = await hashes.takeIn(kept, hints)
  assert.ok('problem' in taken, JSON.stringify(taken))
  assert.deepEqual(hashes.judge(kept, hints), taken)
  return taken.problem
}

describe('what a back end kept for a password', () => {
  it('is no password where there was none, or none that anybody has', async () => {
    for (const kept of [null, undefined, '', '!', '!3tgVTkG4GIeBxgs6CYUHh8n7w4mnvY3WXI6Dz1bu', '*', '!!']) {
      assert.deepEqual(await hashes.takeIn(kept), { stored: null, legacyFormat: null })
      assert.deepEqual(hashes.judge(kept), { format: null, isWrapped: false, hasPassword: false })
      assert.equal(await hashes.isTakenIn(null, kept), true)
    }
  })

  it('is ours where it is argon2id that is as dear as ours or dearer, and is stored as it is', async () => {
    const ours = '$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0$qrvM3e7/ABEiM0RVZneImQ'
    const dearer = ours.replace('m=64,t=1', 'm=128,t=2')
    for (const kept of [ours, dearer]) {
      assert.deepEqual(await hashes.takeIn(kept), { stored: kept, legacyFormat: null })
      assert.deepEqual(hashes.judge(kept), { format: null, isWrapped: false, hasPassword: true })
    }
    const slow = ours.replace('m=64,t=1', 'm=512,t=2')
    const kept = slow.replace('v=19', 'v=16')
    assert.deepEqual(await hashes.takeIn(kept), { stored: kept, legacyFormat: 'argon2id' })
    assert.deepEqual(await hashes.takeIn(`argon2${slow}`), { stored: `argon2${slow}`, legacyFormat: 'django-argon2' })
  })

  it('is argon2 that is quick to try, and nothing of its digest is stored', async () => {
    const password = 'Passw0rd!x'
    const salt = Buffer.from('saltsaltsalt')
    for (const [algorithm, kind] of ['argon2d', 'argon2i', 'argon2id'].entries()) {
      for (const version of [0, 1]) {
        const cost = { algorithm, version, memoryCost: 32, timeCost: 10, parallelism: 2, salt, outputLen: 24 }
        const made = await hashArgon2(password, cost)
        const digest = made.split('$').at(-1) ?? ''
        for (const [kept, format] of [
          [made, `wrapped-${kind}`],
          [`argon2${made}`, 'wrapped-django-argon2'],
        ] as const) {
          assert.ok(!(await check(kept, { password, format })).includes(digest.slice(0, 12)))
        }
        // Version 16 may be written by leaving it out.
        if (version === 0) await check(made.replace('v=16$', ''), { password, format: `wrapped-${kind}` })
      }
    }
  })

  it("is Firebase's with the parameters of its project, and the project's key is not stored", async () => {
    const stored = await check(FIREBASE_HASH, { password: 'user1password', format: 'firebase-scrypt', hints: FIREBASE })
    for (const secret of [FIREBASE.firebase.signerKey, FIREBASE_HASH]) {
      for (let at = 0; at + 12 < secret.length; at++) assert.ok(!stored.includes(secret.slice(at, at + 12)))
    }
    const forUrls = { ...FIREBASE, firebase: { ...FIREBASE.firebase, saltSeparator: 'Bw' } }
    assert.deepEqual(await hashes.takeIn(FIREBASE_HASH.replaceAll('/', '_').replaceAll('+', '-'), forUrls), {
      stored,
      legacyFormat: 'firebase-scrypt',
    })
  })

  it("is Firebase's, and the sentence says what is wrong with it", async () => {
    assert.match(await findProblem(FIREBASE_HASH, { ...FIREBASE, salt: '' }), /without its salt/)
    assert.match(await findProblem('c2hvcnQ=', FIREBASE), /not as long as the project's signer key/)
    const dear = { ...FIREBASE, firebase: { ...FIREBASE.firebase, memCost: 24 } }
    assert.match(await findProblem(FIREBASE_HASH, dear), /N=16777216, r=8, p=1: at most N=131072/)
    const django = 'pbkdf2_sha256$1000000$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='
    assert.deepEqual(await hashes.takeIn(django, FIREBASE), { stored: django, legacyFormat: 'django-pbkdf2-sha256' })
    const broken = { ...FIREBASE, firebase: { ...FIREBASE.firebase, signerKey: 'not base64!' } }
    assert.match(await findProblem(FIREBASE_HASH, broken), /not base64/)
  })

  it("is a credential of Keycloak's, in JSON or as an object", async () => {
    // As published at https://dev.to/oskarspakers/import-pbkdf2-hashed-user-passwords-into-keycloak-571m
    const credentialData = '{"hashIterations": 27500,"algorithm": "pbkdf2-sha256"}'
    const secretData = '{"salt": "x/bm4Y3DcuV9eU97ervkPA==","value": "1u7BLvfSPxQFpwc5jpGSA+88EGl9pZYKhaZ8YPIu9N4="}'
    const admin = { password: 'admin', format: 'pbkdf2-sha256' }
    await check({ type: 'password', credentialData, secretData }, admin)
    await check(JSON.stringify({ credentialData, secretData }), admin)
    await check({ credentialData: JSON.parse(credentialData), secretData: JSON.parse(secretData) }, admin)
    const { salt, value } = JSON.parse(secretData)
    await check({ algorithm: 'pbkdf2-sha256', hashIterations: 27500, salt, hashedSaltedValue: value }, admin)
  })

  it("is argon2 of Keycloak's, whose parameters are lists of texts", async () => {
    // Made with argon2-cffi, at what Keycloak does by default.
    const credential = {
      credentialData: {
        hashIterations: 5,
        algorithm: 'argon2',
        additionalParameters: {
          hashLength: ['32'],
          memory: ['7168'],
          type: ['id'],
          version: ['1.3'],
          parallelism: ['1'],
        },
      },
      secretData: {
        value: 'nUpEe9GMT3yBIpr45fSSFvnqD2LrZbnNqVUfiFsxhQU=',
        salt: 'AAECAwQFBgcICQoLDA0ODw==',
        additionalParameters: {},
      },
    }
    const dearer = createLegacyHashes({ memory: 19_456, passes: 2, lanes: 1 })
    const taken = await dearer.takeIn(credential)
    assert.ok('stored' in taken && taken.stored !== null, JSON.stringify(taken))
    assert.equal(taken.legacyFormat, 'argon2id')
    const read = readLegacyHash(taken.stored)
    assert.ok(read !== null && 'hash' in read)
    assert.equal(await read.hash.verify('Passw0rd!x'), true)
    assert.equal(await read.hash.verify('Passw0rd!y'), false)
  })

  it("is a credential of Keycloak's that cannot be checked, and the sentence says why", async () => {
    const secretData = { salt: 'AAAAAAAAAAAAAAAAAAAAAA==', value: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=' }
    const of = (credentialData: unknown) => findProblem({ credentialData, secretData })
    assert.match(await of({ algorithm: 'pbkdf2-md4', hashIterations: 1 }), /not checked here: pbkdf2-md4/)
    assert.match(
      await of({ algorithm: 'pbkdf2-sha256', hashIterations: 1e8 }),
      /100000000 iterations: at most 10000000/,
    )
    assert.match(await of({ algorithm: '\u001b[2Jmd4', hashIterations: 1 }), /not checked here$/)
    assert.match(await of({ algorithm: 'pbkdf2-sha256' }), /broken/)
    assert.match(await of({ algorithm: 'argon2', hashIterations: 5 }), /broken/)
    assert.match(await findProblem({ credentialData: {} }), /no credential of Keycloak or Auth0/)
  })

  it("is Auth0's own bcrypt, or the custom_password_hash of a file that Auth0 takes", async () => {
    const bcrypt = '$2b$04$abcdefghijklmnopqrstuuPp7HPfoAs8I2dCQCQ/fW7zEJv8I8C8e'
    await check(bcrypt, { password: 'x', format: 'bcrypt' })
    await check({ algorithm: 'bcrypt', hash: { value: bcrypt } }, { password: 'x', format: 'bcrypt' })
    // A sample published by OneLogin, in the spelling that Auth0 asks for.
    const value = '$pbkdf2-sha256$i=216000,l=32$Y0JQSUhNcVZKUVBq$OVur66V8LRGQVMrcUznEJMrdIJvCe7JfNXTVzzyEQVE'
    await check({ algorithm: 'pbkdf2', hash: { value } }, { password: 'pleasework', format: 'pbkdf2-sha256' })
    const sha = createHash('sha512').update('saltPassw0rd!x').digest()
    const salted = { password: 'Passw0rd!x', format: 'wrapped-plain' }
    for (const encoding of ['hex', 'base64'] as const) {
      const hash = { value: sha.toString(encoding), encoding }
      await check({ algorithm: 'sha512', hash, salt: { value: 'salt', position: 'prefix' } }, salted)
      const salt = { value: Buffer.from('salt').toString(encoding), encoding }
      await check({ algorithm: 'sha512', hash, salt }, salted)
    }
    const after = createHash('md5').update('Passw0rd!xsalt').digest('hex')
    await check({ algorithm: 'md5', hash: { value: after }, salt: { value: 'salt', position: 'suffix' } }, salted)
    const keyed = createHmac('sha256', 'a key').update('Passw0rd!x').digest('hex')
    const hash = { value: keyed, encoding: 'hex', digest: 'sha256', key: { value: 'a key', encoding: 'utf8' } }
    await check({ algorithm: 'hmac', hash }, salted)
    const ssha = Buffer.concat([createHash('sha1').update('Passw0rd!xsalt').digest(), Buffer.from('salt')])
    await check({ algorithm: 'ldap', hash: { value: `{SSHA}${ssha.toString('base64')}` } }, salted)
    await check({ algorithm: 'ldap', hash: { value: `{CRYPT}${bcrypt}` } }, { password: 'x', format: 'bcrypt' })
    const scrypt = scryptSync('Passw0rd!x', 'salt', 64).toString('hex')
    const costs = { keylen: 64, cost: 16384, blockSize: 8, parallelization: 1 }
    const slow = { password: 'Passw0rd!x', format: 'scrypt' }
    await check({ algorithm: 'scrypt', hash: { value: scrypt }, salt: { value: 'salt' } }, slow)
    await check({ algorithm: 'scrypt', hash: { value: scrypt }, salt: { value: 'salt' }, ...costs }, slow)
  })

  it('is a custom_password_hash that cannot be checked, and the sentence says why', async () => {
    const md5 = { value: 'd41d8cd98f00b204e9800998ecf8427e' }
    assert.match(await findProblem({ algorithm: 'md4', hash: md5 }), /not checked here: md4/)
    assert.match(await findProblem({ algorithm: 'md5', hash: {} }), /broken/)
    assert.match(await findProblem({ algorithm: 'ldap', hash: md5 }), /broken/)
    assert.match(await findProblem({ algorithm: 'md5', hash: { value: 'zz' } }), /broken/)
    assert.match(await findProblem({ algorithm: 'hmac', hash: md5 }), /broken/)
    assert.match(await findProblem({ algorithm: 'scrypt', hash: md5, salt: { value: 's' }, cost: 1000 }), /broken/)
    assert.match(await findProblem({ algorithm: 'md5', hash: md5, password: { encoding: 'ucs2' } }), /UTF-8/)
    assert.match(await findProblem({ algorithm: 'md5', hash: md5, salt: { value: 's', position: 'around' } }), /broken/)
  })

  it('is a plain digest, where an import says how it was made', async () => {
    const password = 'pässword'
    for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512'] as const) {
      const of = (text: string) => createHash(algorithm).update(text)
      const expected = { password, format: 'wrapped-plain' }
      const encoded = { utf8: 'sált', hex: Buffer.from('sált').toString('hex'), base64: 's8OhbHQ=' }
      encoded.base64 = Buffer.from('sált').toString('base64')
      for (const saltEncoding of ['utf8', 'hex', 'base64'] as const) {
        const salt = encoded[saltEncoding]
        for (const [place, digest] of [
          ['before', of(`sált${password}`).digest()],
          ['after', of(`${password}sált`).digest()],
          ['key', createHmac(algorithm, 'sált').update(password).digest()],
        ] as const) {
          const hints = { plain: { algorithm, salt: place, saltEncoding }, salt }
          await check(digest.toString('hex'), { ...expected, hints })
          await check(digest.toString('hex').toUpperCase(), { ...expected, hints })
          await check(digest.toString('base64'), { ...expected, hints })
        }
      }
      const hints = { plain: { algorithm, salt: 'none', saltEncoding: 'utf8' } } as const
      await check(of(password).digest('hex'), { ...expected, hints })
      // As it says of itself, it needs no hint.
      await check(`plain:${algorithm}:none::${of(password).digest('hex')}`, expected)
      const salted = `plain:${algorithm}:after:c2FsdA==:${of(`${password}salt`).digest('base64')}`
      await check(salted, expected)
    }
  })

  it('is what it says of itself, whatever an import says of plain digests', async () => {
    const hints = { plain: { algorithm: 'md5', salt: 'before', saltEncoding: 'utf8' }, salt: 'salt' } as const
    const bcrypt = '$2b$04$abcdefghijklmnopqrstuuPp7HPfoAs8I2dCQCQ/fW7zEJv8I8C8e'
    await check(bcrypt, { password: 'x', format: 'bcrypt', hints })
    const sha1 = `sha1$salt$${createHash('sha1').update('saltx').digest('hex')}`
    await check(sha1, { password: 'x', format: 'wrapped-django-sha1', hints })
    assert.match(await findProblem('d41d8cd98f00b204e9800998ecf8427e', { plain: hints.plain }), /salt is missing/)
  })

  it('is a hash of no known format, and the sentence shows nothing of it', async () => {
    const secret = createHash('sha256').update('x').digest('hex')
    assert.match(await findProblem(secret), /hexadecimal digits.*say how they were made/)
    for (const kept of [
      'hunter2',
      'crypt$$ab1234567890x',
      '$7$C6..../....SodiumChloride$',
      '$y$j9T$salt$hash',
      17,
      [],
      'x'.repeat(2000),
    ]) {
      const problem = await findProblem(kept)
      assert.ok(!problem.includes(String(kept)) || kept === 17 || String(kept) === '', problem)
    }
    for (const salt of ['\0', '\ud800']) {
      assert.match(await findProblem(`md5$${salt}$d41d8cd98f00b204e9800998ecf8427e`), /no database keeps/)
    }
    assert.match(await findProblem('{BLOWFISH}abc'), /scheme \{BLOWFISH\}/)
    assert.match(await findProblem('{"a": 1}'), /no credential/)
    assert.match(await findProblem('{"a": '), /neither/)
  })

  it('is told from another hash, also where it was wrapped', async () => {
    const of = (password: string) => `md5$salt$${createHash('md5').update(`salt${password}`).digest('hex')}`
    const taken = await hashes.takeIn(of('one'))
    assert.ok('stored' in taken)
    assert.equal(await hashes.isTakenIn(taken.stored, of('one')), true)
    assert.equal(await hashes.isTakenIn(taken.stored, of('other')), false)
    assert.equal(await hashes.isTakenIn(taken.stored, of('one').replace('$salt$', '$tlas$')), false)
    assert.equal(await hashes.isTakenIn(null, of('one')), false)
    assert.equal(await hashes.isTakenIn(taken.stored, null), false)
    assert.equal(await hashes.isTakenIn('anything', 'hunter2'), false)
  })
})
