import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hash as hashBcrypt } from '@node-rs/bcrypt'
import fc from 'fast-check'
import { FORMATS } from './formats.ts'
import { type ReadHash, readLegacyHash } from './read-legacy-hash.ts'

const B64_16 = 'A'.repeat(22)
const B64_32 = 'A'.repeat(43)
const HEX_32 = '0'.repeat(64)
const BCRYPT = 'a'.repeat(53)
const ARGON2 = `$c2FsdHNhbHRzYWx0$${B64_32}`

/** By format, with a blank for the cost: the dearest that is checked, and a dearer one. */
const COSTS: Readonly<Record<string, readonly [(cost: string) => string, string, string]>> = {
  bcrypt: [(cost) => `$2b$${cost}$${BCRYPT}`, '15', '16'],
  'django-bcrypt': [(cost) => `bcrypt$$2b$${cost}$${BCRYPT}`, '15', '31'],
  'django-bcrypt-sha256': [(cost) => `bcrypt_sha256$$2b$${cost}$${BCRYPT}`, '15', '16'],
  'passlib-bcrypt-sha256': [
    (cost) => `$bcrypt-sha256$v=2,t=2b,r=${cost}$${BCRYPT.slice(31)}$${BCRYPT.slice(22)}`,
    '15',
    '16',
  ],
  'django-argon2': [(cost) => `argon2$argon2id$v=19$${cost}${ARGON2}`, 'm=262144,t=10,p=16', 'm=262145,t=10,p=16'],
  argon2id: [(cost) => `$argon2id$v=19$${cost}${ARGON2}`, 'm=262144,t=10,p=16', 'm=8,t=11,p=1'],
  argon2i: [(cost) => `$argon2i$v=16$${cost}${ARGON2}`, 'm=262144,t=10,p=16', 'm=4096,t=1,p=17'],
  argon2d: [(cost) => `$argon2d$${cost}${ARGON2}`, 'm=262144,t=10,p=16', 'm=999999999,t=999999999,p=999999999'],
  'django-pbkdf2-sha256': [(cost) => `pbkdf2_sha256$${cost}$salt$${B64_32}=`, '10000000', '10000001'],
  'django-pbkdf2-sha1': [(cost) => `pbkdf2_sha1$${cost}$salt$${'A'.repeat(27)}=`, '10000000', '999999999'],
  'pbkdf2-sha1': [(cost) => `$pbkdf2$${cost}$AAAA$${'A'.repeat(86)}`, '2500000', '2500001'],
  'pbkdf2-sha256': [(cost) => `$pbkdf2-sha256$${cost}$AAAA$${B64_32}`, '10000000', '10000001'],
  'pbkdf2-sha512': [(cost) => `$pbkdf2-sha512$${cost}$AAAA$${'A'.repeat(86)}`, '10000000', '10000001'],
  'werkzeug-pbkdf2': [(cost) => `pbkdf2:sha256:${cost}$salt$${HEX_32}`, '10000000', '10000001'],
  'django-scrypt': [(cost) => `scrypt$${cost}$${B64_32}=`, '131072$salt$8$10', '262144$salt$8$1'],
  'werkzeug-scrypt': [(cost) => `scrypt:${cost}$salt$${HEX_32}`, '131072:8:10', '131072:9:1'],
  scrypt: [(cost) => `$scrypt$${cost}$AAAA$${B64_32}`, 'ln=17,r=8,p=10', 'ln=1,r=8,p=11'],
  'firebase-scrypt': [(cost) => `$firebase-scrypt$${cost}$AAAA$${B64_32}`, 'ln=17,r=8', 'ln=99,r=8'],
  'sha256-crypt': [(cost) => `$5$rounds=${cost}$salt$${B64_32}`, '1000000', '1000001'],
  'sha512-crypt': [(cost) => `$6$rounds=${cost}$salt$${'A'.repeat(86)}`, '1000000', '999999999'],
  // The digit of `crypt` for 19, and for 30.
  phpass: [(cost) => `$P$${cost}saltsalt${B64_16}`, 'H', 'S'],
}

/** Texts that look like a hash, and are none: by format, each with a part that is empty, too long or of other characters. */
const BROKEN: Readonly<Record<string, readonly string[]>> = {
  bcrypt: ['$2b$', '$2b$12$', `$2b$12$${BCRYPT}a`, `$2b$03$${BCRYPT}`, `$2b$1$${BCRYPT}`, `$2b$+4$${BCRYPT}`],
  'django-bcrypt': ['bcrypt$', 'bcrypt$$2b$12$short'],
  'django-bcrypt-sha256': ['bcrypt_sha256$', `bcrypt_sha256$2b$12$${BCRYPT}`],
  'passlib-bcrypt-sha256': ['$bcrypt-sha256$', '$bcrypt-sha256$v=3,t=2b,r=12$a$b'],
  'django-argon2': ['argon2$', 'argon2$argon2id$v=19$m=8,t=1,p=1$$'],
  argon2id: [
    '$argon2id$',
    `$argon2id$v=19$m=8,t=1,p=0${ARGON2}`,
    `$argon2id$v=19$m=7,t=1,p=1${ARGON2}`,
    '$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0$AAAA',
  ],
  // Not exact base64, and a number that begins with a zero.
  argon2i: [
    '$argon2i$v=19$m=,t=,p=$$',
    `$argon2i$v=19$m=8,t=1,p=1${ARGON2.slice(0, -1)}B`,
    `$argon2i$v=19$m=08,t=1,p=1${ARGON2}`,
  ],
  argon2d: ['$argon2d$v=19$m=8,t=1,p=1,keyid=x$c2FsdA$AAAA'],
  'django-pbkdf2-sha256': [
    'pbkdf2_sha256$',
    `pbkdf2_sha256$$salt$${B64_32}=`,
    `pbkdf2_sha256$0$salt$${B64_32}=`,
    `pbkdf2_sha256$1000$$${B64_32}=`,
    'pbkdf2_sha256$1000$salt$',
    // A digest so short that a guess may hit it.
    'pbkdf2_sha256$20000$salt$AA==',
    `pbkdf2_sha256$20000$salt$${'A'.repeat(400)}`,
    `pbkdf2_sha256$20000$${'s'.repeat(257)}$${B64_32}=`,
    `pbkdf2_sha256$1e6$salt$${B64_32}=`,
    `pbkdf2_sha256$20000$salt$${B64_32}\u{fffd}`,
    `pbkdf2_sha256$20000$salt$${B64_32}=\n`,
    `pbkdf2_sha256$99999999999999999999$salt$${B64_32}=`,
  ],
  'django-pbkdf2-sha1': ['pbkdf2_sha1$1$2'],
  'pbkdf2-sha1': ['$pbkdf2$', '$pbkdf2$1000$$'],
  'pbkdf2-sha256': ['$pbkdf2-sha256$1000$salt$A', `$pbkdf2-sha256$i=1000,l=64$AAAA$${B64_32}`],
  'pbkdf2-sha512': ['$pbkdf2-sha512$\0$\0$\0'],
  'werkzeug-pbkdf2': ['pbkdf2:', 'pbkdf2:sha256$salt$00', `pbkdf2:whirlpool:1000$salt$${HEX_32}`],
  'django-scrypt': ['scrypt$', `scrypt$1000$salt$8$1$${B64_32}=`, `scrypt$16384$salt$0$1$${B64_32}=`],
  'werkzeug-scrypt': ['scrypt:', `scrypt:1:8:1$salt$${HEX_32}`],
  scrypt: ['$scrypt$', `$scrypt$ln=0,r=8,p=1$AAAA$${B64_32}`, `$scrypt$ln=14,r=8,p=0$AAAA$${B64_32}`],
  'firebase-scrypt': ['$firebase-scrypt$', '$firebase-scrypt$ln=14,r=8$AAAA$AAAA'],
  'sha256-crypt': ['$5$', `$5$rounds=10$salt$${B64_32}`, `$5$rounds=$salt$${B64_32}`, `$5$${'s'.repeat(17)}$${B64_32}`],
  'sha512-crypt': ['$6$salt$', `$6$sal\u{e9}$${'A'.repeat(86)}`],
  'md5-crypt': ['$1$', '$apr1$salt$', `$1$saltsalts$${B64_16}`],
  phpass: ['$P$', '$H$B', `$P$4saltsalt${B64_16}`, `$P$Bsaltsalt${B64_16}A`],
  'django-md5': ['md5$', 'md5$salt$', 'md5$salt$zz', `md5$${'s'.repeat(257)}$${HEX_32.slice(32)}`],
  'django-sha1': ['sha1$', 'sha1$salt$00'],
  'werkzeug-hmac': ['sha256$salt$00', `sha512$salt$${HEX_32}`],
  plain: ['plain:', 'plain:md4:none::00', `plain:sha256:before::${HEX_32}`, `plain:sha256:none:AAAA:${HEX_32}`],
  'wrapped-django-md5': [
    `wrapped:$argon2id$v=19$m=999999,t=1,p=1${ARGON2}:md5$salt$${HEX_32.slice(32)}`,
    // The digest is still where zeros should be.
    `wrapped:$argon2id$v=19$m=64,t=1,p=1${ARGON2}:md5$salt$${'ab'.repeat(16)}`,
  ],
  // What is inside is so dear that it should never have been wrapped.
  'wrapped-django-pbkdf2-sha256': [`wrapped:$argon2id$v=19$m=8,t=1,p=1${ARGON2}:pbkdf2_sha256$20000$salt$${B64_32}=`],
}

function isHash(read: ReadHash | null): boolean {
  return read !== null && 'hash' in read
}

describe('a stored hash of another back end', () => {
  it('is read where it costs the most that is allowed, and refused in words where it costs more', () => {
    for (const [format, [write, most, more]] of Object.entries(COSTS)) {
      const dearest = readLegacyHash(write(most))
      assert.equal(dearest?.format, format, write(most))
      assert.ok(isHash(dearest), `${write(most)}: ${JSON.stringify(dearest)}`)
      const tooDear = readLegacyHash(write(more))
      assert.equal(tooDear?.format, format, write(more))
      assert.ok('problem' in tooDear && /at most/.test(tooDear.problem), `${write(more)}: ${JSON.stringify(tooDear)}`)
    }
  })

  it('is refused in words where it is broken', () => {
    for (const [format, texts] of Object.entries(BROKEN)) {
      for (const text of texts) {
        const read = readLegacyHash(text)
        assert.equal(read?.format, format, text)
        assert.ok('problem' in read && read.problem.length > 0, text)
      }
    }
  })

  it('has hostile samples here for every format', () => {
    const quiet = ['django-unsalted-md5']
    const names = FORMATS.map(({ name }) => name).filter(
      (name) => !name.startsWith('wrapped-') && !quiet.includes(name),
    )
    assert.deepEqual(
      names.filter((name) => BROKEN[name] === undefined),
      [],
    )
    assert.equal(new Set(FORMATS.map(({ name }) => name)).size, FORMATS.length)
  })

  it("is not checked where it is of crypt_blowfish's first kinds", () => {
    for (const kind of ['2', '2x']) {
      const read = readLegacyHash(`$${kind}$12$${BCRYPT}`)
      assert.ok(read !== null && 'problem' in read)
      assert.match(read.problem, /not checked/)
    }
  })

  it('is of no known format where it is anything else', () => {
    const others = [
      '',
      ' ',
      'hunter2',
      '$',
      '$$$$',
      '!',
      '{SSHA}AAAA',
      'wrapped:',
      `wrapped:$argon2id$v=19:bcrypt$$2b$12$${BCRYPT}`,
    ]
    for (const text of [...others, 'x'.repeat(1025), `pbkdf2_sha256$1000$salt$${'A'.repeat(2000)}`]) {
      assert.equal(readLegacyHash(text), null, text)
    }
  })

  it('is of one format only', () => {
    const texts = [...Object.values(COSTS).map(([write, most]) => write(most)), ...Object.values(BROKEN).flat()]
    for (const text of texts) assert.equal(FORMATS.filter(({ read }) => read(text) !== null).length, 1, text)
  })

  it('is read without an error, whatever it is', () => {
    const pieces = [
      '$',
      ':',
      ',',
      '=',
      '2b',
      '12',
      'md5',
      'sha1',
      'sha256',
      'argon2id',
      'v=19',
      'm=8,t=1,p=1',
      'scrypt',
      'ln=4,r=8,p=1',
      'pbkdf2',
      'plain',
      'wrapped',
      'rounds=',
      '5',
      '6',
      'P',
      '\0',
      '\u{fffd}',
      '\ud800',
      '\u{1f510}',
      B64_32,
      HEX_32,
    ]
    const piece = fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 4 }))
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (parts) => {
        const read = readLegacyHash(parts.join(''))
        assert.ok(read === null || 'hash' in read || read.problem.length > 0)
      }),
      { numRuns: 300 },
    )
  })

  it('that somebody changed never matches, and checking it throws nothing', async () => {
    // Those whose costs no single character can raise.
    const hashes = [
      `$2b$04$${BCRYPT}`,
      `pbkdf2_sha256$12000$salt$${B64_32}=`,
      `$scrypt$ln=8,r=8,p=1$AAAA$${B64_32}`,
      `$argon2id$v=19$m=64,t=1,p=1${ARGON2}`,
      `md5$salt$${HEX_32.slice(32)}`,
      `$5$rounds=1001$salt$${B64_32}`,
      `wrapped:$argon2id$v=19$m=64,t=1,p=1${ARGON2}:md5$salt$${HEX_32.slice(32)}`,
    ]
    const change = fc.record({
      hash: fc.constantFrom(...hashes),
      at: fc.nat(120),
      by: fc.constantFrom('', 'z', '$', '/', '=', '\0', '\ud800'),
    })
    await fc.assert(
      fc.asyncProperty(change, async ({ hash, at, by }) => {
        const read = readLegacyHash(hash.slice(0, at) + by + hash.slice(at + 1))
        if (read !== null && 'hash' in read) assert.equal(await read.hash.verify('Passw0rd!x'), false)
      }),
      { numRuns: 150 },
    )
  })
})

describe('bcrypt', () => {
  it('counts of the last digits of salt and digest only the bits that belong to them', async () => {
    const made = await hashBcrypt('Passw0rd!x', { cost: 4, salt: Buffer.alloc(16) })
    assert.equal(made.charAt(28), '.')
    for (const digit of ['.', '/', 'A', 'M']) {
      const read = readLegacyHash(`${made.slice(0, 28)}${digit}${made.slice(29)}`)
      assert.ok(read !== null && 'hash' in read)
      assert.equal(await read.hash.verify('Passw0rd!x'), true, digit)
      assert.equal(await read.hash.verify('Passw0rd!y'), false)
    }
    // This is another salt.
    const read = readLegacyHash(`${made.slice(0, 28)}O${made.slice(29)}`)
    assert.ok(read !== null && 'hash' in read)
    assert.equal(await read.hash.verify('Passw0rd!x'), false)
  })
})

describe('SHA-crypt', () => {
  // From the specification's own tests: https://www.akkadia.org/drepper/SHA-crypt.txt
  const published = [
    ['Hello world!', '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'],
    ['Hello world!', '$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA'],
    [
      'Hello world!',
      '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
    ],
    [
      'a very much longer text to encrypt.  This one even stretches over morethan one line.',
      '$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1',
    ],
  ] as const

  it('gives what its specification says', async () => {
    for (const [password, stored] of published) {
      const read = readLegacyHash(stored)
      assert.ok(read !== null && 'hash' in read)
      assert.equal(await read.hash.verify(password), true)
      assert.equal(await read.hash.verify(password.slice(1)), false)
    }
  })

  it('lets others work while it goes on', async () => {
    const read = readLegacyHash(`$6$rounds=200000$salt$${'A'.repeat(86)}`)
    assert.ok(read !== null && 'hash' in read)
    let turns = 0
    let isOver = false
    const checking = read.hash.verify('Passw0rd!x').then(() => (isOver = true))
    while (!isOver) {
      turns++
      await new Promise((resolve) => setImmediate(resolve))
    }
    await checking
    assert.ok(turns > 100, String(turns))
  })

  it('lets others work as often, however many of it go on', async () => {
    const read = readLegacyHash(`$6$rounds=20000$salt$${'A'.repeat(86)}`)
    assert.ok(read !== null && 'hash' in read)
    const { hash } = read
    let turns = 0
    let isOver = false
    const checking = Promise.all(Array.from({ length: 8 }, () => hash.verify('Passw0rd!x'))).then(() => (isOver = true))
    while (!isOver) {
      turns++
      await new Promise((resolve) => setImmediate(resolve))
    }
    await checking
    // Each of the eight takes twenty slices, and no turn has two of them.
    assert.ok(turns >= 8 * 20, String(turns))
  })

  it('matches no password of more than 512 bytes, of which it hashes no more', async () => {
    const read = readLegacyHash('$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5')
    assert.ok(read !== null && 'hash' in read)
    assert.equal(await read.hash.verify('Hello world!'.repeat(200_000)), false)
  })
})

describe('a spelling of a password', () => {
  it('is tried as WordPress took it: without the white space around it', () => {
    const read = readLegacyHash(`$P$Bsaltsalt${B64_16}`)
    assert.ok(read !== null && 'hash' in read)
    assert.deepEqual(read.hash.spell(' \t\n\r\0\v a b \v'), ['a b'])
    assert.deepEqual(read.hash.spell('\u00a0a'), ['\u00a0a'])
  })

  it('is none but the one that was typed for all others', () => {
    const read = readLegacyHash(`$2b$12$${BCRYPT}`)
    assert.ok(read !== null && 'hash' in read)
    assert.deepEqual(read.hash.spell(' a '), [])
  })
})
