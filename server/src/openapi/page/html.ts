/** Finished HTML. A plain text never is: it is escaped where it is put in. */
export type Html = { readonly html: string }

type Part = Html | string | number | null | readonly Part[]

/** Writes HTML; whatever is put in is escaped, unless it is HTML itself. `null` is nothing. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: texts.reduce((whole, text, index) => `${whole}${write(parts[index - 1] ?? null)}${text}`) }
}

/** Writes the little Markdown that descriptions have: paragraphs, lists and `code`. */
export function prose(text: string): Html {
  const blocks = text.split('\n\n').map((block) => {
    const lines = block.split('\n')
    if (!lines.every((line) => line.startsWith('- '))) return html`<p>${phrase(block)}</p>`
    return html`<ul>${lines.map((line) => html`<li>${phrase(line.slice(2))}</li>`)}</ul>`
  })
  return html`${blocks}`
}

/** The same for a few words: `code` and nothing else. */
export function phrase(text: string): Html {
  const parts = text.split('`')
  return html`${parts.map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`
}

function write(part: Part): string {
  if (part === null) return ''
  if (typeof part === 'object') return 'html' in part ? part.html : part.map(write).join('')
  return String(part).replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
