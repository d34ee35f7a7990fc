import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { html, phrase, prose } from './html.ts'

describe('html', () => {
  it('escapes whatever is put in, and what is HTML is left as it is', () => {
    const hostile = `<script>"'&</script>`
    const escaped = '&#60;script&#62;&#34;&#39;&#38;&#60;/script&#62;'
    assert.equal(html`<p title="${hostile}">${hostile}</p>`.html, `<p title="${escaped}">${escaped}</p>`)
    assert.equal(html`<p>${html`<b>${'<'}</b>`}</p>`.html, '<p><b>&#60;</b></p>')
  })

  it('writes lists one after the other, numbers as they are, and nothing for null', () => {
    assert.equal(html`${['a', html`<br>`, ['<']]}${null}${2}`.html, 'a<br>&#60;2')
  })

  it('knows code, paragraphs and lists, and escapes in each', () => {
    assert.equal(phrase('a `<b>` c').html, 'a <code>&#60;b&#62;</code> c')
    assert.equal(
      prose('one\n\n- `two`\n- <three>').html,
      '<p>one</p><ul><li><code>two</code></li><li>&#60;three&#62;</li></ul>',
    )
  })
})
