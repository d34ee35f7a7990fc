import type {
  Document,
  DocumentedExample,
  DocumentedOperation,
  DocumentedReply,
  ExampleRequest,
  Media,
  Reference,
  Server,
} from '../document.ts'
import { type Html, html, phrase, prose } from './html.ts'
import { writeSchema } from './write-schema.ts'

/** An operation, and where it is. */
export type PlacedOperation = {
  readonly method: string
  readonly path: string
  readonly servers: readonly Server[]
  readonly operation: DocumentedOperation
  /** Whether it says little that the others at its path do not: it is folded. */
  readonly isMinor: boolean
}

/** Writes one operation: what it is for, what it takes, and what it answers, each with its examples. */
export function writeOperation({ isMinor, ...placed }: PlacedOperation, document: Document): Html {
  const { method, path, operation } = placed
  const heading = html`${writeMethod(method)} <code class="path">${path}</code>`
  const title = html`<span class="title">${operation.summary}</span>`
  const id = operation.operationId
  if (isMinor) {
    return html`<details class="operation minor" id="${id}"><summary>${heading} ${title}</summary>${writeInside(placed, document)}</details>`
  }
  return html`<section class="operation" id="${id}">
<h3>${title} <a class="anchor" href="#${id}" aria-label="A link to this operation">#</a></h3>
<p class="line">${heading}</p>
${writeInside(placed, document)}
</section>`
}

export function writeMethod(method: string): Html {
  return html`<span class="method ${method}">${method.toUpperCase()}</span>`
}

function writeInside({ servers, path, operation }: Omit<PlacedOperation, 'isMinor'>, document: Document): Html {
  const { description, parameters = [], requestBody, responses, security } = operation
  const [, ...places] = servers
  const also = places.map(({ url }) => html` Also at <code>${new URL(url).pathname}${path}</code>.`)
  return html`${description === undefined ? null : prose(description)}
<p class="facts">${wordSecurity(security)}${also}</p>
${
  parameters.length === 0
    ? null
    : html`<h4>Query</h4><dl>${parameters.map(
        ({ name, description, schema }) =>
          html`<dt><code>${name}</code></dt><dd><span class="type">${String(schema.type)}</span><p>${phrase(description)}</p></dd>`,
      )}</dl>`
}
${requestBody === undefined ? null : writeRequest(requestBody.content, document)}
<h4>Replies</h4>
${Object.entries(responses).map(([status, reply]) => writeReply(status, resolve(reply, document), document))}`
}

function wordSecurity(security: DocumentedOperation['security']): Html {
  const names = security.flatMap((requirement) => Object.keys(requirement))
  if (names.length === 0) return html`Open to anybody.`
  if (names.includes('service')) return html`For registered services, with their id and secret.`
  return html`Needs a live token, as <code>Authorization: Bearer …</code> or <code>Token …</code>.`
}

function writeRequest(content: Readonly<Record<string, Media>>, document: Document): Html {
  const [first] = Object.values(content)
  const types = Object.keys(content).map((type, index) => html`${index === 0 ? '' : ' or '}<code>${type}</code>`)
  const examples = Object.entries(first?.examples ?? {})
  return html`<h4>Request</h4>
<p class="facts">${types}</p>
${first === undefined ? null : writeSchema(first.schema, document)}
${examples.map(([name, { value }]) => html`<details class="example"><summary>${name}</summary>${writeJson(value)}</details>`)}`
}

function writeReply(
  status: string,
  { description, headers = {}, content = {} }: DocumentedReply,
  document: Document,
): Html {
  const [media] = Object.entries(content)
  const lines = Object.entries(headers).map(
    ([name, header]) => html`<dt><code>${name}</code></dt><dd>${phrase(header.description)}</dd>`,
  )
  const heading = html`<span class="status s${status.charAt(0)}">${status}</span> ${phrase(description)}`
  if (media === undefined && lines.length === 0) return html`<p class="reply">${heading}</p>`
  return html`<details class="reply"${status.startsWith('2') ? html` open` : null}><summary>${heading}</summary>
${lines.length === 0 ? null : html`<dl class="headers">${lines}</dl>`}
${media === undefined ? null : html`<p class="facts"><code>${media[0]}</code></p>${writeSchema(media[1].schema, document)}`}
${Object.entries(media?.[1].examples ?? {}).map(([name, example]) => writeExample(name, example))}
</details>`
}

function writeExample(name: string, { value, 'x-request': request }: DocumentedExample): Html {
  return html`<details class="example"><summary>${name}</summary>
${request === undefined ? null : writeExampleRequest(request)}
${writeJson(value)}</details>`
}

function writeExampleRequest({ method, path, headers = {}, json, body }: ExampleRequest): Html {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const sent = json === undefined ? body : JSON.stringify(json, null, 2)
  const text = [`${method} ${path}`, ...lines, ...(sent === undefined ? [] : ['', sent])].join('\n')
  return html`<pre class="request">${text}</pre>`
}

function writeJson(value: unknown): Html {
  return html`<pre>${JSON.stringify(value, null, 2)}</pre>`
}

function resolve(reply: DocumentedReply | Reference, { components }: Document): DocumentedReply {
  if (!('$ref' in reply)) return reply
  const name = reply.$ref.slice('#/components/responses/'.length)
  return components.responses[name] ?? { description: name }
}
