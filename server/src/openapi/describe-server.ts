import { constant, type DoorDescription, exactly, headOf, type Operation, RETRY_AFTER } from '../http/operation.ts'

const health: Operation = {
  summary: 'Whether the process answers',
  replies: { 200: { description: 'It does.', schema: exactly({ status: constant('ok') }) } },
}

const readiness: Operation = {
  summary: 'Whether it should be sent requests',
  replies: {
    200: { description: 'It should.', schema: exactly({ status: constant('ready') }) },
    503: {
      description: 'It is stopping, or its database does not answer.',
      schema: exactly({ status: { enum: ['draining', 'database unavailable'] } }),
      headers: [RETRY_AFTER],
    },
  },
}

const CACHED = { 304: { description: 'Nothing has changed since the `ETag` of `If-None-Match`.' } }

const document: Operation = {
  summary: 'This document',
  description: 'OpenAPI 3.1. `latchkey openapi` prints it without a server.',
  replies: { 200: { description: 'The document.', schema: { type: 'object' } }, ...CACHED },
}

const page: Operation = {
  summary: 'This document, for people',
  replies: { 200: { description: 'The page.', contentType: 'text/html', schema: { type: 'string' } }, ...CACHED },
}

const style: Operation = {
  summary: 'How that page looks',
  replies: { 200: { description: 'The style.', contentType: 'text/css', schema: { type: 'string' } }, ...CACHED },
}

const icon: Operation = {
  summary: 'The icon of that page',
  replies: { 200: { description: 'The icon.', contentType: 'image/svg+xml', schema: { type: 'string' } }, ...CACHED },
}

/** What the server itself answers, besides its doors. */
export function describeServer({ hasDocs }: { hasDocs: boolean }): DoorDescription {
  const gets = { '/healthz': health, '/readyz': readiness }
  const docs = { '/openapi.json': document, '/docs': page, '/docs/style.css': style, '/docs/icon.svg': icon }
  return {
    name: 'server',
    description: 'How it is, and what it offers.',
    operations: Object.fromEntries(
      Object.entries({ ...gets, ...(hasDocs ? docs : {}) }).map(([path, get]) => [
        path,
        { GET: get, HEAD: headOf(get) },
      ]),
    ),
  }
}
