import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isEmailAddress, normaliseIdentifier } from './identifier.ts'

/** Texts that are one name, and the form in which it is compared. */
const SAME: readonly { why: string; texts: readonly string[]; form: string }[] = [
  { why: 'letter case', texts: ['Ada', 'ADA', 'ada', 'aDa'], form: 'ada' },
  { why: 'letter case of a whole address', texts: ['Ada@Example.COM', 'ada@example.com'], form: 'ada@example.com' },
  { why: 'composed and decomposed accents', texts: ['\u00e9', 'e\u0301', '\u00c9', 'E\u0301'], form: '\u00e9' },
  { why: 'sharp s, small, capital and spelt out', texts: ['straße', 'STRAẞE', 'STRASSE', 'strasse'], form: 'strasse' },
  { why: 'final and ordinary sigma', texts: ['ΟΔΟΣ', 'οδος', 'οδοσ'], form: 'οδοσ' },
  { why: 'final sigma before a separator', texts: ['ΟΔΟΣ-ΟΔΟΣ', 'οδος-οδος'], form: 'οδοσ-οδοσ' },
  { why: 'Cherokee, large and small', texts: ['ᏣᎳᎩ', 'ꮳꮃꭹ'], form: 'ꮳꮃꭹ' },
  { why: 'full-width letters', texts: ['Ａｄａ', 'ada'], form: 'ada' },
  { why: 'ligatures', texts: ['ﬁne', 'FINE', 'ﬁNE'], form: 'fine' },
  { why: 'letters of mathematics', texts: ['𝒜𝒹𝒶', 'ada'], form: 'ada' },
  { why: 'the Kelvin sign and the long s', texts: ['\u212a\u017f', 'KS', 'ks'], form: 'ks' },
  { why: 'iota subscript', texts: ['ᾳ', 'ᾼ', 'αι', 'ΑΙ'], form: 'αι' },
  { why: 'Georgian, both cases', texts: ['ᲗᲑ', 'თბ'], form: 'თბ' },
  { why: 'Deseret, beyond the first plane', texts: ['𐐀', '𐐨'], form: '𐐨' },
  {
    why: 'a domain in letters and in A-labels',
    texts: ['ADA@BÜCHER.example', 'ada@bu\u0308cher.example', 'ada@xn--bcher-kva.example', 'ada@XN--BCHER-KVA.EXAMPLE'],
    form: 'ada@xn--bcher-kva.example',
  },
  { why: 'a domain with a full-width dot', texts: ['a@b．example', 'a@b.example'], form: 'a@b.example' },
  { why: 'a domain with an ideographic dot', texts: ['a@ü。example', 'a@ü.example'], form: 'a@xn--tda.example' },
]

const APART: readonly [string, string][] = [
  ['dotless i', 'ı'],
  ['i', 'ı'],
  ['I', 'ı'],
  ['İ', 'i'],
  ['ada', ' ada'],
  ['ada', 'ada '],
  ['ada', 'аda'],
  ['a.da', 'ada'],
  ['a+b@example.com', 'a@example.com'],
  ['é', 'e'],
  ['ada@example.com', 'ada@example.com.'],
  ['"a@b"@example.com', 'a@b@example.com'],
]

/** Any text at all, and texts in which what is special is frequent. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom(...'aAiIıİßẞsSſςσΣΟ\u0345\u0307\u0301éÉ@.。．-%/[]:?#\\\0 ᎠꭰＡﬁ𐐀🦊\ud800\udc00') }),
)
/** The dotless i stays apart from its own upper case, as Unicode's case folding has it. */
const cased = anyText.filter((text) => !text.normalize('NFKC').includes('ı'))

describe('normaliseIdentifier', () => {
  for (const { why, texts, form } of SAME) {
    it(`takes for one name: ${why}`, () => {
      for (const text of texts) assert.equal(normaliseIdentifier(text), form, JSON.stringify(text))
    })
  }

  for (const [one, other] of APART) {
    it(`keeps ${JSON.stringify(one)} apart from ${JSON.stringify(other)}`, () => {
      assert.notEqual(normaliseIdentifier(one), normaliseIdentifier(other))
    })
  }

  it('gives an address that is no domain name back folded, and nothing else done to it', () => {
    for (const text of ['a@', '@', 'a@b c', 'a@ü/x', 'a@ü:80', 'a@[::1]', 'a@ü%41', 'a@ü#x']) {
      assert.equal(normaliseIdentifier(text.toUpperCase()), text)
    }
  })

  it('never takes a number for the address of a machine', () => {
    assert.equal(normaliseIdentifier('a@127。1'), 'a@127。1')
    assert.equal(normaliseIdentifier('a@2130706433\u00ad'), 'a@2130706433\u00ad')
    assert.equal(normaliseIdentifier('a@0x7f.1'), 'a@0x7f.1')
  })

  it('never throws, and is its own normal form, whatever the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const once = normaliseIdentifier(text)
        assert.equal(normaliseIdentifier(once), once)
      }),
      { numRuns: 2000 },
    )
  })

  it('gives NFC and NFD of any text one form', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        assert.equal(normaliseIdentifier(text.normalize('NFD')), normaliseIdentifier(text))
        assert.equal(normaliseIdentifier(text.normalize('NFC')), normaliseIdentifier(text))
      }),
      { numRuns: 1000 },
    )
  })

  it('gives any text in large and small letters one form', () => {
    fc.assert(
      fc.property(cased, (text) => {
        // Marks in their canonical order first: the iota subscript becomes a letter and would change places with them.
        const ordered = text.normalize('NFD')
        assert.equal(normaliseIdentifier(ordered.toLowerCase()), normaliseIdentifier(text))
        assert.equal(normaliseIdentifier(ordered.toUpperCase()), normaliseIdentifier(text))
      }),
      { numRuns: 1000 },
    )
  })

  it('takes no longer than the text is long', () => {
    const started = performance.now()
    for (const text of ['ı'.repeat(16_000), '@ü'.repeat(8000), `a@${'ü.'.repeat(8000)}`, 'a\u0301'.repeat(8000)]) {
      normaliseIdentifier(text)
    }
    assert.ok(performance.now() - started < 2000)
  })
})

describe('isEmailAddress', () => {
  const table: readonly [string, boolean][] = [
    ['ada@example.com', true],
    ['ada@bücher.example', true],
    ['ada', false],
    ['ada@localhost', false],
    ['a@b@example.com', false],
    ['ada@example.', false],
    ['ada@.example', false],
    ['ada @example.com', false],
    ['@example.com', false],
    ['', false],
    [`${'a'.repeat(242)}@example.com`, true],
    [`${'a'.repeat(243)}@example.com`, false],
  ]
  for (const [text, expected] of table) {
    it(`says ${expected ? 'yes' : 'no'} to ${JSON.stringify(text.slice(0, 30))} of ${text.length}`, () => {
      assert.equal(isEmailAddress(text), expected)
    })
  }

  it('takes no longer than the text is long', () => {
    const started = performance.now()
    isEmailAddress(`a@${'a.'.repeat(50_000)}`)
    isEmailAddress('a@'.repeat(126))
    assert.ok(performance.now() - started < 500)
  })
})
