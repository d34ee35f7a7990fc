import { isDeepStrictEqual } from 'node:util'
import { type Document, METHODS } from '../document.ts'
import { type Html, html, prose } from './html.ts'
import { type PlacedOperation, writeMethod, writeOperation } from './write-operation.ts'

/** Writes the reference for people: every operation of a document on one page, which needs no script. */
export function writePage(document: Document): string {
  const operations = listOperations(document)
  const sections = document.tags.map(({ name, description }) => {
    // Where contracts share an operation it stands with the first; the menu shows it with each.
    const own = operations.filter(({ operation }) => operation.tags[0] === name)
    return html`<section class="door" id="${idOf(name)}"><h2>${name}</h2>${prose(description)}
${own.map((placed) => writeOperation(placed, document))}</section>`
  })
  const menu = writeMenu(document, operations)
  const { title, version, description } = document.info
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} ${version}: reference</title>
<link rel="icon" href="/docs/icon.svg">
<link rel="stylesheet" href="/docs/style.css">
</head>
<body>
<aside><a class="home" href="#top">${title}</a>${menu}</aside>
<main id="top">
<header>
<h1>${title} <small>${version}</small></h1>
<p class="facts">At <code>${document.servers[0]?.url ?? ''}</code> · <a href="/openapi.json">openapi.json</a>, for programs</p>
<details class="menu"><summary>Contents</summary>${menu}</details>
${prose(description)}
</header>
${sections}
</main>
</body>
</html>
`
  return page.html
}

function writeMenu({ tags }: Document, operations: readonly PlacedOperation[]): Html {
  const groups = tags.map(({ name }) => {
    const entries = operations
      .filter(({ operation, isMinor }) => operation.tags.includes(name) && !isMinor)
      .map(
        ({ method, path, operation }) =>
          html`<li><a href="#${operation.operationId}" title="${path}">${writeMethod(method)} <span>${operation.summary}<small>${path}</small></span></a></li>`,
      )
    return html`<h2><a href="#${idOf(name)}">${name}</a></h2><ul>${entries}</ul>`
  })
  return html`<nav>${groups}</nav>`
}

function listOperations({ paths, servers }: Document): PlacedOperation[] {
  return Object.entries(paths).flatMap(([path, item]) => {
    const own = METHODS.flatMap((method) => {
      const operation = item[method]
      return operation === undefined ? [] : [{ method, path, servers: item.servers ?? servers, operation }]
    })
    const [first] = own
    return own.map((placed) => {
      const repeats = placed !== first && isDeepStrictEqual(placed.operation.responses, first?.operation.responses)
      return { ...placed, isMinor: repeats || placed.method === 'head' || placed.method === 'options' }
    })
  })
}

function idOf(tag: string): string {
  return `door-${tag}`
}
